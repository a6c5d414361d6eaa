package catalogue

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// told is a record as a pass of source fr tells it.
func told(r Record) Told {
	return Told{
		Source: "fr", Release: "r8", Published: r.Identifier, Digest: r.Digest, Identifier: r.Identifier, IRI: r.IRI, File: r.Source.File,
		SourceDigest: r.Digest, Exchange: r.ExchangeDigest, Title: r.Title, AccessRights: r.AccessRights, HDAB: r.HDAB,
		Categories: r.Categories, Holder: r.Holder(), Trusted: r.TrustedHolder(), By: "source fr",
	}
}

func TestPublicationFollowsTheCentre(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	queued := Publication{}.Queued(told(all[0]), "m1", at)
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
		{"handed over", moved(queued.HandedOver("m1", at)), Sent, "", true, 0},
		{"an older message handed over", moved(queued.HandedOver("m0", at)), Pending, "", true, 0},
		{"receipted", moved(moved(queued.HandedOver("m1", at)).Receipted("m1", at)), Received, "", true, 0},
		{"receipted at once", moved(queued.Receipted("m1", at)), Received, "", true, 0},
		{"receipt after the answer", moved(queued.Answered("m1", validated, at).Receipted("m1", at)), Validated, "EU-1", true, 0},
		{"a delete handed over", moved(queued.QueuedDelete("m2", "", at).HandedOver("m2", at)), Deleting, "", false, 0},
		{"validated after the receipt", moved(queued.Receipted("m1", at)).Answered("m1", validated, at), Validated, "EU-1", true, 0},
		{"validated", queued.Answered("m1", validated, at), Validated, "EU-1", true, 0},
		{"refused", queued.Answered("m1", refused, at), Rejected, "", false, 1},
		{"answer to an older message", queued.Answered("m0", validated, at), Pending, "EU-1", true, 0},
		{"queued again after a refusal", queued.Answered("m1", refused, at).Queued(told(all[0]), "m2", at), Pending, "", true, 0},
		{"delete queued", queued.QueuedDelete("m2", "source fr", at), Deleting, "", false, 0},
		{"late answer to the create", queued.QueuedDelete("m2", "source fr", at).Answered("m1", validated, at), Deleting, "EU-1", false, 0},
		{"deleted", queued.QueuedDelete("m2", "source fr", at).Answered("m2", validated, at), Deleted, "EU-1", false, 0},
		{"delete refused", queued.QueuedDelete("m2", "source fr", at).Answered("m2", refused, at), Rejected, "", false, 1},
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
	queued := Publication{}.Queued(told(all[0]), "m1", at)
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
	removal, ok := queued.QueuedDelete("m3", "source fr", at).Failed("m3", "x", at).Retried("m3", "m4", true, at)
	if !ok || removal.State != Deleting || removal.Waiting != "m4" {
		t.Errorf("removal retried: %t %+v", ok, removal)
	}
	for name, p := range map[string]Publication{
		"told again since": dead.Queued(told(all[0]), "m5", at), "removed since": dead.QueuedDelete("m5", "source fr", at), "never": {},
	} {
		if got, ok := p.Retried("m1", "m6", false, at); ok || got.Waiting == "m6" {
			t.Errorf("%s: retried all the same", name)
		}
	}
	if p := dead.Queued(told(all[0]), "m5", at); p.Undelivered != "" || p.Findings != nil {
		t.Errorf("queued after a dead letter: %+v", p)
	}
}

func TestPublicationKeepsABoundedHistory(t *testing.T) {
	var p Publication
	for i := range maxHistory + 10 {
		next := p.QueuedDelete(fmt.Sprint(i), "source fr", time.Unix(int64(i), 0))
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

func TestTrustedHolder(t *testing.T) {
	got := map[string]bool{}
	for name, agents := range map[string]string{
		"publisher":                     `dct:publisher [ foaf:name "P" ; h:trustedDataHolder true ]`,
		"custodian, not the publisher":  `<http://data.europa.eu/930/custodian> [ foaf:name "C" ; h:trustedDataHolder true ] ; dct:publisher [ foaf:name "P" ]`,
		"publisher, not the custodian":  `<http://data.europa.eu/930/custodian> [ foaf:name "C" ] ; dct:publisher [ foaf:name "P" ; h:trustedDataHolder true ]`,
		"one of two":                    `dct:publisher [ foaf:name "P" ; h:trustedDataHolder true ], [ foaf:name "Q" ]`,
		"says both":                     `dct:publisher [ foaf:name "P" ; h:trustedDataHolder true, false ]`,
		"says no":                       `dct:publisher [ foaf:name "P" ; h:trustedDataHolder false ]`,
		"says it as text":               `dct:publisher [ foaf:name "P" ; h:trustedDataHolder "true" ]`,
		"the body, with no holder told": `h:hdab ex:body . ex:body h:trustedDataHolder true`,
	} {
		r := one(t, prefixes+`ex:a a dcat:Dataset ; `+agents+` .`)
		got[name] = r.TrustedHolder()
		if p := (Publication{}).Queued(told(r), "m1", time.Unix(1, 0)); p.Trusted != got[name] {
			t.Errorf("%s: published as %t", name, p.Trusted)
		}
	}
	want := map[string]bool{"publisher": true, "custodian, not the publisher": true, "publisher, not the custodian": false, "one of two": false,
		"says both": false, "says no": false, "says it as text": false, "the body, with no holder told": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trusted (-want +got):\n%s", diff)
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

// moved leaves out whether it moved.
func moved(p Publication, _ bool) Publication { return p }

// A description the source no longer confirms is stale, for one reason at a time, and no longer.
func TestStale(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	queued := Publication{}.Queued(told(all[0]), "m1", at)
	shown := queued.Answered("m1", ehds.ResponseBody{Result: ehds.Validated}, at)
	day := 24 * time.Hour
	behind, ok := shown.FellBehind(BehindQuarantine, "source fr", at.Add(day))
	if again, twice := behind.FellBehind(BehindQuarantine, "source fr", at.Add(2*day)); !ok || twice || len(again.History) != len(behind.History) {
		t.Error("it falls behind once")
	}
	if _, ok := (Publication{State: Deleted}).FellBehind(BehindQuarantine, "", at); ok {
		t.Error("what is deleted falls behind")
	}
	caught, ok := behind.CaughtUp("source fr", at.Add(3*day))
	if _, twice := caught.CaughtUp("source fr", at); !ok || twice {
		t.Error("it catches up once")
	}
	for _, c := range []struct {
		name    string
		p       Publication
		release string
		read    time.Time
		want    PublicationState
		why     BehindReason
	}{
		{"shown", shown, "r8", at, Validated, ""},
		{"nothing known", shown, "", time.Time{}, Validated, ""},
		{"quarantined", behind, "r8", at, Stale, BehindQuarantine},
		{"caught up", caught, "r8", at, Validated, ""},
		{"told again", behind.Queued(told(all[0]), "m2", at), "r8", at, Pending, ""},
		{"the source is not read", shown, "r8", at.Add(-31 * day), Stale, BehindUnread},
		{"another release is in force", shown, "r9", at, Stale, BehindRelease},
		{"rejected", queued.Answered("m1", ehds.ResponseBody{Result: ehds.NotValidated}, at), "r9", at.Add(-31 * day), Rejected, ""},
	} {
		got, b := c.p.Standing(at, c.release, c.read, 30*day)
		if got != c.want || (b != nil) != (c.why != "") || b != nil && (b.Why != c.why || b.Since.IsZero()) {
			t.Errorf("%s: %s, %+v", c.name, got, b)
		}
	}
}

// A description keeps its identifier with the centre; what it is known by at origin may move.
func TestIdentityMoves(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	first := Publication{}.Queued(told(all[0]), "m1", at)
	if first.OriginIdentifier() != "ds-a" || first.SourceDigest() != all[0].Digest || first.History[0].Note != "" || first.Checked.By != "source fr" {
		t.Errorf("first %+v", first)
	}
	next := told(all[0])
	next.Identifier, next.IRI, next.Digest = "new", "https://x.example/new", "sha256:told"
	p := first.Queued(next, "m2", at)
	if p.Identifier != "ds-a" || p.OriginIdentifier() != "new" || p.SourceDigest() != all[0].Digest || p.Digest != "sha256:told" {
		t.Errorf("moved %+v", p)
	}
	if note := p.History[1].Note; note != "identifier at origin was ds-a; IRI was "+all[0].IRI {
		t.Errorf("note %q", note)
	}
	if back := p.Queued(told(all[0]), "m3", at); back.Origin != "" || back.OriginDigest != "" {
		t.Errorf("moved back %+v", back)
	}
	if p := first.Confirmed("Ada", at.Add(time.Hour)); p.Checked.By != "Ada" || !p.Checked.At.Equal(at.Add(time.Hour)) || p.History[1].By != "Ada" {
		t.Errorf("confirmed %+v", p)
	}
}

// A removal that was refused is told from a description that was, whatever happened in between.
func TestRemovalRefused(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	all, _ := records(t, twoDatasets)
	queued := Publication{}.Queued(told(all[0]), "m1", at)
	refused := ehds.ResponseBody{Result: ehds.NotValidated}
	removal := queued.QueuedDelete("m2", "", at)
	for name, c := range map[string]struct {
		p    Publication
		want bool
	}{
		"of a description":  {queued.Answered("m1", refused, at), false},
		"of a removal":      {removal.Answered("m2", refused, at), true},
		"given up":          {removal.Failed("m2", "x", at), true},
		"under way":         {removal, false},
		"and checked since": {removal.Answered("m2", refused, at).Confirmed("Ada", at), true},
		"and back again":    {removal.Answered("m2", refused, at).Queued(told(all[0]), "m3", at).Answered("m3", refused, at), false},
		"never told":        {Publication{State: Rejected}, false},
	} {
		if got := c.p.RemovalRefused(); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
