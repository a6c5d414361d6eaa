package register

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// Register is the entries of a nation, the newest first. Its methods may be called by many goroutines.
type Register struct {
	mu    sync.RWMutex
	cases map[string][]Entry
	byID  map[string]*line
	order []*line // by when they changed, newest first; made anew when stale
	stale bool
	ready bool
}

// line is an entry with what a search looks at.
type line struct {
	Entry
	words string // in small letters
}

// New makes an empty register that is not ready.
func New() *Register { return &Register{cases: map[string][]Entry{}, byID: map[string]*line{}} }

// Put replaces the entries of a case; none takes it out.
func (r *Register) Put(caseID string, entries []Entry) {
	lines := make([]*line, len(entries))
	for i, e := range entries {
		lines[i] = &line{e, wordsOf(e)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.cases[caseID] {
		delete(r.byID, e.ID)
	}
	delete(r.cases, caseID)
	if len(entries) > 0 {
		r.cases[caseID] = entries
	}
	for _, l := range lines {
		r.byID[l.ID] = l
	}
	r.stale = true
}

// Of gives the entries of a case.
func (r *Register) Of(caseID string) []Entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.cases[caseID])
}

// Ready says that every case of the record was read once.
func (r *Register) Ready() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = true
}

// IsReady says whether what the register shows is the whole of it.
func (r *Register) IsReady() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.ready
}

// Entry gives an entry.
func (r *Register) Entry(id string) (Entry, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if l, ok := r.byID[id]; ok {
		return l.Entry, true
	}
	return Entry{}, false
}

// Query asks for entries. The zero value asks for all.
type Query struct {
	Text     string // words; each must occur
	Kind     Kind
	Purpose  string // key of Art. 53(1)
	Dataset  string // identifier
	Body     string // entity
	Page     int    // from 1; 0 is 1
	PageSize int    // 0 is DefaultPageSize
}

// Sizes of a page.
const (
	DefaultPageSize = 50
	MaxPageSize     = 500
	maxWords        = 16
)

// Page is a page of entries.
type Page struct {
	Total   int     `json:"total"`
	Page    int     `json:"page"`  // from 1
	Pages   int     `json:"pages"` // at least 1
	Entries []Entry `json:"entries"`
}

// Find gives a page of what a query asks for.
func (r *Register) Find(q Query) Page {
	size := min(cmp.Or(max(q.PageSize, 0), DefaultPageSize), MaxPageSize)
	words := strings.Fields(strings.ToLower(q.Text))
	words = words[:min(len(words), maxWords)]
	out := Page{Page: max(q.Page, 1), Entries: []Entry{}}
	from := (out.Page - 1) * size
	for _, l := range r.sorted() {
		if !q.takes(l, words) {
			continue
		}
		if out.Total >= from && len(out.Entries) < size {
			out.Entries = append(out.Entries, l.Entry)
		}
		out.Total++
	}
	out.Pages = max((out.Total+size-1)/size, 1)
	return out
}

func (q Query) takes(l *line, words []string) bool {
	switch {
	case q.Kind != "" && l.Kind != q.Kind,
		q.Body != "" && (l.Body == nil || l.Body.Entity != q.Body),
		q.Purpose != "" && !slices.Contains(l.Purposes, q.Purpose),
		q.Dataset != "" && !slices.ContainsFunc(l.Datasets, func(d Dataset) bool { return d.ID == q.Dataset }):
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(l.words, w) })
}

// sorted is the order of now. It is never changed, only replaced.
func (r *Register) sorted() []*line {
	r.mu.RLock()
	order, stale := r.order, r.stale
	r.mu.RUnlock()
	if !stale {
		return order
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stale {
		order = make([]*line, 0, len(r.byID))
		for _, l := range r.byID {
			order = append(order, l)
		}
		slices.SortFunc(order, func(a, b *line) int { return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.ID, b.ID)) })
		r.order, r.stale = order, false
	}
	return r.order
}

// wordsOf is what a search looks at.
func wordsOf(e Entry) string {
	parts := []string{e.Application, e.Title, e.Decision, e.Permit, e.Reasons, e.Summary, e.Measure}
	if e.User != nil {
		parts = append(parts, e.User.Name)
	}
	if e.Body != nil {
		for _, n := range e.Body.Name {
			parts = append(parts, n)
		}
	}
	for _, d := range e.Datasets {
		parts = append(parts, d.ID, d.Holder)
		for _, t := range d.Title {
			parts = append(parts, t)
		}
	}
	for _, key := range e.Purposes {
		parts = append(parts, PurposeName(key))
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}
