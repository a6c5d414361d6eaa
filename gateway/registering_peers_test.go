package gateway

import (
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// An application that another hub filed may bear the number of one of the centre's: in the register each has
// entries of its own.
func TestTheRegisterTellsCasesOfOneNumberApart(t *testing.T) {
	t.Parallel()
	r := register.New()
	for _, id := range []ehds.CaseID{ehds.ApplicationCase("A1"), ehds.NationalCase("NL", "A1")} {
		a := access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Received: time.Unix(0, 0)}
		r.Put(id.String(), register.Project(register.Source{Application: shownAs(id.String(), a)}))
	}
	if n := r.Find(register.Query{}).Total; n != 2 {
		t.Errorf("%d entries of two applications", n)
	}
	r.Put("nat:NL:A1", nil)
	if _, ok := r.Entry(register.ApplicationEntry("A1")); !ok {
		t.Error("the end of one took the other away")
	}
}

// An amendment may begin long after it was signed. Nothing happens to the case on that day but that the
// status of the version before falls, and that is when the register says so.
func TestTheRegisterFollowsTheBeginOfAnAmendment(t *testing.T) {
	t.Parallel()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	x := &registry{t: t, dir: filepath.Join(t.TempDir(), "record"), skey: skey, now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}
	x.open()
	begins := x.now.AddDate(0, 0, 20)
	first := access.PermitVersion{ID: "DP-FR-HDH-2027-12345678-v1", Phase: ehds.PermitPhase{State: ehds.PermitGranted}, NotBefore: x.now, Expires: x.now.AddDate(1, 0, 0), Superseded: true, Ended: begins}
	second := access.PermitVersion{ID: "DP-FR-HDH-2027-12345678-v2", Phase: ehds.PermitPhase{State: ehds.PermitAmended}, NotBefore: begins, Expires: first.Expires, Previous: first.ID}
	x.write("app:A1", func(d *exchange.ApplicationDoc) {
		d.Application = access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Received: x.now, Tracks: []access.Track{{Permits: []access.PermitVersion{first, second}}}}
	})
	set := func(w store.PermitWrite) {
		t.Helper()
		if _, err := x.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
			return store.Change{Permits: []store.PermitWrite{w}}, nil
		}); err != nil {
			t.Fatal(err)
		}
		x.settle()
	}
	status := func() string {
		e, _ := x.r.Entry("permit:A1:" + first.ID)
		return e.Status
	}
	set(store.PermitWrite{ID: first.ID, Token: "t", List: "l", Index: 1, Status: ehds.StatusValid})
	if got := status(); got != "GRANTED" {
		t.Errorf("before the amendment begins: %q", got)
	}
	x.now = begins
	set(store.PermitWrite{ID: first.ID, Status: ehds.StatusInvalid})
	if got := status(); got != register.StatusReplaced {
		t.Errorf("once the amendment began: %q", got)
	}
}
