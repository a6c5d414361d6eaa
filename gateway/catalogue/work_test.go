package catalogue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// sharing writes n datasets that all link to the node, after the node's own description.
func sharing(n int, node, description string) string {
	var b strings.Builder
	b.WriteString(prefixes + description)
	for i := range n {
		fmt.Fprintf(&b, "\nex:d%d a dcat:Dataset ; dct:identifier \"d%d\" ; dct:relation %s .", i, i, node)
	}
	return b.String()
}

// clique writes n blank nodes that all point at each other.
func clique(name string, n int) string {
	var b strings.Builder
	for i := range n {
		for j := range n {
			if i != j {
				fmt.Fprintf(&b, "_:%s%d dct:relation _:%s%d .\n", name, i, name, j)
			}
		}
	}
	return b.String()
}

// keywords gives one node n statements.
func keywords(node string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s dcat:keyword \"k\"", node)
	for i := range n - 1 {
		fmt.Fprintf(&b, ", \"k%d\"", i)
	}
	b.WriteString(" .\n")
	return b.String()
}

// hostile takes a document apart under a bound far above what it takes, and far below what it would
// take without bounds.
func hostile(t *testing.T, doc string) ([]Record, []Finding) {
	t.Helper()
	g := parse(t, doc)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	records, findings, err := Records(ctx, g, "doc.ttl")
	if err != nil {
		t.Fatalf("the document was not taken apart in time: %v", err)
	}
	return records, findings
}

func TestSharedCliqueIsTriedOnce(t *testing.T) {
	const n = 1000
	doc := sharing(n, "_:c0", clique("c", 60)) + "\nex:ok a dcat:Dataset ; dct:identifier \"ok\" ; dct:publisher [ foaf:name \"P\" ] ."
	records, findings := hostile(t, doc)
	if len(records) != 1 || records[0].Identifier != "ok" {
		t.Errorf("%d records: what has nothing to do with the knot is lost", len(records))
	}
	if len(findings) != n {
		t.Fatalf("%d findings, want %d", len(findings), n)
	}
	for _, f := range findings {
		if f.Code != CodeRecordTooComplex || f.Severity != Violation || f.Identifier == "" || f.Subject == "" || f.Line == 0 || f.Hint == "" {
			t.Fatalf("finding %+v", f)
		}
	}
}

// A dataset that shares a blank node with a knotted one, but not its knot, is published.
func TestKnotIsNotItsNeighbour(t *testing.T) {
	doc := prefixes + clique("c", 24) + `_:c0 dct:publisher _:p . _:p foaf:name "P" .
ex:a a dcat:Dataset ; dct:identifier "a" ; dct:relation _:c0 .
ex:b a dcat:Dataset ; dct:identifier "b" ; dct:publisher _:p .`
	records, findings := hostile(t, doc)
	if len(records) != 1 || records[0].Identifier != "b" || len(findings) != 1 || findings[0].Identifier != "a" {
		t.Errorf("%d records, findings %v", len(records), findings)
	}
}

// Knots that are not shared spend the calls of the document.
func TestManyKnotsEndWithTheDocumentsWork(t *testing.T) {
	var b strings.Builder
	b.WriteString(prefixes + "ex:first a dcat:Dataset ; dct:identifier \"first\" .\n")
	const n = 60
	for i := range n {
		b.WriteString(clique(fmt.Sprintf("c%dx", i), 12))
		fmt.Fprintf(&b, "ex:d%d a dcat:Dataset ; dct:identifier \"d%d\" ; dct:relation _:c%dx0 .\n", i, i, i)
	}
	b.WriteString("ex:last a dcat:Dataset ; dct:identifier \"last\" .")
	records, findings := hostile(t, b.String())
	if len(records) != 1 || records[0].Identifier != "first" || len(findings) != n+1 {
		t.Fatalf("%d records, %d findings", len(records), len(findings))
	}
	last := findings[n]
	if last.Identifier != "last" || last.Code != CodeRecordTooComplex || last.Message == findings[0].Message {
		t.Errorf("the dataset after the work was spent: %+v", last)
	}
}

func TestSharedNodeEndsWithTheDocumentsWork(t *testing.T) {
	const n = 1000
	for name, description := range map[string]string{
		"many statements": keywords("_:hub", 18_000),
		"a long literal":  `_:hub dct:description "` + strings.Repeat("x", MaxRecordBytes*9/10) + `" .`,
	} {
		t.Run(name, func(t *testing.T) {
			records, findings := hostile(t, sharing(n, "_:hub", description))
			if len(records) == 0 || len(records) > n/2 || len(records)+len(findings) != n {
				t.Fatalf("%d records, %d findings", len(records), len(findings))
			}
			for _, f := range findings {
				if f.Code != CodeRecordTooComplex || f.Identifier == "" || f.Subject == "" || !strings.Contains(f.Message, "document") {
					t.Fatalf("finding %+v", f)
				}
			}
		})
	}
}

// An honest catalogue whose datasets share a good deal stays within the work.
func TestHonestSharingFits(t *testing.T) {
	const n = 150
	records, findings := hostile(t, sharing(n, "ex:scheme", keywords("ex:scheme", 1_200)))
	if len(records) != n || len(findings) != 0 {
		t.Errorf("%d records, %d findings", len(records), len(findings))
	}
}

func TestBlankNodesOfAKnotAreNamed(t *testing.T) {
	g := parse(t, prefixes+clique("c", 12)+`_:c0 dct:publisher [ foaf:name "P" ] .`)
	_, err := rdf.Canonical(t.Context(), g.Quads(), rdf.Limits{})
	var poison *rdf.PoisonError
	if !errors.As(err, &poison) || !errors.Is(err, rdf.ErrPoison) || len(poison.Knot) != 11 {
		t.Errorf("error %v names %v", err, poison)
	}
}
