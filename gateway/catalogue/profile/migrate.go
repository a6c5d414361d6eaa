package profile

import (
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Note is what a migration did to one statement, or could not do.
type Note struct {
	File     string             `json:"file,omitempty"` // for whoever reads the document to fill in
	Line     int                `json:"line,omitempty"` // from 1; 0 when unknown
	Col      int                `json:"col,omitempty"`
	Severity catalogue.Severity `json:"severity"`      // info: done; warning: left for somebody to do
	Node     string             `json:"node"`          // what the statement is about: an IRI or a blank node label
	Was      string             `json:"was"`           // the name or the statement, compact
	Now      string             `json:"now,omitempty"` // what took its place; empty when nothing did
	Why      string             `json:"why"`
}

// String is the note on one line, as a compiler would print it.
func (n Note) String() string {
	place := n.File
	if n.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, n.Line)
		if n.Col > 0 {
			place = fmt.Sprintf("%s:%d", place, n.Col)
		}
	}
	if place != "" {
		place += ": "
	}
	if n.Now == "" {
		return fmt.Sprintf("%s%s: %s: %s", place, n.Severity, n.Was, n.Why)
	}
	return fmt.Sprintf("%s%s: %s is now %s: %s", place, n.Severity, n.Was, n.Now, n.Why)
}

// Migrate rewrites a document from one release of HealthDCAT-AP to the same or a later one: spellings
// that are obsolete at the later release, whatever release they are of, and the constructions that
// changed between the two. Each change is a note of severity info; what only a person can decide is a
// note of severity warning and stays as it is.
//
// It invents nothing: every value of the result was in the document. It is idempotent: the result,
// migrated again, is the result. The graph itself is not changed, and returned as it is when there is
// nothing to do.
func Migrate(g *rdf.Graph, from, to string) (*rdf.Graph, []Note, error) {
	m, err := newMigration(from, to)
	if err != nil {
		return nil, nil, fmt.Errorf("profile: migrate: %w", err)
	}
	m.open(g)
	m.spell()
	m.settle()
	m.publishers()
	m.settle()
	if m.crosses("r6") {
		m.contactPoints()
		m.codeValues()
		m.settle()
	}
	m.remains()
	slices.SortStableFunc(m.notes, func(a, b Note) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return m.g, m.notes, nil
}

// migration is a document on its way.
type migration struct {
	from, to int
	g        *rdf.Graph
	edits    map[rdf.Triple][]rdf.Triple // what takes the place of a statement
	notes    []Note
}

func newMigration(from, to string) (*migration, error) {
	a, err := releaseOf(from)
	if err != nil {
		return nil, err
	}
	b, err := releaseOf(to)
	if err != nil {
		return nil, err
	}
	if a > b {
		return nil, fmt.Errorf("%s is later than %s; what a release added cannot be taken back without loss", from, to)
	}
	return &migration{from: a, to: b}, nil
}

// crosses says whether the migration leads past the beginning of a release.
func (m *migration) crosses(release string) bool {
	n := releaseNumber(release)
	return m.from < n && n <= m.to
}

func (m *migration) open(g *rdf.Graph) { m.g, m.edits = g, map[rdf.Triple][]rdf.Triple{} }

// settle makes the edits, in the order of the document.
func (m *migration) settle() {
	if len(m.edits) == 0 {
		return
	}
	out := rdf.NewGraph()
	for t := range m.g.All() {
		with, edited := m.edits[t]
		if !edited {
			out.Add(t)
			continue
		}
		for _, n := range with {
			n.Line, n.Col = t.Line, t.Col
			out.Add(n)
		}
	}
	m.open(out)
}

// replace puts statements in the place of one.
func (m *migration) replace(t rdf.Triple, was, now, why string, with ...rdf.Triple) {
	m.edits[t] = with
	m.note(t, catalogue.Info, was, now, why)
}

func (m *migration) note(t rdf.Triple, s catalogue.Severity, was, now, why string) {
	m.notes = append(m.notes, Note{Line: t.Line, Col: t.Col, Severity: s, Node: nodeName(t.S), Was: was, Now: now, Why: why})
}

// leave notes what is not done about a statement.
func (m *migration) leave(t rdf.Triple, why string) {
	m.note(t, catalogue.Warning, compactTriple(t), "", why)
}

// lacks notes that a node does not say what the later release asks for.
func (m *migration) lacks(node rdf.Term, property, why string) {
	m.notes = append(m.notes, Note{Line: m.g.Line(node), Severity: catalogue.Warning, Node: nodeName(node),
		Was: "no " + catalogue.Compact(property), Why: why})
}

func nodeName(t rdf.Term) string {
	if t.Kind == rdf.Blank {
		return "_:" + t.Value
	}
	return t.Value
}

// compactTerm is a term as in Turtle, with customary prefixes.
func compactTerm(t rdf.Term) string {
	switch t.Kind {
	case rdf.IRI:
		return catalogue.Compact(t.Value)
	case rdf.Blank:
		return "a blank node"
	}
	return t.String()
}

func compactTriple(t rdf.Triple) string { return compactTerm(t.P) + " " + compactTerm(t.O) }
