package superior

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

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
