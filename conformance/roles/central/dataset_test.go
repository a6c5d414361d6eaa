package central

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// description is a public dataset that Release 8 has nothing against.
const descriptionTTL = `
@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix h: <http://healthdataportal.eu/ns/health#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix cv: <http://data.europa.eu/m8g/> .
<%[1]s> a dcat:Dataset ; dct:title "Hospital stays %[3]s"@en ; dct:description "Stays in hospitals."@en ; dct:identifier "%[2]s" ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
  h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS> ;
  h:hdab [ a foaf:Agent ; foaf:name "Body" ; cv:contactPoint [ a cv:ContactPoint ; cv:email "hdab@example.org" ] ] ;
  h:hasStructuredData false ;
  dcat:distribution [ a dcat:Distribution ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
    dcat:accessURL <https://example.org/access> ] .
`

// datasetBody makes a body in exchange form; edit changes the Turtle before.
func datasetBody(t *testing.T, iri, id, version string, edit ...string) ehds.DatasetBody {
	t.Helper()
	ttl := strings.NewReplacer(edit...).Replace(fmt.Sprintf(descriptionTTL, iri, id, version))
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(ttl), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nq, err := rdf.Canonical(t.Context(), g.Quads(), rdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return ehds.DatasetBody{
		Identifier: id, AccessRights: ehds.AccessPublic, Release: "r8",
		Record: ehds.RecordContent{MediaType: "application/n-quads", Content: string(nq), Digest: rdf.Digest(nq)},
	}
}

func catalogueOf(t *testing.T, c *Central) []listed {
	t.Helper()
	rec := httptest.NewRecorder()
	c.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/catalogue", nil))
	var out []listed
	if err := json.NewDecoder(bytes.NewReader(rec.Body.Bytes())).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDatasetLifecycle(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	caseID := ehds.DatasetCase("NL", "stays/1").String()
	body := datasetBody(t, "https://nl.example/ds/1", "stays/1", "1")

	create := n.tell(n.message(ehds.DatasetCreate, caseID, body))
	first := n.wantValid(create)
	if first.CentralID == "" {
		t.Fatal("no central id")
	}
	got := catalogueOf(t, w.central)
	if len(got) != 1 || got[0].CentralID != first.CentralID || got[0].Nation != "NL" || got[0].Identifier != "stays/1" ||
		got[0].Digest != body.Record.Digest || got[0].Title["en"] != "Hospital stays 1" {
		t.Fatalf("catalogue %+v", got)
	}
	n.wantCode(n.tell(n.message(ehds.DatasetCreate, caseID, body)), "dataset-exists")

	next := datasetBody(t, "https://nl.example/ds/1", "stays/1", "2")
	next.CentralID = first.CentralID
	if r := n.wantValid(n.tell(n.message(ehds.DatasetUpdate, caseID, next))); r.CentralID != first.CentralID {
		t.Error("an update changes the central id")
	}
	next.CentralID = "another"
	n.wantCode(n.tell(n.message(ehds.DatasetUpdate, caseID, next)), "central-id-differs")

	w.open() // nothing is lost, and numbers go on
	if got := catalogueOf(t, w.central); len(got) != 1 || got[0].Digest != next.Record.Digest {
		t.Fatalf("after a restart: %+v", got)
	}
	remove := n.tell(n.message(ehds.DatasetDelete, caseID, ehds.DatasetDeleteBody{Identifier: "stays/1", LastDigest: body.Record.Digest}))
	if r := n.wantValid(remove); len(r.Findings) != 1 || r.Findings[0].Code != "digest-differs" {
		t.Errorf("findings %v", r.Findings)
	}
	if got := catalogueOf(t, w.central); len(got) != 0 {
		t.Errorf("deleted, and still shown: %+v", got)
	}
	n.wantCode(n.tell(n.message(ehds.DatasetDelete, caseID, ehds.DatasetDeleteBody{Identifier: "stays/1", LastDigest: next.Record.Digest})), "unknown-case")
	if r := n.wantValid(n.tell(n.message(ehds.DatasetCreate, caseID, body))); r.CentralID != first.CentralID {
		t.Error("a dataset that returns has another central id")
	}
	seqs := n.about(ehds.DatasetCreate.Response(), "")
	if last := seqs[len(seqs)-1].env.Seq; last != 7 {
		t.Errorf("the seventh response has number %d", last)
	}
}

func TestDatasetRefused(t *testing.T) {
	w := newWorld(t)
	nl, fr := newNCP(t, w, "NL"), newNCP(t, w, "FR")
	good := datasetBody(t, "https://nl.example/ds/1", "1", "1")
	nl.wantValid(nl.tell(nl.message(ehds.DatasetCreate, "ds:NL:1", good)))

	with := func(change func(*ehds.DatasetBody)) ehds.DatasetBody {
		b := datasetBody(t, "https://fr.example/ds/2", "2", "1")
		change(&b)
		return b
	}
	for name, c := range map[string]struct {
		caseID string
		body   ehds.DatasetBody
		code   string
	}{
		"another nation's case": {"ds:NL:1", good, "foreign-case"},
		"another's record":      {"ds:FR:1", good, "record-of-another-nation"},
		"case mismatch":         {"ds:FR:3", with(func(*ehds.DatasetBody) {}), "case-mismatch"},
		"digest":                {"ds:FR:2", with(func(b *ehds.DatasetBody) { b.Record.Content += "#" }), "record-digest-mismatch"},
		"not canonical": {"ds:FR:2", with(func(b *ehds.DatasetBody) {
			b.Record.Content = "# comment\n" + b.Record.Content
			b.Record.Digest = rdf.Digest([]byte(b.Record.Content))
		}), "record-not-canonical"},
		"no RDF": {"ds:FR:2", with(func(b *ehds.DatasetBody) {
			b.Record.Content = "hello"
			b.Record.Digest = rdf.Digest([]byte("hello"))
		}), "record-unreadable"},
		"no dataset": {"ds:FR:2", with(func(b *ehds.DatasetBody) {
			b.Record.Content = "<https://a.example> <https://b.example> <https://c.example> .\n"
			b.Record.Digest = rdf.Digest([]byte(b.Record.Content))
		}), "record-not-one-dataset"},
		"named graph": {"ds:FR:2", with(func(b *ehds.DatasetBody) {
			b.Record.Content = "<https://a.example> <https://b.example> <https://c.example> <https://g.example> .\n"
			b.Record.Digest = rdf.Digest([]byte(b.Record.Content))
		}), "record-not-canonical"},
		"identifier":     {"ds:FR:2", with(func(b *ehds.DatasetBody) { b.Record = datasetBody(t, "https://fr.example/ds/2", "x", "1").Record }), "identifier-differs"},
		"access rights":  {"ds:FR:2", with(func(b *ehds.DatasetBody) { b.AccessRights = ehds.AccessNonPublic }), "access-rights-differ"},
		"release":        {"ds:FR:2", with(func(b *ehds.DatasetBody) { b.Release = "r5" }), "release-not-supported"},
		"broken profile": {"ds:FR:2", datasetBody(t, "https://fr.example/ds/2", "2", "1", `dct:description "Stays in hospitals."@en ;`, ""), "missing-property"},
	} {
		t.Run(name, func(t *testing.T) {
			fr.wantCode(fr.tell(fr.message(ehds.DatasetCreate, c.caseID, c.body)), c.code)
		})
	}
	if got := catalogueOf(t, w.central); len(got) != 1 || got[0].Nation != "NL" {
		t.Errorf("catalogue %+v", got)
	}
}
