package superior

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// sweepEvery is how long a file edited in place, which only its own stamp shows, may stay out of lists,
// rules about marks and the search for a key. What is said of one entity is read from its file.
const sweepEvery = 5 * time.Second

// reading is a record and the file it was read from.
type reading struct {
	record Subordinate
	file   fs.FileInfo
	prints []string // thumbprints of its keys (RFC 7638)
}

// of says whether the record is what a file says. A change is another file under the same name; the rest is
// for whoever edits one by hand.
func (k *reading) of(file fs.FileInfo) bool {
	return k != nil && os.SameFile(k.file, file) && k.file.Mode() == file.Mode() && k.file.Size() == file.Size() && k.file.ModTime().Equal(file.ModTime())
}

// index is the register in memory. It counts while the generation and the directory are those it was made
// of, and for sweepEvery. Anybody may cause a look at it by asking for our configuration or a list, so only
// files that changed are read, and by one caller at a time.
type index struct {
	generation int64
	dir        fs.FileInfo
	swept      time.Time
	files      map[string]*reading // by file name
	records    []*reading          // by entity; replaced, never changed
	holders    map[string][]string // entities not withdrawn, by thumbprint of a key
}

// look does something with an index that holds now, which it must not keep but for records.
func (r *Registry) look(do func(*index)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	generation := r.generation() // first of all: a change during the sweep shows in the next look
	dir, err := os.Stat(r.dir)
	if err != nil {
		return fmt.Errorf("superior: %w", err)
	}
	ix, now := r.index, r.clock()
	if ix == nil || ix.generation != generation || generation == changing || !os.SameFile(ix.dir, dir) ||
		!ix.dir.ModTime().Equal(dir.ModTime()) || now.Sub(ix.swept) >= sweepEvery || now.Before(ix.swept) {
		if ix, err = r.sweep(); err != nil {
			return err
		}
		ix.generation, ix.dir, ix.swept = generation, dir, now
		r.index = ix
	}
	do(ix)
	return nil
}

// sweep makes an index of what the directory holds. Only files that changed since the last one are read.
func (r *Registry) sweep() (*index, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, fmt.Errorf("superior: %w", err)
	}
	ix := &index{files: make(map[string]*reading, len(entries)), holders: make(map[string][]string, len(entries))}
	ix.records = make([]*reading, 0, len(entries))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		var k *reading
		if r.index != nil {
			k = r.index.files[e.Name()]
		}
		if info, err := e.Info(); err != nil || !k.of(info) {
			if k, err = r.readNamed(e.Name()); err != nil {
				return nil, err
			}
		}
		ix.files[e.Name()] = k
		ix.records = append(ix.records, k)
		ix.hold(k)
	}
	slices.SortFunc(ix.records, byEntity)
	return ix, nil
}

func byEntity(a, b *reading) int { return strings.Compare(a.record.Entity, b.record.Entity) }

// hold notes whose the keys of a record are.
func (ix *index) hold(k *reading) {
	if k.record.State == Withdrawn {
		return
	}
	for _, p := range k.prints {
		ix.holders[p] = append(ix.holders[p], k.record.Entity)
	}
}

// release is the opposite of hold.
func (ix *index) release(k *reading) {
	for _, p := range k.prints {
		ix.holders[p] = slices.DeleteFunc(ix.holders[p], func(e string) bool { return e == k.record.Entity })
		if len(ix.holders[p]) == 0 {
			delete(ix.holders, p)
		}
	}
}

// holder names another entity that has one of the keys of a record; empty when none has.
func (ix *index) holder(s Subordinate) string {
	for _, p := range thumbprints(s.Keys) {
		for _, e := range ix.holders[p] {
			if e != s.Entity {
				return e
			}
		}
	}
	return ""
}

// wrote takes a file that this process has written into the index, if that held up to then: between the
// generations before and after nobody else of this program has changed anything.
func (r *Registry) wrote(name string, before, after int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ix := r.index
	if ix == nil || ix.generation != before || before == changing || after == changing {
		return
	}
	k, err := r.readNamed(name)
	dir, errDir := os.Stat(r.dir)
	if err != nil || errDir != nil {
		r.index = nil
		return
	}
	if old := ix.files[name]; old != nil {
		ix.release(old)
	}
	ix.files[name] = k
	ix.hold(k)
	records := slices.Clone(ix.records)
	if i, had := slices.BinarySearchFunc(records, k, byEntity); had {
		records[i] = k
	} else {
		records = slices.Insert(records, i, k)
	}
	ix.records, ix.generation, ix.dir = records, after, dir
}

// thumbprints are those of a set's keys, whatever the set calls them.
func thumbprints(set jose.KeySet) []string {
	var out []string
	for _, k := range set.Keys {
		if p, err := jose.Thumbprint(k.Key); err == nil {
			out = append(out, p)
		}
	}
	return out
}
