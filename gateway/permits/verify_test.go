package permits_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// register tells the status of permits, as the record does.
type register struct {
	mu    sync.Mutex
	bits  map[int64]int
	only  string // the one list in use; every list when empty
	empty bool
	err   error
}

func (r *register) StatusBits(_ context.Context, list string) (map[int64]int, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.bits), !r.empty && (r.only == "" || r.only == list), r.err
}

func (r *register) set(idx int64, value int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bits[idx] = value
}

// desk is a body with an office, one permit and its status list.
type desk struct {
	t        *testing.T
	f        *trusttest.Federation
	ncp, hda *trusttest.Entity
	register *register
	office   *permits.Office
	claims   ehds.PermitClaims
	token    string // signed when empty
	status   string // signed when empty, absent when "-"
	options  permits.Options
}

const index = 4711

func newDesk(t *testing.T) *desk {
	f := trusttest.NewFederation(t)
	d := &desk{t: t, f: f, ncp: f.NCP("FR"), register: &register{bits: map[int64]int{}}}
	d.hda = f.HDAB(d.ncp, "hdh")
	d.office = permits.NewOffice([]permits.Body{bodyOf(d.hda)}, d.register, 131072, f.Clock.Now)
	now := f.Clock.Unix()
	d.claims = ehds.PermitClaims{
		Iss: d.hda.ID, Sub: "ph-1", Jti: "DP-FR-HDH-2027-0001-v1", Iat: now, Nbf: now, Exp: now + 365*86400,
		Permit: ehds.PermitDetail{Kind: ehds.KindDataPermit, Version: 1},
		Status: ehds.PermitStatus{StatusList: ehds.StatusRef{Idx: index, URI: d.office.StatusList(d.hda.ID, 2027)}},
	}
	d.options = permits.Options{Anchors: f.Anchors(), At: f.Clock.Now()}
	return d
}

func bodyOf(e *trusttest.Entity) permits.Body {
	return permits.Body{
		Entity: e.ID, Key: e.SigningKey,
		Chain: func(context.Context) ([]string, error) { return e.Chain(), nil },
	}
}

func (d *desk) sign() string {
	token, err := d.office.SignPermit(context.Background(), d.hda.ID, d.claims)
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

func (d *desk) list() string {
	token, ok, err := d.office.SignedList(context.Background(), d.hda.ID, 2027)
	if err != nil || !ok {
		d.t.Fatal(ok, err)
	}
	return token
}

// listClaims is a status list as anybody might claim it.
func (d *desk) listClaims() statuslist.Token {
	c, err := statuslist.New(131072).Encode()
	if err != nil {
		d.t.Fatal(err)
	}
	now := d.f.Clock.Unix()
	return statuslist.Token{Iss: d.hda.ID, Sub: d.claims.Status.StatusList.URI, Iat: now, Exp: now + 86400, TTL: 300, StatusList: c}
}

func (d *desk) verify() permits.Result {
	if d.token == "" {
		d.token = d.sign()
	}
	switch d.status {
	case "":
		d.options.Status = d.list()
	case "-":
	default:
		d.options.Status = d.status
	}
	d.f.Forget()
	r := permits.Verify(d.token, d.options)
	if n := d.f.Requests(""); n != 0 {
		d.t.Errorf("%d requests while offline", n)
	}
	return r
}

func TestPermitIsValid(t *testing.T) {
	d := newDesk(t)
	r := d.verify()
	if r.Verdict != permits.Valid || r.Reason != "" || r.Issuer != d.hda.ID || r.Anchor != trusttest.AnchorID ||
		r.Permit == nil || r.Permit.Jti != d.claims.Jti || r.StatusAt == nil || !r.StatusAt.Equal(d.f.Clock.Now()) {
		t.Errorf("result = %+v", r)
	}
}

// Long after, when the chain of the permit is over, a fresh status list keeps it provable.
func TestPermitOutlivesItsChain(t *testing.T) {
	d := newDesk(t)
	d.token = d.sign()
	d.f.Clock.Advance(200 * 24 * time.Hour)
	d.options.At = d.f.Clock.Now()
	if r := d.verify(); r.Verdict != permits.Valid {
		t.Errorf("result = %+v", r)
	}
	d.hda.Rotate(true)
	if r := d.verify(); r.Verdict != permits.Valid {
		t.Errorf("after a rotation: %+v", r)
	}
	d.hda.Rotate(false)
	d.f.Clock.Advance(permits.ListAge)
	d.options.At = d.f.Clock.Now()
	if r := d.verify(); r.Verdict != permits.CannotTell || r.Reason != "key-withdrawn" {
		t.Errorf("after a revocation: %+v", r)
	}
}

func TestVerdicts(t *testing.T) {
	const day = 86400
	signAs := func(d *desk, k jose.SigningKey, chain []string) string {
		return trusttest.Sign(d.t, k, ehds.TypPermit, d.claims, chain...)
	}
	for name, c := range map[string]struct {
		make    func(d *desk)
		verdict permits.Verdict
		reason  string
	}{
		"suspended":              {func(d *desk) { d.register.bits[index] = ehds.StatusSuspended }, permits.Invalid, "suspended"},
		"revoked":                {func(d *desk) { d.register.bits[index] = ehds.StatusInvalid }, permits.Invalid, "revoked"},
		"a status of tomorrow":   {func(d *desk) { d.register.bits[index] = 3 }, permits.Invalid, "revoked"},
		"another one is revoked": {func(d *desk) { d.register.bits[index+1] = ehds.StatusInvalid }, permits.Valid, ""},
		"before its time": {func(d *desk) {
			d.claims.Nbf += day
			d.claims.Exp += day
		}, permits.Invalid, "not-yet-valid"},
		"in its first second": {func(d *desk) { d.options.At = time.Unix(d.claims.Nbf, 0) }, permits.Valid, ""},
		"in its last second": {func(d *desk) {
			d.claims.Exp = d.claims.Iat + 100
			d.options.At = time.Unix(d.claims.Exp-1, 0)
		}, permits.Valid, ""},
		"over":                   {func(d *desk) { d.options.At = time.Unix(d.claims.Exp, 0) }, permits.Invalid, "expired"},
		"end before beginning":   {func(d *desk) { d.claims.Exp = d.claims.Nbf }, permits.Invalid, "period"},
		"beginning long before":  {func(d *desk) { d.claims.Nbf = d.claims.Iat - day - 1 }, permits.Invalid, "period"},
		"jti of another form":    {func(d *desk) { d.claims.Jti = "DP-1" }, permits.Invalid, "permit-id"},
		"jti of another country": {func(d *desk) { d.claims.Jti = "DP-DE-HDH-2027-0001-v1" }, permits.Invalid, "country"},
		"jti of another body":    {func(d *desk) { d.claims.Jti = "DP-FR-OTHER-2027-0001-v1" }, permits.Invalid, "hdab-code"},
		"jti of another version": {func(d *desk) { d.claims.Jti = "DP-FR-HDH-2027-0001-v2" }, permits.Invalid, "version"},
		"jti without body":       {func(d *desk) { d.claims.Jti = "DP-FR-2027-0001-v1" }, permits.Valid, ""},
		"code stated above only": {func(d *desk) { d.metadata(`{"jwks":%,"country":"FR"}`) }, permits.Valid, ""},
		"body without code": {func(d *desk) {
			d.metadata(`{"jwks":%,"country":"FR"}`)
			d.hda.EditStatement(func(c *federation.Claims) {
				c.Metadata = map[string]json.RawMessage{federation.TypeHDAB: json.RawMessage(`{"country":"FR"}`)}
			})
		}, permits.Invalid, "hdab-code"},
		"not a token":             {func(d *desk) { d.token = "x" }, permits.Invalid, "not-proved"},
		"a status list as permit": {func(d *desk) { d.token = d.list() }, permits.Invalid, "not-proved"},
		"without chain":           {func(d *desk) { d.token = signAs(d, d.hda.Permit, nil) }, permits.Invalid, "not-proved"},
		"with an unknown claim": {func(d *desk) {
			d.token = trusttest.Sign(d.t, d.hda.Permit, ehds.TypPermit, map[string]any{"iss": d.hda.ID, "extra": 1}, d.hda.Chain()...)
		}, permits.Invalid, "not-proved"},
		"signed with an exchange key": {func(d *desk) {
			d.token = signAs(d, d.ncp.Exchange, d.hda.Chain())
		}, permits.Invalid, "not-proved"},
		"signed by a contact point": {func(d *desk) {
			d.claims.Iss = d.ncp.ID
			d.token = signAs(d, d.ncp.Exchange, d.ncp.Chain())
		}, permits.Invalid, "not-proved"},
		"signed with the federation key": {func(d *desk) { d.token = signAs(d, d.hda.Federation, d.hda.Chain()) }, permits.Invalid, "not-proved"},
		"signed by another body": {func(d *desk) {
			other := d.f.HDAB(d.ncp, "other")
			d.token = signAs(d, other.Permit, d.hda.Chain())
		}, permits.Invalid, "not-proved"},
		"with another body's chain": {func(d *desk) {
			other := d.f.HDAB(d.ncp, "other")
			d.token = signAs(d, other.Permit, other.Chain())
		}, permits.Invalid, "not-proved"},
		"signature of another permit": {func(d *desk) {
			a := d.sign()
			d.claims.Sub = "ph-2"
			b := d.sign()
			d.token = a[:strings.LastIndex(a, ".")] + b[strings.LastIndex(b, "."):]
		}, permits.Invalid, "not-proved"},
		"another anchor": {func(d *desk) { d.options.Anchors = nil }, permits.Invalid, "not-proved"},
		"mark missing": {func(d *desk) {
			d.hda.EditConfiguration(func(c *federation.Claims) { c.TrustMarks = nil })
		}, permits.Invalid, "not-proved"},
		"mark of a contact point": {func(d *desk) {
			d.hda.Mark("ncp", federation.MarkActive)
			d.hda.EditConfiguration(func(c *federation.Claims) { c.TrustMarks = c.TrustMarks[1:] })
		}, permits.Invalid, "not-proved"},
		"dated back before its chain": {func(d *desk) {
			d.claims.Iat -= 61
			d.token = signAs(d, d.hda.Permit, d.hda.Chain())
		}, permits.Invalid, "not-proved"},
		"dated after its chain": {func(d *desk) {
			d.claims.Iat += int64(trusttest.Life/time.Second) + 60
			d.token = signAs(d, d.hda.Permit, d.hda.Chain())
		}, permits.Invalid, "not-proved"},
		"chain over when it was signed": {func(d *desk) {
			chain := d.hda.Chain()
			d.f.Clock.Advance(13 * time.Hour)
			d.claims.Iat = d.f.Clock.Unix()
			d.token = signAs(d, d.hda.Permit, chain)
		}, permits.Invalid, "not-proved"},
		"no status":          {func(d *desk) { d.status = "-" }, permits.CannotTell, "no-status"},
		"status not a token": {func(d *desk) { d.status = "x" }, permits.CannotTell, "status-not-proved"},
		"status by a contact point": {func(d *desk) {
			d.status = trusttest.Sign(d.t, d.ncp.Exchange, ehds.TypStatusList, d.listClaims(), d.ncp.Chain()...)
		}, permits.CannotTell, "status-not-proved"},
		"status in the name of the body": {func(d *desk) {
			other := d.f.HDAB(d.ncp, "other")
			d.status = trusttest.Sign(d.t, other.Permit, ehds.TypStatusList, d.listClaims(), other.Chain()...)
		}, permits.CannotTell, "status-not-proved"},
		"status by another body": {func(d *desk) {
			other := d.f.HDAB(d.ncp, "other")
			l := d.listClaims()
			l.Iss = other.ID
			d.status = other.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-of-another-list"},
		"status of another list": {func(d *desk) {
			l := d.listClaims()
			l.Sub = d.office.StatusList(d.hda.ID, 2026)
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-of-another-list"},
		"status a day old":      {func(d *desk) { d.status, d.options.At = d.list(), d.options.At.Add(24*time.Hour-1) }, permits.Valid, ""},
		"status over a day old": {func(d *desk) { d.status, d.options.At = d.list(), d.options.At.Add(24*time.Hour) }, permits.CannotTell, "status-too-old"},
		"status older than asked": {func(d *desk) {
			d.status, d.options.At, d.options.StatusAge = d.list(), d.options.At.Add(time.Hour+1), time.Hour
		}, permits.CannotTell, "status-too-old"},
		"status over for itself": {func(d *desk) {
			l := d.listClaims()
			l.Exp = l.Iat + 60
			d.status, d.options.At = d.hda.SignWithChain(ehds.TypStatusList, l), d.options.At.Add(time.Minute)
		}, permits.CannotTell, "status-too-old"},
		"status of later": {func(d *desk) {
			d.token = d.sign()
			d.f.Clock.Advance(time.Hour)
		}, permits.CannotTell, "status-of-later"},
		"status a bomb": {func(d *desk) {
			l := d.listClaims()
			l.StatusList.List = bomb(d.t, statuslist.MaxBytes+1)
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-unreadable"},
		"status without a ttl": {func(d *desk) {
			l := d.listClaims()
			l.TTL = 0
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-unreadable"},
		"status for two days": {func(d *desk) {
			l := d.listClaims()
			l.Exp = l.Iat + 2*86400
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-unreadable"},
		"status with a second list after it": {func(d *desk) {
			l := d.listClaims()
			l.StatusList.List += "AAAA"
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-unreadable"},
		"status of another width": {func(d *desk) {
			l := d.listClaims()
			l.StatusList.Bits = 1
			d.status = d.hda.SignWithChain(ehds.TypStatusList, l)
		}, permits.CannotTell, "status-unreadable"},
		"index outside the list": {func(d *desk) { d.claims.Status.StatusList.Idx = 1 << 40 }, permits.CannotTell, "status-unreadable"},
		"status with more to say": {func(d *desk) {
			l := d.listClaims()
			d.status = d.hda.SignWithChain(ehds.TypStatusList, map[string]any{
				"iss": l.Iss, "sub": l.Sub, "iat": l.Iat, "exp": l.Exp, "ttl": l.TTL, "also": 1,
				"status_list": map[string]any{"bits": 2, "lst": l.StatusList.List, "aggregation_uri": "https://x.test"},
			})
		}, permits.Valid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			c.make(d)
			r := d.verify()
			if r.Verdict != c.verdict || r.Reason != c.reason {
				t.Errorf("%s %q (%s), want %s %q", r.Verdict, r.Reason, r.Detail, c.verdict, c.reason)
			}
			if r.Reason == "not-proved" && (r.Permit != nil || r.Issuer != "" || r.Anchor != "") {
				t.Errorf("content is shown of what is not proved: %+v", r)
			}
			if (r.Detail == "") != (r.Reason == "") {
				t.Errorf("detail = %q", r.Detail)
			}
		})
	}
}

// metadata replaces the body's metadata; % stands for its keys.
func (d *desk) metadata(text string) {
	keys, err := trusttest.KeySet(d.hda.Permit).MarshalJSON()
	if err != nil {
		d.t.Fatal(err)
	}
	d.hda.EditConfiguration(func(c *federation.Claims) {
		c.Metadata[federation.TypeHDAB] = []byte(strings.Replace(text, "%", string(keys), 1))
	})
}

func bomb(t *testing.T, n int) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

var errBroken = errors.New("broken")
