package desk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
)

func TestRulesAreReadStrictly(t *testing.T) {
	const tail = `"default":{"decide":"manual"}}`
	for _, c := range []struct{ name, rules, finding string }{
		{"nothing", ``, ": an object is wanted"},
		{"null", `null`, ": an object is wanted"},
		{"not JSON", `{"version":1,`, ": not JSON"},
		{"something follows", head + `"rules":[],` + tail + `{}`, ": something follows the object"},
		{"another version", `{"version":2,"body":{"id":"x","name":"n","signatory":{"name":"n","job_title":"j"}},"rules":[],` + tail, "/version: only version 1"},
		{"version as text", `{"version":"1"}`, "/version: a int is wanted"},
		{"unknown member", head + `"rules":[],"extra":1,` + tail, "/extra: no such member"},
		{"member in other case", head + `"rules":[{"name":"r","when":{},"then":{"Decide":"manual"}}],` + tail, "/rules/0/then/Decide: no such member"},
		{"member twice", head + `"rules":[],"rules":[],` + tail, "/rules: given twice"},
		{"rules as object", head + `"rules":{},` + tail, "/rules: a list is wanted"},
		{"null list", head + `"rules":null,` + tail, "/rules: a list is wanted"},
		{"null condition", head + `"rules":[{"name":"r","when":{"kind":null},"then":{"decide":"manual"}}],` + tail, "/rules/0/when/kind: a string is wanted"},
		{"no default", head + `"rules":[]}`, "/default/decide: one of"},
		{"unknown decision", head + `"rules":[{"name":"r","when":{},"then":{"decide":"positive"}}],` + tail, "/rules/0/then/decide: one of"},
		{"rule without a name", head + `"rules":[{"when":{},"then":{"decide":"manual"}}],` + tail, "/rules/0/name"},
		{"name twice", head + `"rules":[{"name":"r","when":{},"then":{"decide":"manual"}},{"name":"r","when":{},"then":{"decide":"manual"}}],` + tail, "/rules/1/name"},
		{"unknown kind", head + `"rules":[{"name":"r","when":{"kind":"X"},"then":{"decide":"manual"}}],` + tail, "/rules/0/when/kind: one of"},
		{"unknown purpose", head + `"rules":[{"name":"r","when":{"purposes_any":["e","g"]},"then":{"decide":"manual"}}],` + tail, "/rules/0/when/purposes_any/1"},
		{"country by name", head + `"rules":[{"name":"r","when":{"countries_any":["NETHERLANDS"]},"then":{"decide":"manual"}}],` + tail, "/rules/0/when/countries_any/0"},
		{"unknown category", head + `"rules":[{"name":"r","when":{},"then":{"decide":"manual","categories":["EHR"]}}],` + tail, "/rules/0/then/categories/0"},
		{"category by letter", head + `"rules":[{"name":"r","when":{},"then":{"decide":"manual","categories":["a"]}}],` + tail, "/rules/0/then/categories/0"},
		{"refusal without reasons", head + `"rules":[{"name":"r","when":{},"then":{"decide":"Negative"}}],` + tail, "/rules/0/then/reasons"},
		{"grant without fees", head + `"rules":[{"name":"r","when":{},"then":{"decide":"Positive"}}],` + tail, "/rules/0/then/fees"},
		{"negative fees", head + `"rules":[{"name":"r","when":{},"then":{"decide":"manual","fees":{"amount_cents":-1,"currency":"EUR"}}}],` + tail, "/rules/0/then/fees"},
		{"eleven years", head + `"rules":[{"name":"r","when":{},"then":{"decide":"manual","duration_months":121}}],` + tail, "/rules/0/then/duration_months"},
		{"no signatory", `{"version":1,"body":{"id":"x","name":"n"},"rules":[],` + tail, "/body/signatory"},
		{"body id with a space", `{"version":1,"body":{"id":"x y","name":"n","signatory":{"name":"n","job_title":"j"}},"rules":[],` + tail, "/body/id"},
		{"too large", head + `"rules":[],` + tail + strings.Repeat(" ", 1<<20), ": the file is too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := desk.New(connectortest.Host(), desk.Options{Rules: []byte(c.rules)})
			var re *desk.RulesError
			if !errors.As(err, &re) {
				t.Fatalf("got %v", err)
			}
			for _, f := range re.Findings {
				if strings.HasPrefix(f, c.finding) {
					return
				}
			}
			t.Errorf("no finding %q among %q", c.finding, re.Findings)
		})
	}
}

func TestAllFindingsComeAtOnce(t *testing.T) {
	_, err := desk.ParseRules([]byte(`{"version":3,"body":{"id":"","name":"n","signatory":{"name":"","job_title":""}},
	 "rules":[{"name":"","when":{"format":"X"},"then":{"decide":"Negative"}}],"default":{"decide":""}}`))
	var re *desk.RulesError
	if !errors.As(err, &re) || len(re.Findings) != 7 {
		t.Errorf("%v", err)
	}
}

func TestAHostWithoutMailboxIsRefused(t *testing.T) {
	host := connectortest.Host()
	host.Mailbox = nil
	if _, err := desk.New(host, desk.Options{Rules: []byte(manual)}); err == nil {
		t.Error("accepted")
	}
}

func FuzzParseRules(f *testing.F) {
	for _, s := range []string{manual, head + `"rules":[{"name":"r","when":{"purposes_any":["e"]},"then":{"decide":"manual","spe":{"tools":["R"]}}}],"default":{"decide":"manual"}}`,
		`{}`, `null`, `[]`, `{"rules":[{"when":{"kind":1}}]}`, `{"datasets":{"a/~b":{}}}`, "{\"version\":1,\"version\":1}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := desk.ParseRules(b)
		var re *desk.RulesError
		if err != nil {
			if !errors.As(err, &re) || len(re.Findings) == 0 {
				t.Fatalf("untyped or empty error %v", err)
			}
			return
		}
		if r.Version != 1 || r.Body.ID == "" || r.Default.Decide == "" {
			t.Fatalf("accepted %+v", r)
		}
	})
}
