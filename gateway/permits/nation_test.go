package permits_test

import (
	"encoding/json"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const french = `{"jwks":%,"country":"FR","hdab_code":"HDH"}`

// abroad puts a Finnish contact point and its body in the place of the French ones. The permit is still
// DP-FR-HDH-…, and the Finnish body its issuer; every mark is active.
func (d *desk) abroad() {
	d.ncp = d.f.NCP("FI")
	d.hda = d.f.HDAB(d.ncp, "fda")
	d.office = permits.NewOffice([]permits.Body{bodyOf(d.hda)}, d.register, 131072, d.f.Clock.Now)
	d.claims.Iss = d.hda.ID
	d.claims.Status.StatusList.URI = d.office.StatusList(d.hda.ID, 2027)
}

// stated replaces what the superior states about an entity.
func stated(e *trusttest.Entity, entityType, text string) {
	e.EditStatement(func(c *federation.Claims) {
		c.Metadata = map[string]json.RawMessage{entityType: json.RawMessage(text)}
	})
}

// A body signs for the country and code that its superiors give it, whatever it says of itself.
func TestBodyDoesNotChooseItsNation(t *testing.T) {
	for name, c := range map[string]struct {
		make    func(d *desk)
		verdict permits.Verdict
		reason  string
	}{
		"Finnish permit of the Finnish body": {func(d *desk) {
			d.abroad()
			d.claims.Jti = "DP-FI-FDA-2027-0001-v1"
		}, permits.Valid, ""},
		"Finnish body, French permit": {func(d *desk) { d.abroad() }, permits.Invalid, "country"},
		"Finnish body silent about itself, French permit": {func(d *desk) {
			d.abroad()
			d.metadata(`{"jwks":%}`)
		}, permits.Invalid, "country"},
		"Finnish body that says it is French": {func(d *desk) {
			d.abroad()
			d.metadata(french)
		}, permits.Invalid, "not-proved"},
		"Finnish body that its contact point too says is French": {func(d *desk) {
			d.abroad()
			d.metadata(french)
			stated(d.hda, federation.TypeHDAB, `{"country":"FR","hdab_code":"HDH"}`)
		}, permits.Invalid, "not-proved"},
		"Finnish contact point and body that all say they are French": {func(d *desk) {
			d.abroad()
			d.metadata(french)
			stated(d.hda, federation.TypeHDAB, `{"country":"FR","hdab_code":"HDH"}`)
			d.ncp.EditConfiguration(func(c *federation.Claims) {
				c.Metadata[federation.TypeGateway] = []byte(`{"country":"FR"}`)
			})
		}, permits.Invalid, "not-proved"},
		"French body with another's code": {func(d *desk) {
			d.metadata(`{"jwks":%,"country":"FR","hdab_code":"OTHER"}`)
			d.claims.Jti = "DP-FR-OTHER-2027-0001-v1"
		}, permits.Invalid, "not-proved"},
		"body its contact point says nothing about": {func(d *desk) {
			d.hda.EditStatement(func(c *federation.Claims) { c.Metadata = nil })
		}, permits.Invalid, "not-proved"},
		"contact point the anchor says nothing about": {func(d *desk) {
			d.ncp.EditStatement(func(c *federation.Claims) { c.Metadata = nil })
		}, permits.Invalid, "not-proved"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			c.make(d)
			if r := d.verify(); r.Verdict != c.verdict || r.Reason != c.reason {
				t.Errorf("%s %q (%s), want %s %q", r.Verdict, r.Reason, r.Detail, c.verdict, c.reason)
			}
		})
	}
}
