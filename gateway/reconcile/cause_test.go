package reconcile

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestCauses(t *testing.T) {
	t.Parallel()
	pub := func(s catalogue.PublicationState) *catalogue.Publication { return &catalogue.Publication{State: s} }
	given := func(p *catalogue.Publication, change func(*catalogue.Publication)) *catalogue.Publication {
		change(p)
		return p
	}
	for _, c := range []struct {
		name string
		kind digest.Kind
		pub  *catalogue.Publication
		want Cause
	}{
		{"nobody here published it", digest.Orphan, nil, Unknown},
		{"a message is on its way", digest.Missing, given(pub(catalogue.Pending), func(p *catalogue.Publication) { p.Waiting = "m" }), InFlight},
		{"the message was given up", digest.Stale, given(pub(catalogue.Rejected), func(p *catalogue.Publication) { p.Undelivered = "m" }), Undelivered},
		{"the centre refused it", digest.Missing, pub(catalogue.Rejected), RefusedUpdate},
		{"the centre refused the newer one", digest.Stale, pub(catalogue.Rejected), RefusedUpdate},
		{"the centre refused to remove it", digest.Orphan, pub(catalogue.Rejected), RefusedRemoval},
		{"validated and gone", digest.Missing, pub(catalogue.Validated), LostAtCentre},
		{"validated and changed", digest.Stale, pub(catalogue.Validated), ChangedThere},
		{"removed and shown", digest.Orphan, pub(catalogue.Deleted), KeptThere},
	} {
		d := Difference{Kind: c.kind}
		d.explain(c.pub)
		if d.Cause != c.want || d.Mend == "" || d.Mend != mends[c.want] {
			t.Errorf("%s: %s, %q", c.name, d.Cause, d.Mend)
		}
	}
}

// Only what refuses is named, not every remark.
func TestCodesAreThoseThatRefuse(t *testing.T) {
	t.Parallel()
	d := Difference{Kind: digest.Missing}
	d.explain(&catalogue.Publication{State: catalogue.Rejected, Findings: []ehds.Finding{
		{Code: "a", Severity: "warning"}, {Code: "b", Severity: "violation"},
	}})
	if len(d.Codes) != 1 || d.Codes[0] != "b" {
		t.Errorf("codes %v", d.Codes)
	}
}
