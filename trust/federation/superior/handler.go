package superior

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
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
	now       bool // it holds for this moment, and is not to be kept
}

func (a reply) write(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !a.now {
		federation.ServeDocument(w, r, a.mediaType, a.body)
		return
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(a.body) // the client is gone: nothing to mend
}

func token(typ, text string, err error) (reply, error) {
	return reply{"application/" + typ, []byte(text), false}, err
}

// fresh forbids keeping a reply: it holds for this moment.
func fresh(r reply, err error) (reply, error) {
	r.now = true
	return r, err
}

func list(names []string, err error) (reply, error) {
	if err != nil {
		return reply{}, err
	}
	body, err := json.Marshal(names)
	return reply{"application/json", body, false}, err
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
			answer.write(w, r)
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
