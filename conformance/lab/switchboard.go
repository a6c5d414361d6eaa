package lab

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// switchboard leads requests to the party whose path they begin with. Parties come and go during a run.
type switchboard struct {
	visit func(uri string)

	mu      sync.RWMutex
	parties map[string]http.Handler
}

func (s *switchboard) handle(prefix string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parties == nil {
		s.parties = map[string]http.Handler{}
	}
	s.parties[prefix] = h
}

func (s *switchboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.visit(r.URL.RequestURI())
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.RLock()
	h := s.parties["/"+first]
	s.mu.RUnlock()
	if h == nil {
		http.NotFound(w, r)
		return
	}
	h.ServeHTTP(w, r)
}

// visits counts requests by path and query.
type visits struct {
	mu   sync.Mutex
	uris map[string]int
}

func (v *visits) add(uri string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.uris == nil {
		v.uris = map[string]int{}
	}
	v.uris[uri]++
}

func (v *visits) list() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Sorted(maps.Keys(v.uris))
}

func (v *visits) count(prefix string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for uri, times := range v.uris {
		if strings.HasPrefix(uri, prefix) {
			n += times
		}
	}
	return n
}
