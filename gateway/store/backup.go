package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// A backup is three files: the copy, PATH.json (Manifest), and the key ring beside them. All backups
// in one directory share the ring: every backup brings the newest, so that what was erased since can
// be read from none of them. A directory serves one record.

// manifestFormat names the form of a manifest.
const manifestFormat = "ehdsgw-backup/v1"

// Manifest says what a backup must be. It is not signed; the checkpoint in it is.
type Manifest struct {
	Format     string `json:"format"`
	Size       int64  `json:"size"`   // of the copy, bytes
	SHA256     string `json:"sha256"` // of the copy, lower-case hex
	TreeSize   int64  `json:"tree_size"`
	Root       string `json:"root"` // of the log, base64
	Checkpoint string `json:"checkpoint"`
}

// Backup writes a consistent copy to path, which must not exist, while the record works on, with its
// manifest and the key ring. Files have mode 0600. Without the record key, which is not in it, a
// backup shows personal cases to nobody.
func (r *Record) Backup(ctx context.Context, path string) (err error) {
	r.backups.Lock()
	defer r.backups.Unlock()
	if err := r.sameRing(path); err != nil {
		return err
	}
	if err := r.db.Copy(ctx, path); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil { // without its manifest a copy is no backup
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if err := r.db.CopyRing(path).Replace(r.keys.ring.snapshot()); err != nil {
		return fmt.Errorf("backup: key ring: %w", err)
	}
	m, err := describe(ctx, r.opts.Driver, path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return writeManifest(path+".json", m)
}

// sameRing refuses a directory whose ring is another record's, or has seen erasures this one has not.
func (r *Record) sameRing(path string) error {
	there, ok, err := readRing(r.db.CopyRing(path))
	if err != nil || !ok {
		return err
	}
	id, generation := r.keys.ring.state()
	otherID, otherGeneration := there.state()
	if string(id) != string(otherID) || otherGeneration > generation {
		return fmt.Errorf("%w: the key ring in %s is another record's or newer", ErrKey, filepath.Dir(path))
	}
	return nil
}

// describe reads the manifest off a copy.
func describe(ctx context.Context, d Driver, path string) (Manifest, error) {
	size, sum, err := digestFile(path)
	if err != nil {
		return Manifest{}, err
	}
	snap, err := d.OpenCopy(ctx, path)
	if err != nil {
		return Manifest{}, err
	}
	db := sql.OpenDB(snap.Reader())
	v := view{s: newSession(db)}
	treeSize, note, err := v.checkpoint(ctx, 0)
	err = errors.Join(err, v.s.close(), db.Close(), snap.Close())
	_, root := checkpointText(note)
	return Manifest{Format: manifestFormat, Size: size, SHA256: sum, TreeSize: treeSize, Root: root, Checkpoint: string(note)}, err
}

func digestFile(path string) (int64, string, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return n, hex.EncodeToString(h.Sum(nil)), err
}

func writeManifest(path string, m Manifest) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// maxManifest bounds what is read of a manifest, in bytes.
const maxManifest = 1 << 20

func readManifest(path string) (Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: manifest: %w", ErrCorrupt, err)
	}
	defer f.Close()
	var m Manifest
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m); err != nil || m.Format != manifestFormat {
		return Manifest{}, fmt.Errorf("%w: the manifest cannot be read", ErrCorrupt)
	}
	return m, nil
}

// VerifyBackup checks a backup without changing anything: digest, engine, the whole log against its
// signed checkpoints, every token and record a leaf commits to, and a sample of everything else that
// is sealed. Of opts it needs Driver, Origin, LogVerifiers and RecordKey. Errors wrap ErrCorrupt,
// ErrKey or ErrSchema.
func VerifyBackup(ctx context.Context, path string, opts Options) (rep Report, err error) {
	m, err := readManifest(path + ".json")
	if err != nil {
		return Report{}, err
	}
	size, sum, err := digestFile(path)
	if err != nil {
		return Report{}, err
	}
	if size != m.Size || sum != m.SHA256 {
		return Report{}, fmt.Errorf("%w: the copy is not the one of its manifest", ErrCorrupt)
	}
	snap, err := opts.Driver.OpenCopy(ctx, path)
	if err != nil {
		return Report{}, err
	}
	db := sql.OpenDB(snap.Reader())
	defer func() { err = errors.Join(err, db.Close(), snap.Close()) }()
	if err := knownSchema(ctx, db); err != nil {
		return Report{}, err
	}
	ring, ok, err := readRing(snap.Ring())
	if err != nil {
		return Report{}, err
	}
	if !ok {
		return Report{}, fmt.Errorf("%w: the key ring beside the backup is missing", ErrKey)
	}
	rep, err = verify(ctx, snap, db, newCaseKeys(opts.RecordKey, ring), opts)
	rep.Size, rep.SHA256 = size, sum
	if err == nil && (strconv.FormatInt(rep.Leaves, 10)+rep.Root != strconv.FormatInt(m.TreeSize, 10)+m.Root) {
		err = fmt.Errorf("%w: the log is not the one of the manifest", ErrCorrupt)
	}
	return rep, err
}

// knownSchema refuses a copy of a schema this program cannot read as it is.
func knownSchema(ctx context.Context, db *sql.DB) error {
	steps, err := migrations(Dialect{})
	if err != nil {
		return err
	}
	c, err := db.Conn(ctx)
	if err != nil {
		return dbErr(err)
	}
	defer c.Close()
	have, err := schemaVersion(ctx, c, steps)
	if err == nil && have != int64(len(steps)) {
		err = fmt.Errorf("%w: version %d, not %d: restore it to bring it up to date", ErrSchema, have, len(steps))
	}
	return err
}
