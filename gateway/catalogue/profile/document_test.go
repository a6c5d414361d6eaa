package profile

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/profiles.md")

// marker stands between what people wrote in docs/profiles.md and what is made from the shapes.
const marker = "<!-- What follows is made from the shapes: go test ./gateway/catalogue/profile -run Document -update -->\n"

func TestDocument(t *testing.T) {
	t.Parallel()
	const name = "../../../docs/profiles.md"
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	written, tables, ok := strings.Cut(string(doc), marker)
	if !ok {
		t.Fatalf("%s has no line %q", name, marker)
	}
	want := documented(t)
	if *update {
		if err := os.WriteFile(name, []byte(written+marker+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, tables); diff != "" {
		t.Errorf("docs/profiles.md is not what the shapes say (-shapes +document); run the test with -update:\n%s", diff)
	}
	for i := range differences {
		if !strings.Contains(written, differences[i].why) {
			t.Errorf("docs/profiles.md does not tell this difference: %s", differences[i].why)
		}
	}
}

// documented are the tables: what is asked by each rule set, and what is rewritten.
func documented(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, name := range append(slices.Clone(releases), LegalMinimum) {
		s := open(t, name)
		fmt.Fprintf(&b, "\n## %s: %s\n\n| element | number | values | level | when it fails | source |\n|---|---|---|---|---|---|\n", s.Name, s.Title)
		for _, row := range rows(s) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", row.element(), row.number(), row.values(), row.level(s), row.rule.Severity, row.clauses())
		}
	}
	b.WriteString("\n## Spellings that are rewritten\n\n| obsolete | in use | since | why |\n|---|---|---|---|\n")
	for _, s := range slices.Concat(namespaces, names) {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.old, s.now, s.since, s.why)
	}
	return b.String()
}

// row is an element of a description with the rules about it that have the same severity and levels.
type row struct {
	rule   Rule
	rules  []Rule
	levels []string
	ways   []string // other paths to it
}

// rows gathers the rules of all levels, each shape once.
func rows(s *RuleSet) []*row {
	var out []*row
	at := map[string]*row{} // by clause: shapes of several levels are several values
	key := func(r Rule) string {
		if r.List != nil {
			r.Contains += strings.Join(r.List.Namespaces, " ")
		}
		return fmt.Sprint(r.Properties, r.Severity, r.Clause, r.Min, r.Max, r.NodeKind, r.Datatype, r.Class, r.Contains, r.Choice, r.shape.messages["en"])
	}
	for _, level := range s.Levels() {
		here := map[string]string{}
		for _, r := range s.Rules(level) {
			k := key(r) + placeOf(r)
			path, twice := here[k]
			switch n := at[k]; {
			case n == nil:
				at[k] = &row{rule: r, rules: []Rule{r}, levels: []string{level}}
				out = append(out, at[k])
			case twice && path != r.Path() && !slices.Contains(n.ways, r.Path()):
				n.ways = append(n.ways, r.Path())
			case !slices.Contains(n.levels, level):
				n.levels = append(n.levels, level)
			}
			if !twice {
				here[k] = r.Path()
			}
		}
	}
	return merged(out)
}

// placeOf tells places apart that are not reached by the same shapes: the dataset from its parts.
func placeOf(r Rule) string { return fmt.Sprint(len(r.Way) == 0) }

// merged puts together what is said of one element in several shapes.
func merged(in []*row) []*row {
	var out []*row
	at := map[string]*row{}
	for _, n := range in {
		k := fmt.Sprint(n.rule.Path(), n.rule.Severity, n.levels)
		alone := n.rule.Contains != "" || n.rule.Choice || len(n.rule.Properties) > 1
		if first := at[k]; first != nil && !alone {
			first.rules = append(first.rules, n.rule)
			continue
		}
		out = append(out, n)
		if !alone {
			at[k] = n
		}
	}
	return out
}

func (n *row) element() string {
	text := "`" + n.rule.Path() + "`"
	for _, p := range n.rule.Properties[1:] {
		text += " or `" + catalogue.Compact(p) + "`"
	}
	if len(n.ways) > 0 && len(n.rule.Way) == 1 {
		text += ", `" + strings.Join(n.ways, "`, `") + "`"
	} else if len(n.ways) > 0 {
		text += " and likewise at the others"
	}
	return text
}

func (n *row) number() string {
	least, most := 0, "*"
	for _, r := range n.rules {
		least = max(least, r.Min)
		if r.Max > 0 {
			most = fmt.Sprint(r.Max)
		}
	}
	return fmt.Sprintf("%d..%s", least, most)
}

// conditions says when the choices there are ask for their property, by the clause: a shape has no words
// for it.
var conditions = map[string]string{
	"HealthDCAT-AP Release 7, dcat:Dataset":             "where a value says that the data are structured",
	"HealthDCAT-AP Release 8, dcat:Dataset":             "where a value says that the data are structured",
	"Implementing Regulation (EU) 2026/2098, variables": "unless the data are said not to be structured",
}

func (n *row) values() string {
	var out []string
	for _, r := range n.rules {
		switch {
		case r.Choice:
			out = append(out, conditions[r.Clause])
		case r.Contains != "":
			out = append(out, "`"+catalogue.Compact(r.Contains)+"` among them")
		case r.List != nil:
			out = append(out, "of the list of "+r.List.Name)
		case r.Datatype != "":
			out = append(out, catalogue.Compact(r.Datatype))
		case r.Class != "":
			out = append(out, "a `"+catalogue.Compact(r.Class)+"`")
		case r.NodeKind != "":
			out = append(out, map[string]string{"IRI": "IRI", "Literal": "text", "BlankNodeOrIRI": "node"}[r.NodeKind])
		}
	}
	return strings.Join(out, ", ")
}

func (n *row) level(s *RuleSet) string {
	if len(n.levels) == len(s.Levels()) {
		return "all"
	}
	return strings.Join(n.levels, ", ")
}

func (n *row) clauses() string {
	var out []string
	for _, r := range n.rules {
		if !slices.Contains(out, r.Clause) {
			out = append(out, r.Clause)
		}
	}
	return strings.Join(out, "; ")
}
