package lab

import (
	"net/http"
	"strings"
	"sync"
)

// switchboard leads requests to the party whose path they begin with. Parties come and go during a run.
type switchboard struct {
	visit func(path string)

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
	s.visit(r.URL.Path)
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

// visits counts requests by path.
type visits struct {
	mu    sync.Mutex
	paths map[string]int
}

func (v *visits) add(path string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.paths == nil {
		v.paths = map[string]int{}
	}
	v.paths[path]++
}

func (v *visits) count(prefix string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for path, times := range v.paths {
		if strings.HasPrefix(path, prefix) {
			n += times
		}
	}
	return n
}
