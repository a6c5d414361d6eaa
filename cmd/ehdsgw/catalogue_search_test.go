package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// TestCatalogueSearchAndShow: what is published is found by the running gateway, and printed.
func TestCatalogueSearchAndShow(t *testing.T) {
	file, flags := hub(t)
	_, _, stop := started(t, file, flags)
	defer stop()
	if code, out, _ := call(t.Context(), "catalogue", "search", "-c", file); code != exitNegative || out != "nothing found\n" {
		t.Errorf("an empty catalogue: exit %d, %q", code, out)
	}
	must(t, "catalogue", "publish", "-c", file)
	var found gateway.Found
	for limit := time.Now().Add(20 * time.Second); found.Total == 0; { // it is indexed after the pass
		_, out, _ := call(t.Context(), "catalogue", "search", "--output", "json", "-c", file)
		if err := json.Unmarshal([]byte(out), &found); err != nil || time.Now().After(limit) {
			t.Fatalf("not found in time: %v, %s", err, out)
		}
	}
	d := found.Hits[0]
	word, _, _ := strings.Cut(d.Title["en"], " ")
	table := must(t, "catalogue", "search", "-c", file, strings.ToUpper(word), "--country", "FR", "--access", d.Access)
	if !regexp.MustCompile(`(?m)^KEY +COUNTRY +ACCESS +CATEGORIES +TITLE\n`+regexp.QuoteMeta(d.Key)+` +FR `).MatchString(table) || !strings.Contains(table, d.Title["en"]) {
		t.Errorf("as a table:\n%s", table)
	}
	if code, out, _ := call(t.Context(), "catalogue", "search", "-c", file, "--country", "DE"); code != exitNegative || out != "nothing found\n" {
		t.Errorf("of another country: exit %d, %q", code, out)
	}
	for _, id := range []string{d.Key, d.Identifier} {
		g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(must(t, "catalogue", "show", "-c", file, id)), rdf.ReadOptions{})
		if err != nil || !g.Has(rdf.NewIRI(d.IRI), rdf.NewIRI(rdf.NSDCT+"identifier"), rdf.NewString(d.Identifier)) {
			t.Errorf("show %s: %v", id, err)
		}
	}
	nquads := must(t, "catalogue", "show", "--to", "nquads", "-c", file, d.Key)
	if linked := must(t, "catalogue", "show", "--to", "jsonld", "-c", file, d.Key); !json.Valid([]byte(linked)) || !strings.Contains(linked, "\"@id\": \""+d.IRI) {
		t.Errorf("as JSON-LD:\n%s", linked)
	}
	var row gateway.DescriptionRow
	if err := json.Unmarshal([]byte(must(t, "catalogue", "show", "--output", "json", "-c", file, d.Key)), &row); err != nil || row.NQuads != nquads || row.Version != rdf.Digest([]byte(nquads)) {
		t.Errorf("as JSON: %v, %+v", err, row.Document)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"search", "--limit", "0"}, exitNegative, "[limit-range]"},
		{[]string{"search", "--limit", "1000"}, exitNegative, "[search-query]"},
		{[]string{"search", strings.Repeat("long ", 200)}, exitNegative, "[search-query]"},
		{[]string{"show"}, exitUsage, "the key or identifier is missing"},
		{[]string{"show", "nothing"}, exitNegative, "[no-such-description]"},
		{[]string{"show", "own:app:A1"}, exitNegative, "[no-such-description]"},
		{[]string{"show", "--to", "pdf", "x"}, exitUsage, "turtle, jsonld or nquads"},
	} {
		code, _, stderr := call(t.Context(), append(append([]string{"catalogue"}, c.args...), "-c", file)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit %d, %s", c.args, code, stderr)
		}
	}
}
