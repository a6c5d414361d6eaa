package cataloguetest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Every synthetic description is one record that may be published, of the size real ones have.
func TestFitForPublication(t *testing.T) {
	t.Parallel()
	const n = 200
	s := cataloguetest.Synthetic{Datasets: n, PerDocument: n, Seed: 1}
	doc := s.Document(0)
	g, err := rdf.Read(t.Context(), bytes.NewReader(doc), rdf.Turtle, rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records, findings, err := catalogue.Records(t.Context(), g, s.Name(0))
	if err != nil || len(findings) != 0 || len(records) != n {
		t.Fatalf("%d records, findings %v, %v", len(records), findings, err)
	}
	rules, err := profile.Open(profile.Release)
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for i, r := range records {
		if r.Identifier != cataloguetest.Identifier(i) || r.IRI != cataloguetest.IRI(i) || len(r.Categories) != 1 {
			t.Errorf("record %d is %s, %s, %v", i, r.Identifier, r.IRI, r.Categories)
		}
		if f := rules.Validate(r); catalogue.Blocks(f) {
			t.Fatalf("record %d: %v", i, f)
		}
		levels[r.AccessRights]++
	}
	if len(levels) != 3 {
		t.Errorf("levels %v", levels)
	}
	if triples, size := g.Len()/n, len(doc)/n; triples < 35 || triples > 48 || size < 2400 || size > 3200 {
		t.Errorf("%d statements and %d bytes each", triples, size)
	}
}

// The same catalogue again and again, but for what was revised.
func TestRevisions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := cataloguetest.Synthetic{Datasets: 25, PerDocument: 10, Seed: 7}
	size, err := s.Write(dir)
	if err != nil || s.Documents() != 3 {
		t.Fatalf("%d documents, %v", s.Documents(), err)
	}
	var read int64
	for n := range 3 {
		b, err := os.ReadFile(filepath.Join(dir, s.Name(n)))
		if err != nil || !bytes.Equal(b, s.Document(n)) {
			t.Errorf("document %d: %v", n, err)
		}
		read += int64(len(b))
	}
	if read != size {
		t.Errorf("%d bytes, said to be %d", read, size)
	}
	revised := s
	revised.Revision = func(i int) int { return map[int]int{3: 1, 14: -1}[i] }
	if bytes.Equal(s.Document(0), revised.Document(0)) || !bytes.Contains(revised.Document(0), []byte("Revision 1.")) {
		t.Error("dataset 3 is not revised")
	}
	if bytes.Contains(revised.Document(1), []byte(cataloguetest.IRI(14))) || !bytes.Equal(s.Document(2), revised.Document(2)) {
		t.Error("not only dataset 14 is gone")
	}
}
