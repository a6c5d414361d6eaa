package federation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// House is the entities one hub hosts: the contact point and the bodies under it. It is safe for
// concurrent use and is not copied.
type House struct {
	Head   *Self
	Bodies []*Self

	mu      sync.Mutex
	vouched map[*Self]vouched // one for each body
}

// vouched is the head's statement about a body, made beside these configurations of the two.
type vouched struct{ token, head, body string }

// Paths of the endpoints below the head's identifier.
const (
	fetchPath = "/federation/fetch"
	listPath  = "/federation/list"
)

// EndpointsOf is the federation_entity metadata of a head that serves Handler.
func EndpointsOf(entity, name string) FederationMetadata {
	base := strings.TrimSuffix(entity, "/")
	return FederationMetadata{FetchEndpoint: base + fetchPath, ListEndpoint: base + listPath, OrganizationName: name}
}

// Register mounts the configuration of every entity and the head's fetch and list endpoints
// (OpenID Federation 1.1 §8.1, §8.2, §9). Paths follow the entity identifiers.
func (h *House) Register(mux *http.ServeMux) error {
	taken := map[string]string{}
	for _, s := range append([]*Self{h.Head}, h.Bodies...) {
		path, err := pathOf(s.Entity())
		if err != nil {
			return err
		}
		if other, ok := taken[path]; ok {
			return fmt.Errorf("%s and %s have the same path", other, s.Entity())
		}
		taken[path] = s.Entity()
		mux.HandleFunc("GET "+path+WellKnown, func(w http.ResponseWriter, r *http.Request) {
			serveStatement(w, r, s.Configuration)
		})
	}
	base, err := pathOf(h.Head.Entity())
	if err != nil {
		return err
	}
	mux.HandleFunc("GET "+base+fetchPath, h.serveFetch)
	mux.HandleFunc("GET "+base+listPath, h.serveList)
	return nil
}

func pathOf(entity string) (string, error) {
	u, err := url.Parse(entity)
	if err != nil {
		return "", err
	}
	if strings.ContainsAny(u.Path, "{} ") {
		return "", fmt.Errorf("the path of %s cannot be served", entity)
	}
	return strings.TrimSuffix(u.Path, "/"), nil
}

func (h *House) serveFetch(w http.ResponseWriter, r *http.Request) {
	sub := r.URL.Query().Get("sub")
	if sub == "" {
		federationError(w, http.StatusBadRequest, "invalid_request", "sub is missing")
		return
	}
	for _, b := range h.Bodies {
		if b.Entity() == sub {
			serveStatement(w, r, func() (string, error) { return h.vouchFor(b) })
			return
		}
	}
	federationError(w, http.StatusNotFound, "not_found", "no such subordinate")
}

// vouchFor is the head's statement about one of its bodies. It is made anew when the configuration of
// either is, so that a stream of requests costs one signature, and a key that was dropped is dropped
// here too.
func (h *House) vouchFor(b *Self) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := vouched{}
	var err error
	if v.head, err = h.Head.Configuration(); err != nil {
		return "", err
	}
	if v.body, err = b.Configuration(); err != nil {
		return "", err
	}
	if kept, ok := h.vouched[b]; ok && kept.head == v.head && kept.body == v.body {
		return kept.token, nil
	}
	keys, err := b.o.Keys.Public()
	if err != nil {
		return "", err
	}
	if v.token, err = h.Head.vouchBody(b, keys); err != nil {
		return "", err
	}
	if h.vouched == nil {
		h.vouched = map[*Self]vouched{}
	}
	h.vouched[b] = v
	return v.token, nil
}

func (h *House) serveList(w http.ResponseWriter, r *http.Request) {
	list := make([]string, 0, len(h.Bodies))
	for _, b := range h.Bodies {
		list = append(list, b.Entity())
	}
	body, err := json.Marshal(list)
	if err != nil {
		federationError(w, http.StatusInternalServerError, "server_error", "the list cannot be made now")
		return
	}
	ServeDocument(w, r, "application/json", body)
}

func serveStatement(w http.ResponseWriter, r *http.Request, make func() (string, error)) {
	token, err := make()
	if err != nil {
		federationError(w, http.StatusInternalServerError, "server_error", "the statement cannot be made now")
		return
	}
	ServeDocument(w, r, "application/"+TypStatement, []byte(token))
}

// federationError answers as OpenID Federation 1.1 §8.9 says.
func federationError(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": description})
}

// ChainOf is the chain of one of the head's bodies, as it stands now: its configuration, the head's
// statement about it, and what stands above the head (from Resolver.Above).
func (h *House) ChainOf(b *Self, above []string) ([]string, error) {
	config, err := b.Configuration()
	if err != nil {
		return nil, err
	}
	about, err := h.vouchFor(b)
	if err != nil {
		return nil, err
	}
	return append([]string{config, about}, above...), nil
}
