package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// describes starts the gateway on n synthetic datasets and publishes them.
func (u *union) describes(n int) {
	u.t.Helper()
	u.more += fmt.Sprintf(", mirror: {url: %q, interval: 1h}", u.centre.Entity()+"/catalogue")
	dir := filepath.Join(u.dir, "descriptions")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		u.t.Fatal(err)
	}
	if _, err := (cataloguetest.Synthetic{Datasets: n}).Write(dir); err != nil {
		u.t.Fatal(err)
	}
	u.harvests(fmt.Sprintf("{name: files, driver: rdffile, location: %q, interval: 0s, profile: r8}", dir))
	u.publish("files")
}

// describesAll is describes, and waits until the centre shows them.
func (u *union) describesAll(n int) {
	u.t.Helper()
	u.describes(n)
	u.until("all are shown", func() error {
		if got := len(u.catalogue()); got != n {
			return fmt.Errorf("%d of %d are shown", got, n)
		}
		return nil
	})
}

func (u *union) reconcile(req ReconcileRequest) reconcile.Proof {
	u.t.Helper()
	p, err := u.gateway.operatorReconcile(u.t.Context(), req)
	if err != nil {
		u.t.Fatalf("%v\n%s", err, &u.log)
	}
	return p
}

// lose changes our record behind the back of publishing: what is described, and what the publication says.
func (u *union) lose(identifier string, describe *store.DescriptionWrite, change func(*catalogue.Publication)) {
	u.t.Helper()
	_, err := u.gateway.record.Update(u.t.Context(), ehds.DatasetCase("FR", identifier).String(), func(s store.State) (store.Change, error) {
		var p catalogue.Publication
		if s.Doc != nil {
			if err := json.Unmarshal(s.Doc, &p); err != nil {
				return store.Change{}, err
			}
		}
		change(&p)
		doc, err := json.Marshal(p)
		return store.Change{Doc: doc, Describe: describe}, err
	})
	if err != nil {
		u.t.Fatal(err)
	}
}

func publicationIn(t *testing.T, doc []byte) (p catalogue.Publication) {
	t.Helper()
	if err := json.Unmarshal(doc, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func packed(t *testing.T, content string) *store.DescriptionWrite {
	t.Helper()
	var packer store.Packer
	d, err := packer.Pack([]byte(content), rdf.Digest([]byte(content)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Equal catalogues are proved equal by one signed question and answer; what differs is found with its
// cause, and the proof holds without a gateway.
func TestReconcile(t *testing.T) {
	t.Parallel()
	const n = 40 // more than one leaf holds, so that a difference is found by descent
	u := newUnion(t)
	u.describesAll(n)
	p := u.reconcile(ReconcileRequest{Evidence: true})
	r := p.Report
	if !r.Equal || r.Messages != 2 || r.Ours.Count != n || r.Ours != r.Theirs || len(r.Differences) != 0 || r.Mode != reconcile.ByMessages {
		t.Fatalf("published: %+v", r)
	}
	u.proved(p)
	read := u.reconcile(ReconcileRequest{Mode: reconcile.ByReading, Evidence: true})
	if r := read.Report; !r.Equal || r.Theirs != p.Report.Theirs || r.Case != "" || r.Unread != 0 || read.Evidence != nil {
		t.Errorf("read: %+v", r)
	}
	u.lose(cataloguetest.Identifier(7), &store.DescriptionWrite{Withdraw: true}, func(*catalogue.Publication) {})
	u.lose(cataloguetest.Identifier(9), packed(t, "<x:a> <x:b> <x:c> .\n"), func(*catalogue.Publication) {})
	u.lose("never-shown", packed(t, "<x:d> <x:b> <x:c> .\n"), func(p *catalogue.Publication) {
		p.Identifier, p.State = "never-shown", catalogue.Rejected
		p.Findings = []ehds.Finding{{Pointer: "/body/record", Code: "missing-property", Severity: "violation", Message: "m"}}
	})
	p = u.reconcile(ReconcileRequest{Evidence: true})
	r = p.Report
	if r.Equal || r.Missing != 1 || r.Stale != 1 || r.Orphan != 1 || r.Messages <= 2 {
		t.Fatalf("different: %+v", r)
	}
	got := map[string]string{}
	for _, d := range r.Differences {
		got[d.Identifier] = fmt.Sprint(d.Kind, " ", d.Cause, " ", d.Codes)
		if d.Mend == "" {
			t.Errorf("%s: nothing to do", d.Identifier)
		}
	}
	want := map[string]string{
		cataloguetest.Identifier(7): "orphan kept-at-centre []", cataloguetest.Identifier(9): "stale changed-at-centre []",
		"never-shown": "missing refused [missing-property]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
	u.proved(p)
	read = u.reconcile(ReconcileRequest{Mode: reconcile.ByReading})
	if diff := cmp.Diff(r.Differences, read.Report.Differences); diff != "" {
		t.Errorf("read instead of asked (-asked +read):\n%s", diff)
	}
}

// proved checks a proof as an auditor does: the bundle by the anchor's keys alone, then the report by
// the messages in it. A report that says anything else is not borne out.
func (u *union) proved(p reconcile.Proof) {
	u.t.Helper()
	b, err := evidence.ParseBundle(p.Evidence)
	if err != nil {
		u.t.Fatal(err)
	}
	messages, err := reconcile.Messages(b)
	if err != nil {
		u.t.Fatal(err)
	}
	if err := p.Check(b.Entity, messages); err != nil {
		u.t.Errorf("the proof: %v", err)
	}
	for name, change := range map[string]func(*reconcile.Report){
		"another root":    func(r *reconcile.Report) { r.Ours.Root = digest.Sum{}.String() },
		"another count":   func(r *reconcile.Report) { r.Theirs.Count++ },
		"another verdict": func(r *reconcile.Report) { r.Equal = !r.Equal },
		"another centre":  func(r *reconcile.Report) { r.Centre = "https://elsewhere.example" },
		"another case":    func(r *reconcile.Report) { r.Case += "0" },
		"a false orphan": func(r *reconcile.Report) {
			r.Orphan++
			r.Differences = append(r.Differences[:len(r.Differences):len(r.Differences)], reconcile.Difference{Kind: digest.Orphan, Identifier: "x", Theirs: r.Theirs.Root})
		},
		"a false count": func(r *reconcile.Report) { r.Missing++ },
		"false kinds": func(r *reconcile.Report) {
			r.Missing, r.Orphan, r.Differences = r.Orphan+1, r.Missing, slices.Clone(r.Differences)
			for i := range r.Differences {
				r.Differences[i].Kind = digest.Missing
			}
		},
		"two left out that even out": func(r *reconcile.Report) {
			r.Missing, r.Orphan = r.Missing-1, r.Orphan-1
			r.Differences = slices.DeleteFunc(slices.Clone(r.Differences), func(d reconcile.Difference) bool { return d.Kind != digest.Stale })
		},
		"one left out that changes no number": func(r *reconcile.Report) {
			r.Stale--
			r.Differences = slices.DeleteFunc(slices.Clone(r.Differences), func(d reconcile.Difference) bool { return d.Kind == digest.Stale })
		},
		"a digest we do not have": func(r *reconcile.Report) {
			r.Differences = slices.Clone(r.Differences)
			for i := range r.Differences {
				if r.Differences[i].Ours != "" {
					r.Differences[i].Ours = r.Ours.Root
				}
			}
			if r.Equal {
				r.Stale++
			}
		},
		"a difference left out": func(r *reconcile.Report) {
			for i, d := range r.Differences {
				if d.Kind == digest.Missing {
					r.Missing--
					r.Differences = slices.Delete(slices.Clone(r.Differences), i, i+1)
					return
				}
			}
			r.Orphan++
		},
	} {
		forged := p
		change(&forged.Report)
		if err := forged.Check(b.Entity, messages); !errors.Is(err, reconcile.ErrProof) {
			u.t.Errorf("%s: %v", name, err)
		}
	}
	for i := range 20 { // datasets that are the same on both sides, in the place of the one that is missing
		forged, id := p, cataloguetest.Identifier(i)
		forged.Report.Differences = slices.Clone(p.Report.Differences)
		at := slices.IndexFunc(forged.Report.Differences, func(d reconcile.Difference) bool { return d.Kind == digest.Missing })
		if at < 0 || slices.ContainsFunc(p.Report.Differences, func(d reconcile.Difference) bool { return d.Identifier == id }) {
			continue
		}
		forged.Report.Differences[at].Identifier = id
		if err := forged.Check(b.Entity, messages); !errors.Is(err, reconcile.ErrProof) {
			u.t.Errorf("%s is said to be missing: %v", id, err)
		}
	}
}

// What keeps a comparison from a result is told apart.
func TestReconcileWithoutResult(t *testing.T) {
	t.Parallel()
	u := newUnion(t)
	u.harvests()
	for name, c := range map[string]struct {
		req  ReconcileRequest
		code string
	}{
		"no such mode":        {ReconcileRequest{Mode: "telepathy"}, "unknown-mode"},
		"no public catalogue": {ReconcileRequest{Mode: reconcile.ByReading}, "no-public-catalogue"},
	} {
		if _, err := u.gateway.operatorReconcile(t.Context(), c.req); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := u.gateway.operatorReconcile(ctx, ReconcileRequest{Mode: reconcile.ByMessages}); err == nil {
		t.Error("a comparison nobody waited for has a result")
	}
}
