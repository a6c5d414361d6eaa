package superior

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// generationName is the file that counts changes, so that other processes see each of them however close
// together: times of files are too coarse. The count is odd while a change is under way. It need not outlast
// a loss of power: no index does.
const generationName = ".generation"

// changing stands for a count by which nothing may be kept: a change is under way, or was broken off.
const changing int64 = -1

// generation reads the count. Without a file nothing was changed yet by a program that counts.
func (r *Registry) generation() int64 {
	n, err := r.count()
	if err != nil || n%2 != 0 {
		return changing
	}
	return n
}

func (r *Registry) count() (int64, error) {
	raw, err := os.ReadFile(filepath.Join(r.dir, generationName))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 62)
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return n, err
}

// counted does one change to a file and counts it. The register is locked.
func (r *Registry) counted(name string, change func() error) error {
	n, err := r.count()
	before := n
	if err != nil {
		n = r.clock().UnixNano() // a count that nobody has seen
	}
	if err != nil || n%2 != 0 {
		before = changing
	}
	start := n + 1 + n%2 // odd, also after a change that was broken off
	if err := r.setCount(start); err != nil {
		return err
	}
	if err := change(); err != nil {
		_ = r.setCount(start + 1) // left odd, the directory is looked through each time: slow and right
		return err
	}
	if r.setCount(start+1) == nil {
		r.wrote(name, before, start+1)
	}
	return nil
}

// setCount replaces the file: a reader sees one count or the other.
func (r *Registry) setCount(n int64) error {
	f, err := os.CreateTemp(r.dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.FormatInt(n, 10) + "\n")
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(r.dir, generationName))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error to report is the first one
	}
	return err
}
