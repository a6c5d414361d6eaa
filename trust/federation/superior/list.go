package superior

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// List names the subordinates a filter lets through.
func (s *Superior) List(f Filter) ([]string, error) {
	all, err := s.o.Registry.all()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, k := range all {
		sub := &k.record
		if sub.State != Withdrawn && !sub.MarksOnly && f.passes(*sub) {
			out = append(out, sub.Entity)
		}
	}
	return out, nil
}

// Filter is a question to the list endpoint (OpenID Federation 1.1 §8.2.1). Zero members let all
// through.
type Filter struct {
	Types        []string // any of them
	Marked       bool     // only entities with an active mark
	MarkType     string   // only those with an active one of this type
	Intermediate *bool
}

func (f Filter) passes(s Subordinate) bool {
	is := func(t string) bool { return t == federation.TypeFederationEntity || slices.Contains(s.Types, t) }
	switch {
	case len(f.Types) > 0 && !slices.ContainsFunc(f.Types, is):
		return false
	case (f.Marked || f.MarkType != "") && !s.hasMarks(f.MarkType):
		return false
	case f.Intermediate != nil && *f.Intermediate != s.Intermediate:
		return false
	}
	return true
}
