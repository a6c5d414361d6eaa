package ehds

import (
	"strings"
	"testing"
)

func TestParseCaseID(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     CaseID
		ok       bool
	}{
		{"application", "app:6a70b4d104db074a00fd9101", CaseID{CaseApplication, "", "6a70b4d104db074a00fd9101"}, true},
		{"national", "nat:NL:2026/12", CaseID{CaseNational, "NL", "2026/12"}, true},
		{"dataset with an IRI", "ds:FR:https://example.org/ds?a=1#b", CaseID{CaseDataset, "FR", "https://example.org/ds?a=1#b"}, true},
		{"dataset with colons", "ds:FR:urn:uuid:1", CaseID{CaseDataset, "FR", "urn:uuid:1"}, true},
		{"letters outside ASCII", "ds:GR:δεδομένα", CaseID{CaseDataset, "GR", "δεδομένα"}, true},
		{"enforcement", "enf:EU:1", CaseID{CaseEnforcement, "EU", "1"}, true},
		{"report", "rep:NL:2029-2030", CaseID{CaseReport, "NL", "2029-2030"}, true},
		{"catalogue", "cat:NL:2029", CaseID{CaseCatalogue, "NL", "2029"}, true},
		{"empty", "", CaseID{}, false},
		{"no kind", "6a70b4d1", CaseID{}, false},
		{"unknown kind", "xx:NL:1", CaseID{}, false},
		{"kind in capitals", "APP:1", CaseID{}, false},
		{"application without id", "app:", CaseID{}, false},
		{"application id with colon", "app:NL:1", CaseID{}, false},
		{"application id beginning with a dot", "app:..", CaseID{}, false},
		{"application id ending in a newline", "app:1\n", CaseID{}, false},
		{"application id too long", "app:" + strings.Repeat("a", 129), CaseID{}, false},
		{"country in lower case", "ds:nl:1", CaseID{}, false},
		{"no id", "ds:NL:", CaseID{}, false},
		{"no country", "ds::1", CaseID{}, false},
		{"space", "ds:NL:a b", CaseID{}, false},
		{"newline", "ds:NL:a\nb", CaseID{}, false},
		{"C1 control", "ds:NL:a\u0085b", CaseID{}, false},
		{"not UTF-8", "ds:NL:a\xffb", CaseID{}, false},
		{"too long", "ds:NL:" + strings.Repeat("a", MaxCaseID), CaseID{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseCaseID(c.in)
			if (err == nil) != c.ok || got != c.want {
				t.Fatalf("ParseCaseID = %+v, %v", got, err)
			}
			if c.ok && got.String() != c.in {
				t.Errorf("String() = %q", got.String())
			}
		})
	}
}

func TestDatasetCaseMakesEveryIdentifierOneReadableCase(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"a", "a b", "a%20b", "a\tb", "a\nb", "a\u0085b", "a\u00a0b", "a\xffb", "a\ufffdb", "é", "100%", "%", "https://x/y z"} {
		s := DatasetCase("NL", id).String()
		c, err := ParseCaseID(s)
		if err != nil {
			t.Errorf("the case of %q cannot be read: %q", id, s)
			continue
		}
		if c != DatasetCase("NL", id) {
			t.Errorf("the case of %q reads back as %+v", id, c)
		}
		if back, err := c.Identifier(); err != nil || back != id {
			t.Errorf("the case of %q gives %q, %v", id, back, err)
		}
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q share the case %q", id, other, s)
		}
		seen[s] = id
	}
}

func TestPersonalCasesAreSealed(t *testing.T) {
	for k, want := range map[CaseKind]bool{CaseApplication: true, CaseNational: true, CaseEnforcement: true, CaseDataset: false, CaseReport: false, CaseCatalogue: false} {
		if k.Personal() != want {
			t.Errorf("%s: personal %v", k, !want)
		}
	}
}

func FuzzParseCaseID(f *testing.F) {
	for _, s := range []string{"app:6a70b4d104db074a00fd9101", "nat:NL:1", "ds:FR:https://example.org/a%20b", "enf:EU:x",
		"rep:NL:2029", "ds:NL:a\xff", "app:\n", "ds::", "", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCaseID(s)
		if err != nil {
			if c != (CaseID{}) {
				t.Fatalf("an error comes with %+v", c)
			}
		} else if c.String() != s || strings.ContainsAny(s, " \n\r\t\x00") {
			t.Fatalf("%q reads as %q", s, c.String())
		}
		if s == "" || len(s) > 150 {
			return
		}
		d := DatasetCase("NL", s)
		if back, err := ParseCaseID(d.String()); err != nil || back != d {
			t.Fatalf("the dataset case of %q is %q: %v", s, d.String(), err)
		}
	})
}
