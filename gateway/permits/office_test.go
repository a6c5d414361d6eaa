package permits_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

func TestOfficeSignsForItsOwnBodiesOnly(t *testing.T) {
	d := newDesk(t)
	other := d.f.HDAB(d.ncp, "other")
	claims := d.claims
	if _, err := d.office.SignPermit(t.Context(), other.ID, claims); err == nil {
		t.Error("a permit of one body was signed by another")
	}
	claims.Iss = other.ID
	if _, err := d.office.SignPermit(t.Context(), d.hda.ID, claims); err == nil {
		t.Error("a permit in the name of another body was signed")
	}
	if _, err := d.office.SignPermit(t.Context(), other.ID, claims); !errors.Is(err, permits.ErrNotHosted) {
		t.Errorf("a permit of a body not hosted: %v", err)
	}
	if _, ok, err := d.office.SignedList(t.Context(), other.ID, 2027); ok || !errors.Is(err, permits.ErrNotHosted) {
		t.Errorf("a list of a body not hosted: %v", err)
	}
}

func TestOfficeDatesNoPermitElsewhere(t *testing.T) {
	for off, ok := range map[time.Duration]bool{0: true, time.Minute: true, -time.Minute: true, 61 * time.Second: false, -61 * time.Second: false} {
		d := newDesk(t)
		d.claims.Iat += int64(off / time.Second)
		if _, err := d.office.SignPermit(t.Context(), d.hda.ID, d.claims); (err == nil) != ok {
			t.Errorf("%s away: %v", off, err)
		}
	}
}

func TestSignedListSaysWhatTheRegisterSays(t *testing.T) {
	d := newDesk(t)
	d.register.bits = map[int64]int{0: ehds.StatusInvalid, index: ehds.StatusSuspended, 131071: ehds.StatusInvalid}
	tok, err := jose.Parse([]byte(d.list()), jose.ParseOptions{Typ: []string{ehds.TypStatusList}})
	if err != nil {
		t.Fatal(err)
	}
	var c statuslist.Token
	if err := jose.DecodeStrict(tok.Payload, &c); err != nil {
		t.Fatal(err)
	}
	now := d.f.Clock.Unix()
	if c.Iss != d.hda.ID || c.Sub != d.hda.ID+"/status/2027" || c.Iat != now || c.Exp != now+86400 || c.TTL != 300 {
		t.Errorf("claims = %+v", c)
	}
	list, err := statuslist.Decode(c.StatusList)
	if err != nil || list.Len() != 131072 {
		t.Fatalf("%v", err)
	}
	for idx := range list.Len() {
		if got, err := list.Get(idx); err != nil || got != d.register.bits[idx] {
			t.Fatalf("entry %d = %d, %v", idx, got, err)
		}
	}
}

func TestOfficeThatCannotSign(t *testing.T) {
	d := newDesk(t)
	good := bodyOf(d.hda)
	noKey, noChain := good, good
	noKey.Key = func() (jose.SigningKey, error) { return jose.SigningKey{}, errBroken }
	noChain.Chain = func(context.Context) ([]string, error) { return nil, errBroken }
	for name, b := range map[string]permits.Body{"no key": noKey, "no chain": noChain} {
		o := permits.NewOffice([]permits.Body{b}, d.register, 131072, d.f.Clock.Now)
		if token, err := o.SignPermit(t.Context(), d.hda.ID, d.claims); !errors.Is(err, errBroken) || token != "" {
			t.Errorf("%s: permit %q, %v", name, token, err)
		}
		if token, ok, err := o.SignedList(t.Context(), d.hda.ID, 2027); !errors.Is(err, errBroken) || ok || token != "" {
			t.Errorf("%s: list %q, %v", name, token, err)
		}
	}
	for name, r := range map[string]*register{
		"register broken":  {err: errBroken},
		"list never used":  {empty: true},
		"index outside it": {bits: map[int64]int{131072: 1}},
		"value too large":  {bits: map[int64]int{1: 4}},
	} {
		o := permits.NewOffice([]permits.Body{good}, r, 131072, d.f.Clock.Now)
		token, ok, err := o.SignedList(t.Context(), d.hda.ID, 2027)
		if token != "" || ok || (err == nil) != r.empty {
			t.Errorf("%s: %q, %t, %v", name, token, ok, err)
		}
	}
}
