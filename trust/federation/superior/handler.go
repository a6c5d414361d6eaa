package superior

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

type rawJSON = json.RawMessage

// Bounds of a request, in bytes.
const (
	maxQuery = 8 << 10
	maxForm  = 256 << 10
)

// Handler serves the configuration and the endpoints at the paths of the entity identifier.
func (s *Superior) Handler() (http.Handler, error) {
	u, err := url.Parse(s.o.Entity)
	if err != nil {
		return nil, err
	}
	base := strings.TrimSuffix(u.Path, "/")
	routes := map[string]endpoint{
		federation.WellKnown: {http.MethodGet, s.serveConfiguration, nil},
		fetchPath:            {http.MethodGet, s.serveFetch, []string{"sub"}},
		listPath:             {http.MethodGet, s.serveList, []string{"entity_type", "trust_marked", "trust_mark_type", "intermediate"}},
		resolvePath:          {http.MethodGet, s.serveResolve, []string{"sub", "trust_anchor", "entity_type"}},
		markPath:             {http.MethodGet, s.serveMark, []string{"trust_mark_type", "sub"}},
		markListPath:         {http.MethodGet, s.serveMarkList, []string{"trust_mark_type", "sub"}},
		markStatusPath:       {http.MethodPost, s.serveMarkStatus, []string{"trust_mark"}},
		historicalPath:       {http.MethodGet, s.serveHistorical, nil},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		below, ours := strings.CutPrefix(r.URL.Path, base)
		e, known := routes[below]
		if !ours || !known {
			refuse(w, http.StatusNotFound, "not_found", "there is nothing at this path")
			return
		}
		s.serve(w, r, e)
	}), nil
}

// endpoint is one endpoint: its method and the parameters it knows.
type endpoint struct {
	method     string
	do         func(*http.Request, url.Values) (reply, error)
	parameters []string
}

// reply is what an endpoint answers.
type reply struct {
	mediaType string
	body      []byte
	cache     string // Cache-Control
}

func token(typ, text string, err error) (reply, error) {
	return reply{"application/" + typ, []byte(text), "max-age=30"}, err
}

// fresh forbids keeping a reply: it holds for this moment.
func fresh(r reply, err error) (reply, error) {
	r.cache = "no-store"
	return r, err
}

func list(names []string, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	body, err := json.Marshal(names)
	return reply{"application/json", body, "max-age=30"}, err
}

// serve reads the parameters within bounds, asks the endpoint and answers. HEAD is GET without a body.
func (s *Superior) serve(w http.ResponseWriter, r *http.Request, e endpoint) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method != e.method {
		w.Header().Set("Allow", e.method)
		refuse(w, http.StatusMethodNotAllowed, "invalid_request", "this endpoint takes "+e.method)
		return
	}
	values, err := parameters(w, r, e)
	if err == nil {
		var answer reply
		if answer, err = e.do(r, values); err == nil {
			w.Header().Set("Content-Type", answer.mediaType)
			w.Header().Set("Cache-Control", answer.cache)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(answer.body) // the client is gone: nothing to mend
			return
		}
	}
	s.fail(w, r, err)
}

// parameters reads the query, or the form of a POST. A parameter that is not known is refused where it
// could narrow an answer (§8.2.1), and ignored nowhere else either: we know all there are.
func parameters(w http.ResponseWriter, r *http.Request, e endpoint) (url.Values, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, invalid("the query is too long")
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("the query cannot be read")
	}
	if e.method == http.MethodPost {
		if len(values) > 0 {
			return nil, invalid("the parameters belong in the body")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return nil, invalid("the form cannot be read")
		}
		values = r.PostForm
	}
	for name, given := range values {
		if !slices.Contains(e.parameters, name) {
			return nil, &problem{http.StatusBadRequest, "unsupported_parameter", "a parameter is not known here"}
		}
		if len(given) > 1 && name != "entity_type" && name != "trust_anchor" {
			return nil, invalid(name + " is given more than once")
		}
	}
	return values, nil
}

func (s *Superior) serveConfiguration(*http.Request, url.Values) (reply, error) {
	text, err := s.Configuration()
	return token(federation.TypStatement, text, err)
}

func (s *Superior) serveFetch(_ *http.Request, v url.Values) (reply, error) {
	sub := v.Get("sub")
	if sub == "" || sub == s.o.Entity {
		return reply{}, invalid("sub names no subordinate")
	}
	text, err := s.Statement(sub)
	return token(federation.TypStatement, text, err)
}

func (s *Superior) serveList(_ *http.Request, v url.Values) (reply, error) {
	f := Filter{Types: v["entity_type"], MarkType: v.Get("trust_mark_type")}
	for name, set := range map[string]func(bool){
		"trust_marked": func(b bool) { f.Marked = b },
		"intermediate": func(b bool) { f.Intermediate = &b },
	} {
		if !v.Has(name) {
			continue
		}
		b, err := strconv.ParseBool(v.Get(name))
		if err != nil {
			return reply{}, invalid(name + " is true or false")
		}
		set(b)
	}
	return list(s.List(f))
}

func (s *Superior) serveResolve(r *http.Request, v url.Values) (reply, error) {
	if v.Get("sub") == "" || v.Get("trust_anchor") == "" {
		return reply{}, invalid("sub and trust_anchor are required")
	}
	anchors, err := s.anchors()
	if err != nil {
		return reply{}, err
	}
	if !slices.ContainsFunc(anchors, func(a federation.Anchor) bool { return slices.Contains(v["trust_anchor"], a.Entity) }) {
		return reply{}, &problem{http.StatusNotFound, "invalid_trust_anchor", "no chain from here ends at such an anchor"}
	}
	text, err := s.Resolve(r.Context(), v.Get("sub"), v["entity_type"])
	if isUnknown(err) {
		err = &problem{http.StatusNotFound, "invalid_subject", "no such subordinate"}
	}
	return token(federation.TypResolved, text, err)
}

func (s *Superior) serveMark(_ *http.Request, v url.Values) (reply, error) {
	if v.Get("sub") == "" || v.Get("trust_mark_type") == "" {
		return reply{}, invalid("sub and trust_mark_type are required")
	}
	text, err := s.Mark(v.Get("sub"), v.Get("trust_mark_type"))
	return fresh(token(federation.TypMark, text, err))
}

func (s *Superior) serveMarkList(_ *http.Request, v url.Values) (reply, error) {
	if v.Get("trust_mark_type") == "" {
		return reply{}, invalid("trust_mark_type is required")
	}
	return list(s.Marked(v.Get("trust_mark_type"), v.Get("sub")))
}

func (s *Superior) serveMarkStatus(_ *http.Request, v url.Values) (reply, error) {
	if v.Get("trust_mark") == "" {
		return reply{}, invalid("trust_mark is required")
	}
	text, err := s.MarkStatus(v.Get("trust_mark"))
	return fresh(token(federation.TypMarkStatus, text, err))
}

func (s *Superior) serveHistorical(r *http.Request, _ url.Values) (reply, error) {
	text, err := s.Historical(r.Context())
	return token(federation.TypHistorical, text, err)
}

// problem is an error of the specification (OpenID Federation 1.1 §8.9).
type problem struct {
	status            int
	code, description string
}

func (p *problem) Error() string { return p.description }

func invalid(description string) error {
	return &problem{http.StatusBadRequest, "invalid_request", description}
}

// fail answers an error. What is not foreseen is logged and not told.
func (s *Superior) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case isUnknown(err), errors.Is(err, federation.ErrForeignMark):
		p = &problem{http.StatusNotFound, "not_found", "nothing is known about this here"}
	case errors.Is(err, federation.ErrUnavailable):
		p = &problem{http.StatusServiceUnavailable, "temporarily_unavailable", "a statement cannot be fetched now"}
		w.Header().Set("Retry-After", "30")
	case errors.Is(err, federation.ErrInvalidMetadata):
		p = &problem{http.StatusBadRequest, "invalid_metadata", "the entity's metadata does not pass the policy"}
	case errors.Is(err, federation.ErrChain), errors.Is(err, federation.ErrStatement), errors.Is(err, federation.ErrExpired), errors.Is(err, federation.ErrUnsupported):
		p = &problem{http.StatusBadRequest, "invalid_trust_chain", "the entity's chain does not hold"}
	default:
		s.o.Logger.ErrorContext(r.Context(), "a request to the superior failed", "path", r.URL.Path, "error", err)
		p = &problem{http.StatusInternalServerError, "server_error", "this cannot be answered now"}
	}
	refuse(w, p.status, p.code, p.description)
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": description})
}
