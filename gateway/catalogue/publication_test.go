package catalogue

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestPublicationFollowsTheCentre(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	queued := Publication{}.Queued(all[0], "fr", "m1", at)
	validated := ehds.ResponseBody{Result: ehds.Validated, CentralID: "EU-1"}
	refused := ehds.ResponseBody{Result: "NOT_VALIDATED", Findings: []ehds.Finding{{Code: "missing-property"}}}
	for _, c := range []struct {
		name      string
		p         Publication
		state     PublicationState
		central   string
		published bool
		findings  int
	}{
		{"queued", queued, Pending, "", true, 0},
		{"validated", queued.Answered("m1", validated, at), Validated, "EU-1", true, 0},
		{"refused", queued.Answered("m1", refused, at), Rejected, "", false, 1},
		{"answer to an older message", queued.Answered("m0", validated, at), Pending, "EU-1", true, 0},
		{"queued again after a refusal", queued.Answered("m1", refused, at).Queued(all[0], "fr", "m2", at), Pending, "", true, 0},
		{"delete queued", queued.QueuedDelete("m2", at), Deleting, "", false, 0},
		{"late answer to the create", queued.QueuedDelete("m2", at).Answered("m1", validated, at), Deleting, "EU-1", false, 0},
		{"deleted", queued.QueuedDelete("m2", at).Answered("m2", validated, at), Deleted, "EU-1", false, 0},
		{"delete refused", queued.QueuedDelete("m2", at).Answered("m2", refused, at), Rejected, "", false, 1},
	} {
		if c.p.State != c.state || c.p.CentralID != c.central || c.p.Published() != c.published || len(c.p.Findings) != c.findings {
			t.Errorf("%s: %+v", c.name, c.p)
		}
	}
	if queued.Identifier != "ds-a" || queued.Digest != all[0].Digest || queued.File != "doc.ttl" || queued.HDAB != all[0].HDAB || !queued.Changed.Equal(at) {
		t.Errorf("queued %+v", queued)
	}
}

// A message that was given up does not leave a description waiting for ever.
func TestPublicationOfADeadLetter(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	queued := Publication{}.Queued(all[0], "fr", "m1", at)
	dead := queued.Failed("m1", "refused-413", at.Add(time.Hour))
	if dead.State != Rejected || dead.Waiting != "" || dead.Undelivered != "m1" || dead.Digest != queued.Digest || !dead.Changed.After(at) ||
		len(dead.Findings) != 1 || dead.Findings[0].Code != "refused-413" || dead.Findings[0].Severity == "" || dead.Findings[0].Message == "" {
		t.Errorf("given up: %+v", dead)
	}
	for name, p := range map[string]Publication{"older message": queued.Failed("m0", "x", at), "no message": Publication{}.Failed("", "x", at)} {
		if p.State == Rejected || p.Findings != nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
	again, ok := dead.Retried("m1", "m2", false, at)
	if !ok || again.State != Pending || again.Waiting != "m2" || again.Findings != nil || again.Undelivered != "" || again.Digest != queued.Digest {
		t.Errorf("retried: %t %+v", ok, again)
	}
	removal, ok := queued.QueuedDelete("m3", at).Failed("m3", "x", at).Retried("m3", "m4", true, at)
	if !ok || removal.State != Deleting || removal.Waiting != "m4" {
		t.Errorf("removal retried: %t %+v", ok, removal)
	}
	for name, p := range map[string]Publication{
		"told again since": dead.Queued(all[0], "fr", "m5", at), "removed since": dead.QueuedDelete("m5", at), "never": {},
	} {
		if got, ok := p.Retried("m1", "m6", false, at); ok || got.Waiting == "m6" {
			t.Errorf("%s: retried all the same", name)
		}
	}
	if p := dead.Queued(all[0], "fr", "m5", at); p.Undelivered != "" || p.Findings != nil {
		t.Errorf("queued after a dead letter: %+v", p)
	}
}

func TestPublicationKeepsABoundedHistory(t *testing.T) {
	var p Publication
	for i := range maxHistory + 10 {
		next := p.QueuedDelete(fmt.Sprint(i), time.Unix(int64(i), 0))
		if len(p.History) > 0 && p.History[len(p.History)-1].At.Unix() != int64(i-1) {
			t.Fatal("a step changed the publication before it")
		}
		p = next
	}
	if len(p.History) != maxHistory || p.History[0].At.Unix() != 10 {
		t.Errorf("%d steps, the first at %v", len(p.History), p.History[0].At.Unix())
	}
}

func TestHolder(t *testing.T) {
	got := map[string]string{}
	for name, agents := range map[string]string{
		"custodian": `<http://data.europa.eu/930/custodian> [ foaf:name "C" ] ; dct:publisher [ foaf:name "P" ]`,
		"publisher": `<http://data.europa.eu/930/custodian> ex:unnamed ; dct:publisher [ foaf:name "Q", "P" ]`,
		"neither":   `h:hdab ex:body`,
	} {
		got[name] = one(t, prefixes+`ex:a a dcat:Dataset ; `+agents+` .`).Holder()
	}
	want := map[string]string{"custodian": "C", "publisher": "P", "neither": "https://catalogue.example.org/body"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
}

func TestTitlesAndPlaces(t *testing.T) {
	r := one(t, prefixes+`ex:a a dcat:Dataset ; dct:title "b"@EN, "a"@en, ex:title ; dct:accessRights "PUBLIC" .`)
	if diff := cmp.Diff(map[string]string{"en": "a"}, r.Title); diff != "" || r.AccessRights != "" {
		t.Errorf("access rights %q, titles (-want +got):\n%s", r.AccessRights, diff)
	}
	if got := r.Line(r.Subject); got != r.Source.Line || got == 0 {
		t.Errorf("line %d", got)
	}
	if got := (Source{File: "a.ttl"}).String(); got != "a.ttl" {
		t.Errorf("place %s", got)
	}
}
