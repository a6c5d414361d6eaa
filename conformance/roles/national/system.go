package national

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// MediaType is that of the catalogue.
const MediaType = "text/turtle"

// The bodies that datasets name as theirs.
const (
	FirstBody  = "https://catalogue.example/agents/first-body"
	SecondBody = "https://catalogue.example/agents/second-body"
)

// Options of the national systems. All are required.
type Options struct {
	URL  string // of the systems' own origin and path
	HTTP *http.Client
}

// System is the national side. It is safe for concurrent use.
type System struct {
	o    Options
	path string

	mu         sync.Mutex
	dispatcher string // base URL of the target's interface
	key        string // its X-API-key
	datasets   map[string]Dataset
	raw        string // served as it is instead of the datasets, when not empty
	fail       int    // status every reading is answered with; 0 for none
	reads      int
}

// New makes national systems with an empty catalogue.
func New(o Options) *System {
	u, err := url.Parse(o.URL)
	path := ""
	if err == nil {
		path = strings.TrimSuffix(u.Path, "/")
	}
	return &System{o: o, path: path, datasets: map[string]Dataset{}}
}

// Use says where the target's dispatcher interface is, and the key it lets the system in with.
func (s *System) Use(base, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dispatcher, s.key = strings.TrimSuffix(base, "/"), key
}

// Handler serves the catalogue.
func (s *System) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+s.path+"/catalogue.ttl", s.serveCatalogue)
	return mux
}

// CatalogueURL is where the catalogue is read.
func (s *System) CatalogueURL() string { return s.o.URL + "/catalogue.ttl" }
