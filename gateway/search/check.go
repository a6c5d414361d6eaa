package search

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// rootFile is where the library keeps which segments make up the index.
const rootFile = "root.bolt"

// checkFiles reads an index's files through before the library maps them into memory: what was cut off
// or changed on disk would end the process there. Segments that the root does not name were being written
// when the process ended, and are nobody's.
func checkFiles(ctx context.Context, dir string) error {
	store := filepath.Join(dir, "store")
	segments, err := checkRoot(filepath.Join(store, rootFile))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, rootFile, err)
	}
	slices.Sort(segments)
	for _, name := range slices.Compact(segments) { // an older state may share them
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := checkSegment(filepath.Join(store, filepath.Base(name))); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
		}
	}
	return nil
}

// checkSegment compares a segment with the CRC-32 in its last four bytes.
func checkSegment(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < 4 {
		return io.ErrUnexpectedEOF
	}
	var sum hash.Hash32 = crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-4); err != nil {
		return err
	}
	var written [4]byte
	if _, err := io.ReadFull(f, written[:]); err != nil {
		return err
	}
	if sum.Sum32() != binary.BigEndian.Uint32(written[:]) {
		return fmt.Errorf("checksum differs")
	}
	return nil
}

// checkRoot walks over everything in the root file and names the segments it refers to. A page that lies
// beyond the end of a file cut short is a fault of memory: here it is a panic, and the panic an error.
func checkRoot(path string) (segments []string, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer damaged(&err)
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return walk(b, &segments) })
	})
	return segments, err
}

// pathKey is under what the library keeps the file name of a segment.
const pathKey = "p"

// walk reads everything in a bucket and collects the names of segments. A segment whose file is gone is
// damage: the library would go on without it, with an older state or none.
func walk(b *bbolt.Bucket, segments *[]string) error {
	return b.ForEach(func(k, v []byte) error {
		if inner := b.Bucket(k); v == nil && inner != nil {
			return walk(inner, segments)
		}
		if string(k) == pathKey {
			*segments = append(*segments, string(v))
		}
		crc32.ChecksumIEEE(v) // reads it
		return nil
	})
}
