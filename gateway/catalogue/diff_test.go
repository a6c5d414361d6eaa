package catalogue

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// ids lists what changed by identifier.
func ids(c Changes) map[string]string {
	out := map[string]string{}
	for name, part := range map[string][]Record{"create": c.Create, "update": c.Update, "unchanged": c.Unchanged} {
		for _, r := range part {
			out[name] += r.Identifier
		}
	}
	for name, part := range map[string][]Key{"delete": c.Delete, "withheld": c.Withheld} {
		for _, k := range part {
			out[name] += k.Identifier
		}
	}
	return out
}

func TestCompare(t *testing.T) {
	rec := func(id, digest string) Record { return Record{Identifier: id, Digest: digest} }
	key := func(id string) Key { return Key{"fr", id} }
	have := map[Key]Have{
		key("a"):       {Digest: "1", IRI: "x:a", File: "one.ttl"},
		key("b"):       {Digest: "1", IRI: "x:b", File: "one.ttl"},
		key("c"):       {Digest: "1", IRI: "x:c", File: "two.ttl"},
		key("d"):       {Digest: "1", IRI: "x:d"},
		{"other", "z"}: {Digest: "1"},
	}
	for _, c := range []struct {
		name string
		pass Pass
		want map[string]string
	}{
		{"everything is gone", Pass{}, map[string]string{"delete": "abcd"}},
		{"each kind of change", Pass{Records: []Record{rec("e", "1"), rec("b", "2"), rec("a", "1")}},
			map[string]string{"create": "e", "update": "b", "unchanged": "a", "delete": "cd"}},
		{"a quarantined record stays", Pass{Findings: []Finding{{Severity: Violation, Identifier: "a"}}},
			map[string]string{"delete": "bcd", "withheld": "a"}},
		{"one that lost its identifier stays", Pass{Findings: []Finding{{Severity: Violation, Subject: "x:b"}}},
			map[string]string{"delete": "acd", "withheld": "b"}},
		{"a warning holds nothing", Pass{Findings: []Finding{{Severity: Warning, Identifier: "a", File: "one.ttl"}, {Severity: Info, File: "one.ttl"}}},
			map[string]string{"delete": "abcd"}},
		{"a malformed document holds its records and the unplaced", Pass{Findings: []Finding{{Severity: Violation, File: "one.ttl"}}},
			map[string]string{"delete": "c", "withheld": "abd"}},
		{"a violation without place holds all", Pass{Findings: []Finding{{Severity: Violation}}},
			map[string]string{"withheld": "abcd"}},
		{"present wins over held", Pass{Records: []Record{rec("a", "1")}, Findings: []Finding{{Severity: Violation, Identifier: "a", Code: CodeDuplicateIdentifier}}},
			map[string]string{"unchanged": "a", "delete": "bcd"}},
	} {
		c.pass.Source = "fr"
		got := Compare(have, c.pass)
		if diff := cmp.Diff(c.want, ids(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if got.Empty() != (c.want["create"]+c.want["update"]+c.want["delete"] == "") {
			t.Errorf("%s: Empty() is %v", c.name, got.Empty())
		}
	}
}

func TestGuard(t *testing.T) {
	g := Guard{MaxRemovedShare: 0.2, MaxInvalidShare: 0.5, MinRecords: 5}
	for _, c := range []struct {
		name                           string
		guard                          Guard
		before, removed, invalid, read int
		want                           string
	}{
		{"nothing there, nothing read", g, 0, 0, 0, 0, ""},
		{"at the limits", g, 10, 2, 5, 10, ""},
		{"too many removed", g, 10, 3, 0, 10, "3 of 10 records removed (30.0 %), at most 20.0 % allowed"},
		{"too many invalid", g, 10, 0, 6, 10, "6 of 10 records invalid (60.0 %), at most 50.0 % allowed"},
		{"all removed", g, 5, 5, 1, 1, "5 of 5 records removed (100.0 %), at most 20.0 % allowed"},
		{"few records, all invalid", g, 4, 0, 4, 4, ""},
		{"few records, one removed", g, 4, 1, 0, 3, ""},
		{"few records, two removed", g, 4, 2, 0, 2, "2 of 4 records removed, at most 1 at a time of fewer than 5"},
		{"few records, all but one removed", g, 2, 1, 0, 1, ""},
		{"nothing read of many", g, 10, 10, 0, 0, "nothing was read, 10 records are published"},
		{"nothing read of one", g, 1, 1, 0, 0, "nothing was read, 1 records are published"},
		{"nothing read, nothing to remove", Guard{MaxRemovedShare: 1, MaxInvalidShare: 1}, 3, 0, 0, 0, "nothing was read, 3 records are published"},
		{"the zero guard", Guard{}, 100, 1, 0, 99, "1 of 100 records removed (1.0 %), at most 0.0 % allowed"},
		{"more removed than there were", g, 2, 3, 0, 1, "3 of 2 records removed cannot be right"},
		{"some of none", g, 0, 1, 0, 1, "1 of 0 records removed cannot be right"},
		{"a negative count", g, 3, -1, 0, 1, "-1 of 3 records removed cannot be right"},
	} {
		err := c.guard.Check(c.before, c.removed, c.invalid, c.read)
		var typed *GuardError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &typed) || !errors.Is(err, ErrGuard) || !strings.HasSuffix(err.Error(), c.want)):
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
}

func TestFindings(t *testing.T) {
	f := SyntaxFinding(&rdf.SyntaxError{File: "a.ttl", Line: 3, Col: 7, Code: rdf.CodeUndefinedPrefix, Msg: "the prefix is not defined"})
	if got, want := f.String(), "a.ttl:3:7: violation: the prefix is not defined [undefined-prefix]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w := Finding{Severity: Warning, Message: "m", Subject: "x:a", Code: "c"}
	if got, want := w.String(), "warning: m <x:a> [c]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if Blocks([]Finding{w}) || !Blocks([]Finding{w, f}) || Blocks(nil) {
		t.Error("only violations block")
	}
	if got := f.Wire(); got.Code != f.Code || got.Severity != "violation" || got.Message != f.Message || got.Pointer == "" {
		t.Errorf("wire form %+v", got)
	}
	list := []Finding{{File: "b", Line: 1}, {File: "a", Line: 2, Path: "p"}, {File: "a", Line: 2, Path: "o"}, {File: "a", Line: 1}}
	SortFindings(list)
	want := []Finding{{File: "a", Line: 1}, {File: "a", Line: 2, Path: "o"}, {File: "a", Line: 2, Path: "p"}, {File: "b", Line: 1}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestCompact(t *testing.T) {
	for iri, want := range map[string]string{
		rdf.NSDCT + "title":            "dct:title",
		rdf.NSHealthDCATAP + "hdab":    "healthdcatap:hdab",
		rdf.NSDCATAP + "availability":  "dcatap:availability",
		"https://example.org/property": "<https://example.org/property>",
	} {
		if got := Compact(iri); got != want {
			t.Errorf("Compact(%s) = %s, want %s", iri, got, want)
		}
	}
}
