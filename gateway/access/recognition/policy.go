// Package recognition judges whether what a health data access body of another nation decided may be taken
// over by one of ours: the mutual recognition of permits that Art. 68(5) of Regulation (EU) 2025/327 allows.
//
// It serves gateway/exchange, which proves what was shown and carries the outcome out. It is pure: no clock,
// no I/O, no signatures. A body stays responsible for its own decision (Art. 68(5)), so recognition only ever
// speaks in favour: there is no outcome that refuses, and whatever speaks against leaves the case to staff
// with the reasons. An approval follows from a permit that is proved and in force, or not at all.
package recognition

import "github.com/ehdsgw/ehdsgw/gateway/ehds"

// Policy is how far a nation goes along with the permits of one other hub.
type Policy string

// The policies, from the most careful.
const (
	Manual    Policy = "manual"    // staff decide, and nothing is prepared
	Assist    Policy = "assist"    // an approval is proposed with its reasons, and staff confirm it
	Automatic Policy = "automatic" // the rule approves; what it cannot approve is left to staff
)

// PolicyNames are the policies, from the most careful.
func PolicyNames() []Policy { return []Policy{Manual, Assist, Automatic} }

// Policies are those toward one hub, by the procedure our own track is under.
type Policies map[ehds.Procedure]Policy

// For is the policy of a procedure: manual for one that is not named, and for a word that is no policy. In
// the procedure of a trusted health data holder the body decides on the holder's proposal (Art. 72), which
// no permit of another body replaces: automatic counts as assist there.
func (p Policies) For(procedure ehds.Procedure) Policy {
	switch policy := p[procedure]; {
	case policy == Automatic && procedure == ehds.ProcedureTrustedHolder:
		return Assist
	case policy == Assist, policy == Automatic:
		return policy
	}
	return Manual
}
