package superior

import (
	"errors"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// markRules names, for an anchor, the subordinates that may issue marks now. One that is suspended or
// withdrawn may not.
func (s *Superior) markRules() (federation.MarkRules, error) {
	if !s.IsAnchor() {
		return federation.MarkRules{}, nil
	}
	all, err := s.o.Registry.all()
	if err != nil {
		return federation.MarkRules{}, err
	}
	rules := federation.MarkRules{Owners: s.o.Owners}
	for _, k := range all {
		sub := &k.record
		if sub.State != Active || sub.MarksOnly {
			continue
		}
		for _, t := range sub.Issues {
			if rules.Issuers == nil {
				rules.Issuers = map[string][]string{}
			}
			if rules.Issuers[t] == nil {
				rules.Issuers[t] = []string{s.o.Entity}
			}
			rules.Issuers[t] = append(rules.Issuers[t], sub.Entity)
		}
	}
	return rules, nil
}

// Mark makes a role mark for an active entity that has it. ErrUnknown otherwise: also for a suspended
// one, since a new mark would look good to whoever has not heard of the suspension.
func (s *Superior) Mark(entity, markType string) (string, error) {
	sub, err := s.o.Registry.Get(entity)
	if err != nil {
		return "", err
	}
	if !sub.hasMarks(markType) || markType == "" {
		return "", ErrUnknown
	}
	return s.self.IssueMark(entity, markType, s.o.Delegations[markType], s.o.MarkLife)
}

// MarkStatus is the signed status of a mark of ours. federation.ErrForeignMark for another's.
func (s *Superior) MarkStatus(mark string) (string, error) {
	m, err := s.self.Issued(mark)
	switch {
	case err == nil:
	case errorsIsMark(err):
		return s.self.AnswerMark(mark, federation.MarkInvalid)
	default:
		return "", err
	}
	status := federation.MarkRevoked
	sub, err := s.o.Registry.Get(m.Sub)
	switch {
	case err == nil:
		status = sub.markState(m.Type, m.IssuedAt)
	case !isUnknown(err):
		return "", err
	}
	if status == federation.MarkActive && !s.o.Clock().Before(m.Expires) {
		status = federation.MarkExpired
	}
	return s.self.AnswerMark(mark, status)
}

// Marked names the entities with an active mark of a type; of one of them when sub is not empty.
func (s *Superior) Marked(markType, sub string) ([]string, error) {
	all, err := s.o.Registry.all()
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, k := range all {
		e := &k.record
		if e.hasMarks(markType) && (sub == "" || e.Entity == sub) {
			out = append(out, e.Entity)
		}
	}
	return out, nil
}

// errorsIsMark: the mark names us and does not hold.
func errorsIsMark(err error) bool {
	return errors.Is(err, federation.ErrMark) && !errors.Is(err, federation.ErrForeignMark)
}
