package exchange

import (
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// A system that names no version means the newest; before there is one it means nothing.
func TestAPermitThatIsNotNamedIsTheNewest(t *testing.T) {
	l := newPermitLife(t)
	unnamed := func(more func(*nationalEvent)) func(*nationalEvent) {
		return func(e *nationalEvent) {
			if more != nil {
				more(e)
			}
			e.Permit.PermitID = ""
		}
	}
	l.tell(ehds.PermitEventAmendmentAsked, unnamed(nil))
	l.tell(ehds.PermitEventAmendmentApproved, unnamed(with("Grace")))
	v2 := l.newest()
	if !strings.HasSuffix(v2, "-v2") {
		t.Fatalf("the newest version is %s; flags %+v", v2, l.n.doc("A1").Flags)
	}
	l.tell(ehds.PermitEventRevoked, unnamed(func(e *nationalEvent) { e.Reason = "Art. 63(2)" }))
	if s := l.status(v2); s != ehds.StatusInvalid {
		t.Errorf("status %d; %q", s, l.flag())
	}
	l.tell(ehds.PermitEventRevoked, unnamed(func(e *nationalEvent) { e.Reason, e.Track.HDAB = "Art. 63(2)", e.Track.HDAB+"/other" }))
	if l.flag() == "" {
		t.Error("an event of a track without a permit is taken")
	}
}
