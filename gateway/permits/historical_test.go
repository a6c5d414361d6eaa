package permits_test

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// pastKey is an entry of the body's list of historical keys.
func (d *desk) pastKey(k jose.SigningKey, from, until time.Time, revoked *federation.Revocation) federation.HistoricalKey {
	public, err := k.Public()
	if err != nil {
		d.t.Fatal(err)
	}
	return federation.HistoricalKey{Key: public, EntityType: federation.TypeHDAB, IssuedAt: from, Expires: until, Revoked: revoked}
}

// historical signs the body's list as of now.
func (d *desk) historical(by *trusttest.Entity, keys ...federation.HistoricalKey) string {
	token, err := federation.SignHistorical(by.Federation,
		federation.Historical{Issuer: by.ID, IssuedAt: d.f.Clock.Now(), Keys: keys}, by.Chain())
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

// TestHistoricalKeys: a permit ten years later, whose key is long gone from what the body publishes.
func TestHistoricalKeys(t *testing.T) {
	const year = 365 * 24 * time.Hour
	start := trusttest.Start()
	rotated := start.Add(year)
	for name, c := range map[string]struct {
		make    func(d *desk, k jose.SigningKey) string
		proven  time.Time // the permit is proved to be this old; zero: nothing proves it
		verdict permits.Verdict
		reason  string
	}{
		"no list": {func(*desk, jose.SigningKey) string { return "" }, time.Time{}, permits.CannotTell, "key-withdrawn"},
		"retired": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(-year), rotated, nil))
		}, time.Time{}, permits.Valid, ""},
		"not listed": {func(d *desk, _ jose.SigningKey) string { return d.historical(d.hda) }, time.Time{}, permits.CannotTell, "key-withdrawn"},
		"listed as an exchange key": {func(d *desk, k jose.SigningKey) string {
			p := d.pastKey(k, start.Add(-year), rotated, nil)
			p.EntityType = federation.TypeGateway
			return d.historical(d.hda, p)
		}, time.Time{}, permits.CannotTell, "key-withdrawn"},
		"retired before": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(-2*year), start.Add(-year), nil))
		}, time.Time{}, permits.Invalid, "key-out-of-time"},
		"first signed after": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(time.Hour), rotated, nil))
		}, time.Time{}, permits.Invalid, "key-out-of-time"},
		"revoked later": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(-year), rotated, &federation.Revocation{At: rotated, Reason: "compromised"}))
		}, time.Time{}, permits.CannotTell, "key-revoked"},
		"revoked later, proved before": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(-year), rotated, &federation.Revocation{At: rotated, Reason: "compromised"}))
		}, start.Add(time.Hour), permits.Valid, ""},
		"revoked before it was proved": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.hda, d.pastKey(k, start.Add(-year), rotated, &federation.Revocation{At: start}))
		}, start.Add(time.Hour), permits.CannotTell, "key-revoked"},
		"another body's list": {func(d *desk, k jose.SigningKey) string {
			return d.historical(d.f.HDAB(d.ncp, "other"), d.pastKey(k, start.Add(-year), rotated, nil))
		}, time.Time{}, permits.CannotTell, "historical-not-proved"},
		"no list at all": {func(*desk, jose.SigningKey) string { return "x" }, time.Time{}, permits.CannotTell, "historical-not-proved"},
		"an old list": {func(d *desk, k jose.SigningKey) string {
			defer d.f.Clock.Advance(25 * time.Hour)
			return d.historical(d.hda, d.pastKey(k, start.Add(-year), rotated, nil))
		}, time.Time{}, permits.CannotTell, "historical-too-old"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.claims.Exp = d.claims.Iat + int64(11*year/time.Second)
			d.token = d.sign()
			old := d.hda.Permit
			d.hda.Rotate(false)
			d.f.Clock.Advance(10 * year)
			d.options.Historical = c.make(d, old)
			d.options.At = d.f.Clock.Now()
			if !c.proven.IsZero() {
				d.options.ProvenBefore = func(token string, at time.Time) bool { return token == d.token && c.proven.Before(at) }
			}
			if r := d.verify(); r.Verdict != c.verdict || r.Reason != c.reason {
				t.Errorf("%s %q (%s), want %s %q", r.Verdict, r.Reason, r.Detail, c.verdict, c.reason)
			}
		})
	}
}

// TestRevokedKeyStillPublished: the list of historical keys wins over a body that goes on publishing.
func TestRevokedKeyStillPublished(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.token = d.sign()
	d.options.Historical = d.historical(d.hda, d.pastKey(d.hda.Permit, trusttest.Start().Add(-time.Hour), trusttest.Start(), &federation.Revocation{At: trusttest.Start()}))
	if r := d.verify(); r.Verdict != permits.CannotTell || r.Reason != "key-revoked" || r.Permit == nil {
		t.Errorf("result = %+v", r)
	}
	d.status = "-" // and without a status, which could only make it worse
	if r := d.verify(); r.Reason != "key-revoked" {
		t.Errorf("result = %+v", r)
	}
}

// TestStatusByARevokedKey: whoever stole a permit key can date a status list back into its chain's day. The
// list of historical keys says that the key is not to be believed.
func TestStatusByARevokedKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.token = d.sign()
	first := d.hda.Permit
	d.hda.Rotate(true)
	stolen := d.hda.Permit
	d.register.set(index, ehds.StatusInvalid) // the thief's permit was revoked
	d.status = trusttest.Sign(t, stolen, ehds.TypStatusList, d.listClaims(), d.hda.Chain()...)
	d.hda.Rotate(false)
	d.f.Clock.Advance(time.Hour)
	d.options.At = d.f.Clock.Now()
	start := trusttest.Start()
	retired := d.pastKey(first, start.Add(-time.Hour), start.Add(time.Minute), nil)
	d.options.Historical = d.historical(d.hda, retired, d.pastKey(stolen, start, start.Add(time.Minute), &federation.Revocation{At: start.Add(time.Minute)}))
	if r := d.verify(); r.Verdict != permits.CannotTell || r.Reason != "status-not-proved" {
		t.Errorf("forged: %+v", r)
	}
	d.options.Historical = d.historical(d.hda, retired, d.pastKey(stolen, start, start.Add(time.Minute), nil))
	if r := d.verify(); r.Verdict != permits.Valid {
		t.Errorf("by a key that was merely retired: %+v", r)
	}
}

// TestRevokedKeyByAnotherName: Ed25519 has two names (wire profile §2). A body that changed the one it
// writes has revoked the key all the same.
func TestRevokedKeyByAnotherName(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.token = d.sign()
	revoked := d.pastKey(d.hda.Permit, trusttest.Start().Add(-time.Hour), trusttest.Start(), &federation.Revocation{At: trusttest.Start()})
	revoked.Key.Alg = jose.AlgEdDSA
	d.options.Historical = d.historical(d.hda, revoked)
	if r := d.verify(); r.Verdict != permits.CannotTell || r.Reason != "key-revoked" {
		t.Errorf("result = %+v", r)
	}
}
