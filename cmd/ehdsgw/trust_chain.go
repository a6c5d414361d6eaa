package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// chainView is what trust resolve prints of a chain that holds.
type chainView struct {
	Entity   string                     `json:"entity"`
	Anchor   string                     `json:"anchor"`
	At       time.Time                  `json:"at"`
	Expires  time.Time                  `json:"expires"` // of the statement that ends first
	Chain    []statementView            `json:"chain"`   // the entity's own first, the anchor's own last
	Marks    []markView                 `json:"marks"`
	Effects  []federation.Effect        `json:"effects"`
	Metadata map[string]json.RawMessage `json:"metadata"` // resolved
}

type statementView struct {
	Issuer      string                  `json:"issuer"`
	Subject     string                  `json:"subject"`
	Issued      time.Time               `json:"issued"`
	Expires     time.Time               `json:"expires"`
	Keys        []keyView               `json:"keys"` // federation keys of the subject
	Constraints *federation.Constraints `json:"constraints,omitempty"`
	Policy      json.RawMessage         `json:"metadata_policy,omitempty"`
}

type keyView struct {
	Kid string `json:"kid"`
	Alg string `json:"alg,omitempty"`
}

type markView struct {
	Name    string                `json:"name"`
	Type    string                `json:"type"`
	Status  federation.MarkStatus `json:"status"`
	Expires time.Time             `json:"expires"`
	Asked   bool                  `json:"asked"` // the issuer told the status; else the mark alone speaks
}

// chainViewOf shows what was found; online says that issuers of marks were asked from at on.
func chainViewOf(r *federation.Resolution, at time.Time, online bool) chainView {
	e := r.Entity
	v := chainView{
		Entity: e.ID, Anchor: e.Anchor, At: at.UTC(), Expires: e.Expires, Metadata: e.Metadata,
		Marks: make([]markView, len(e.Marks)), Effects: append([]federation.Effect{}, r.Effects...),
	}
	for i, m := range e.Marks {
		v.Marks[i] = markView{Name: m.Name, Type: m.Type, Status: m.Status, Expires: m.Expires, Asked: online && !m.Checked.Before(at)}
	}
	for _, s := range r.Statements {
		view := statementView{
			Issuer: s.Iss, Subject: s.Sub, Issued: time.Unix(s.Iat, 0).UTC(), Expires: time.Unix(s.Exp, 0).UTC(),
			Keys: []keyView{}, Constraints: s.Constraints, Policy: s.MetadataPolicy,
		}
		for _, k := range s.JWKS.Keys {
			view.Keys = append(view.Keys, keyView{k.Kid, k.Alg})
		}
		v.Chain = append(v.Chain, view)
	}
	return v
}

func (v chainView) summary() output.Fields {
	return output.Fields{
		{Name: "verdict", Value: "holds"}, {Name: "entity", Value: v.Entity}, {Name: "anchor", Value: v.Anchor},
		{Name: "until", Value: stamp(v.Expires)},
	}
}

// tree draws the chain from the entity down to the anchor. Each entity shows what is said about it.
func (v chainView) tree() output.Lines {
	lines := output.Lines{v.Entity}
	last := len(v.Chain) - 1
	indent := ""
	for i, s := range v.Chain {
		if i > 0 && i < last {
			lines = append(lines, indent+"└─ "+s.Issuer)
			indent += "   "
		}
		for _, line := range v.says(i, s) {
			lines = append(lines, indent+"│  "+line)
		}
	}
	return lines
}

func (v chainView) says(i int, s statementView) []string {
	head := "says of " + s.Subject
	switch i {
	case 0:
		head = "says of itself"
	case len(v.Chain) - 1:
		head = "anchor, pinned keys; says of itself"
	}
	lines := []string{head + ", until " + stamp(s.Expires)}
	for _, k := range s.Keys {
		lines = append(lines, strings.TrimRight("key "+k.Kid+" "+k.Alg, " "))
	}
	if i == 0 {
		lines = append(lines, v.marks()...)
	}
	lines = append(lines, constraintLines(s.Constraints)...)
	if parameters := policyParameters(s.Policy); parameters != "" {
		lines = append(lines, "policy on "+parameters)
	}
	if i == 0 || i == len(v.Chain)-1 {
		return lines
	}
	return append(lines, v.changes(s.Issuer)...)
}

func (v chainView) marks() []string {
	var lines []string
	for _, m := range v.Marks {
		said := ""
		if !m.Asked {
			said = ", its issuer was not asked"
		}
		lines = append(lines, fmt.Sprintf("mark %s %s, until %s%s", m.Name, m.Status, stamp(m.Expires), said))
	}
	return lines
}

// changes are the effects an issuer had a part in.
func (v chainView) changes(issuer string) []string {
	var own []federation.Effect
	for _, e := range v.Effects {
		if slices.Contains(e.By, issuer) {
			own = append(own, e)
		}
	}
	lines := []string(effectLines(own))
	for i := range lines {
		lines[i] = "changed " + lines[i]
	}
	return lines
}

func constraintLines(c *federation.Constraints) []string {
	if c == nil {
		return nil
	}
	var lines []string
	if c.MaxPathLength != nil {
		lines = append(lines, fmt.Sprintf("path length below at most %d", *c.MaxPathLength))
	}
	if n := c.NamingConstraints; n != nil {
		if n.Permitted != nil {
			lines = append(lines, "allows names "+list(n.Permitted))
		}
		if n.Excluded != nil {
			lines = append(lines, "excludes names "+list(n.Excluded))
		}
	}
	if c.AllowedEntityTypes != nil {
		lines = append(lines, "allows types "+list(c.AllowedEntityTypes))
	}
	return lines
}

func list(names []string) string {
	if len(names) == 0 {
		return "(none)"
	}
	return strings.Join(names, ", ")
}

// policyParameters names the parameters a policy is about, by entity type.
func policyParameters(claim json.RawMessage) string {
	if len(claim) == 0 {
		return ""
	}
	p, err := federation.ParseMetadataPolicy(claim, "")
	if err != nil {
		return "" // the chain held, so it parses
	}
	var out []string
	for _, t := range slices.Sorted(maps.Keys(p)) {
		for _, name := range slices.Sorted(maps.Keys(p[t])) {
			out = append(out, t+"."+name)
		}
	}
	return strings.Join(out, ", ")
}
