package catalogue

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestComparison(t *testing.T) {
	type seen struct{ id, iri, digest string }
	have := map[string]Have{
		"a": {Digest: "1", IRI: "x:a", File: "one.ttl"},
		"b": {Digest: "1", IRI: "x:b", File: "one.ttl"},
		"c": {Digest: "1", IRI: "x:c", File: "two.ttl"},
		"d": {Digest: "1"},
		"l": {Digest: "1", IRI: "x:l", File: "three.ttl", Lacking: true},
		"s": {Digest: "1", IRI: "x:s", File: "three.ttl"}, "t": {Digest: "1", IRI: "x:s", File: "three.ttl"},
	}
	for _, c := range []struct {
		name string
		seen []seen
		held []Finding
		want map[string]string
	}{
		{"everything is gone", nil, nil, map[string]string{"deleted": "a b c d l s t"}},
		{"each kind of change", []seen{{"e", "x:e", "1"}, {"b", "x:b", "2"}, {"a", "x:a", "1"}, {"l", "x:l", "1"}, {"a", "x:other", "3"}}, nil,
			map[string]string{"create": "e", "update": "b l", "unchanged": "a", "duplicate": "a", "deleted": "c d s t"}},
		{"a quarantined record stays", nil, []Finding{{Severity: Violation, Identifier: "a"}},
			map[string]string{"deleted": "b c d l s t", "withheld": "a"}},
		{"one that lost its identifier stays", nil, []Finding{{Severity: Violation, Subject: "x:b"}},
			map[string]string{"deleted": "a c d l s t", "withheld": "b"}},
		{"a warning holds nothing", nil, []Finding{{Severity: Warning, Identifier: "a", File: "one.ttl"}, {Severity: Info, File: "one.ttl"}},
			map[string]string{"deleted": "a b c d l s t"}},
		{"a malformed document holds its records and the unplaced", nil, []Finding{{Severity: Violation, File: "one.ttl"}},
			map[string]string{"deleted": "c l s t", "withheld": "a b d"}},
		{"a violation without place holds all", nil, []Finding{{Severity: Violation}},
			map[string]string{"withheld": "a b c d l s t"}},
		{"present wins over held", []seen{{"a", "x:a", "1"}}, []Finding{{Severity: Violation, Identifier: "a", Code: CodeDuplicateIdentifier}},
			map[string]string{"unchanged": "a", "deleted": "b c d l s t"}},
		{"after one that is unfit", []seen{{"!a", "", ""}, {"a", "x:a", "1"}}, []Finding{{Severity: Violation, Identifier: "a"}},
			map[string]string{"duplicate": "a", "deleted": "b c d l s t", "withheld": "a"}},
		{"before one that is unfit", []seen{{"a", "x:a", "1"}, {"!a", "", ""}}, []Finding{{Severity: Violation, Identifier: "a"}},
			map[string]string{"unchanged": "a", "deleted": "b c d l s t"}},
		{"the old identifier is held", []seen{{"A", "x:a", "1"}}, []Finding{{Severity: Violation, Identifier: "a"}},
			map[string]string{"undecided": "A", "deleted": "b c d l s t", "withheld": "a"}},
		{"the IRI stays, the identifier changes", []seen{{"A", "x:a", "1"}}, nil,
			map[string]string{"undecided": "A", "renamed": "a>A", "deleted": "b c d l s t"}},
		{"the identifier stays, the IRI changes", []seen{{"a", "x:z", "2"}}, nil,
			map[string]string{"update": "a", "deleted": "b c d l s t"}},
		{"the old identifier is there too, before", []seen{{"a", "x:z", "1"}, {"A", "x:a", "1"}}, nil,
			map[string]string{"unchanged": "a", "undecided": "A", "deleted": "b c d l s t"}},
		{"the old identifier is there too, after", []seen{{"A", "x:a", "1"}, {"a", "x:z", "1"}}, nil,
			map[string]string{"unchanged": "a", "undecided": "A", "deleted": "b c d l s t"}},
		{"two have the IRI", []seen{{"A", "x:a", "1"}, {"AA", "x:a", "1"}}, nil,
			map[string]string{"undecided": "A AA", "deleted": "a b c d l s t"}},
		{"two were published with the IRI", []seen{{"S", "x:s", "1"}}, nil,
			map[string]string{"create": "S", "deleted": "a b c d l s t"}},
		{"identifiers change places", []seen{{"a", "x:b", "2"}, {"b", "x:a", "2"}}, nil,
			map[string]string{"update": "a b", "deleted": "c d l s t"}},
		{"one that is a blank node has no IRI to be known by", []seen{{"D", "", "1"}}, nil,
			map[string]string{"create": "D", "deleted": "a b c d l s t"}},
	} {
		cmpr := NewComparison(have)
		got := map[string]string{}
		add := func(part, id string) { got[part] = strings.TrimSpace(got[part] + " " + id) }
		for _, f := range c.held {
			cmpr.Hold(f)
		}
		for n, s := range c.seen {
			if id, unfit := strings.CutPrefix(s.id, "!"); unfit {
				cmpr.Unfit(id, Source{File: "f", Line: n + 1})
				continue
			}
			v := cmpr.See(s.id, s.iri, s.digest, Source{File: "f", Line: n + 1})
			add([]string{"create", "update", "unchanged", "duplicate", "undecided"}[v], s.id)
			if at, ok := cmpr.First(s.id); !ok || at.Line > n+1 || v == Duplicate && at.Line == n+1 {
				t.Errorf("%s: %s was first seen at %v", c.name, s.id, at)
			}
		}
		for now, was := range cmpr.Settle() {
			add("renamed", was+">"+now)
		}
		deleted, withheld := cmpr.Gone()
		for part, list := range map[string][]string{"deleted": deleted, "withheld": withheld} {
			for _, id := range list {
				add(part, id)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
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

// What was on one page of a listing may be on another: an unreadable page, or the listing as a whole,
// holds what was read from any page of it.
func TestAnUnreadablePageHoldsTheListing(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"https://h.example/all.ttl#page=3", "https://h.example/all.ttl"} {
		c := NewComparison(map[string]Have{
			"a": {File: "https://h.example/all.ttl#page=2"}, "b": {File: "https://h.example/all.ttl"}, "c": {File: "https://h.example/other.ttl#page=3"},
		})
		c.Hold(Finding{Severity: Violation, File: file})
		deleted, withheld := c.Gone()
		if diff := cmp.Diff([][]string{{"c"}, {"a", "b"}}, [][]string{deleted, withheld}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}
