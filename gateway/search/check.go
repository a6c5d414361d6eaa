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
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// rootFile is where the library keeps which segments make up the index.
const rootFile = "root.bolt"

// checkFiles reads an index's files through before the library maps them into memory: what was cut off
// or changed on disk would end the process there.
func checkFiles(ctx context.Context, dir string) error {
	store := filepath.Join(dir, "store")
	list, err := os.ReadDir(store)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	root := false
	for _, e := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(store, e.Name())
		switch {
		case e.Name() == rootFile:
			root, err = true, checkRoot(path)
		case strings.HasSuffix(e.Name(), ".zap"):
			err = checkSegment(path)
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrDamaged, e.Name(), err)
		}
	}
	if !root {
		return fmt.Errorf("%w: no %s", ErrDamaged, rootFile)
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

// checkRoot walks over everything in the root file. A page that lies beyond the end of a file cut short
// is a fault of memory: here it is a panic, and the panic an error.
func checkRoot(path string) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer damaged(&err)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return walk(b, filepath.Dir(path)) })
	})
}

// pathKey is under what the library keeps the file name of a segment.
const pathKey = "p"

// walk reads everything in a bucket. A segment whose file is gone is damage: the library would go on
// without it, with an older state or none.
func walk(b *bbolt.Bucket, store string) error {
	return b.ForEach(func(k, v []byte) error {
		if inner := b.Bucket(k); v == nil && inner != nil {
			return walk(inner, store)
		}
		if string(k) == pathKey {
			if _, err := os.Stat(filepath.Join(store, filepath.Base(string(v)))); err != nil {
				return err
			}
		}
		crc32.ChecksumIEEE(v) // reads it
		return nil
	})
}
