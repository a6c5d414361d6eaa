package profile

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// TestShapesAreWellMade wants of each shape what a finding needs: a source, a clause, and messages in every
// language for what can be missing.
func TestShapesAreWellMade(t *testing.T) {
	t.Parallel()
	for _, a := range RuleSets() {
		s := open(t, a.Name)
		for _, level := range s.Levels() {
			for shape, n := range s.levels[level].notes.byShape {
				if n.of == "" || n.clause == "" || len(n.properties) == 0 {
					t.Errorf("%s: %s has no source, no clause or no property", a.Name, shape)
				}
				for _, texts := range []map[string]string{n.messages, n.hints} {
					if len(texts) != 0 && len(texts) != len(languages) {
						t.Errorf("%s: %s speaks %v, the others %d languages", a.Name, shape, texts, len(languages))
					}
				}
			}
			for _, r := range s.Rules(level) {
				if missing := r.Min > 0 || r.Contains != ""; missing != (r.Message != "") {
					t.Errorf("%s: %s: message %q", a.Name, r.Path(), r.Message)
				}
				if r.List != nil && (r.List.Name == "" || len(r.List.Namespaces) == 0) {
					t.Errorf("%s: %s: a list without name or namespace", a.Name, r.Path())
				}
			}
		}
	}
}

// TestShapesAreReached wants no shape of the files to be left out of every rule set.
func TestShapesAreReached(t *testing.T) {
	t.Parallel()
	used := map[rdf.Term]bool{}
	for _, a := range RuleSets() {
		s := open(t, a.Name)
		for _, level := range s.Levels() {
			for shape := range s.levels[level].notes.byShape {
				used[shape] = true
			}
		}
	}
	files, err := shapeFiles.ReadDir("shapes")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		g, err := fragment(strings.TrimSuffix(f.Name(), ".ttl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, shape := range g.Subjects(ruleOf, rdf.Term{}) {
			if n++; !used[shape] {
				t.Errorf("%s: no rule set has %s", f.Name(), shape)
			}
		}
	}
	if n < 100 {
		t.Errorf("%d shapes", n)
	}
}

// TestMinimumElements counts them: 27, of which nine only where applicable.
func TestMinimumElements(t *testing.T) {
	t.Parallel()
	all, applicable := map[string]bool{}, 0
	for _, r := range open(t, LegalMinimum).Rules("") {
		all[r.Path()] = true
		if r.Severity == catalogue.Warning {
			applicable++
		}
		if strings.Contains(r.Clause, "where applicable") != (r.Severity == catalogue.Warning) {
			t.Errorf("%s: %s, %s", r.Path(), r.Severity, r.Clause)
		}
	}
	if len(all) != 27 || applicable != 9 {
		t.Errorf("%d elements, %d where applicable", len(all), applicable)
	}
}

// TestNamespacesOfLists holds what a hint says of a list against what its shape accepts.
func TestNamespacesOfLists(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"lists", "former-lists", "health-lists"} {
		g, err := fragment(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range g.Subjects(ruleNamespace, rdf.Term{}) {
			pattern, open := g.Object(l, rdf.NewIRI(shacl.NS+"pattern"))
			for _, ns := range g.Objects(l, ruleNamespace) {
				if open && !regexp.MustCompile(pattern.Value).MatchString(ns.Value+"x") {
					t.Errorf("%s: %s does not accept values of <%s>", file, l, ns.Value)
				}
				if open && regexp.MustCompile(pattern.Value).MatchString(ns.Value) {
					t.Errorf("%s: %s accepts <%s> itself", file, l, ns.Value)
				}
			}
		}
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	r := edited(t, func(tr rdf.Triple) bool {
		return tr.P.Value == dctTitle && tr.S == subject || tr.P.Value == rdf.NSDCT+"language" && tr.S == subject
	}, rdf.Triple{S: subject, P: rdf.NewIRI(rdf.NSDCT + "language"), O: rdf.NewIRI("https://example.org/fr"), Line: 1, Col: 1})
	for lang, want := range map[string][]string{
		"en":    {"dct:language is not in the list of languages", "the dataset has no title"},
		"fr-BE": {"dct:language n’est pas dans la liste : langues", "le jeu de données n’a pas de titre"},
		"FI":    {"dct:language ei ole luettelossa: kielet", "aineistolla ei ole nimeä"},
		"el":    {"dct:language is not in the list of languages", "the dataset has no title"},
	} {
		var got []string
		for _, f := range r8(t).In(lang).Validate(r) {
			got = append(got, f.Message)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestValuesAtFormerHosts(t *testing.T) {
	t.Parallel()
	property := rdf.NewIRI(rdf.NSHealthDCATAP + "healthCategory")
	r := edited(t, func(tr rdf.Triple) bool { return tr.P == property },
		rdf.Triple{S: subject, P: property, O: rdf.NewIRI(nsHealth7 + "healthcategories/RQSH"), Line: 5, Col: 6})
	var got []string
	for _, f := range r8(t).Validate(r) {
		got = append(got, f.Code+" "+f.Hint)
	}
	want := []string{
		"not-in-codelist the list has it as <" + nsHealth + "healthcategories/RQSH>",
		"obsolete-namespace use " + nsHealth,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Release 8 (-want +got):\n%s", diff)
	}
	if f := open(t, "r6").Validate(r); len(f) != 0 {
		t.Errorf("Release 6: %v", f)
	}
}

// TestOpenRefusesUnknownNames and says what there is.
func TestOpenRefusesUnknownNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "r4", "R8", "r8-secret", "legal"} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), LegalMinimum) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestOneRuleSetForManyRoutines judges the same records in several goroutines at once.
func TestOneRuleSetForManyRoutines(t *testing.T) {
	t.Parallel()
	s := r8(t)
	r := edited(t, func(tr rdf.Triple) bool { return tr.P.Value == accessURL })
	want := s.Validate(r)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if diff := cmp.Diff(want, s.Validate(r)); diff != "" {
					t.Errorf("findings differ:\n%s", diff)
				}
			}
		})
	}
	wg.Wait()
	if len(want) != 3 {
		t.Errorf("%d findings: %v", len(want), want)
	}
}

// TestMigrationMeetsTheReleaseItLeadsTo takes the full description as each release wants it to Release 8: no
// finding is left but those of what only the holder knows.
func TestMigrationMeetsTheReleaseItLeadsTo(t *testing.T) {
	t.Parallel()
	for _, from := range releases {
		g, notes, err := Migrate(written(t, from, "non-public"), from, Release)
		if err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, f := range r8(t).Validate(record(t, g)) {
			left = append(left, f.Code+" "+f.Path)
		}
		var want []string
		if from == "r5" { // a code of which nothing but its IRI is known
			want = []string{"wrong-node-kind healthdcatap:hasCodeValues"}
		}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("from %s (-want +got):\n%s\nnotes %v", from, diff, notes)
		}
	}
}
