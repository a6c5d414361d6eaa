package federation_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func TestHeaderChainProvesAnUnknownIssuer(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver()
	chain := fr.Chain()
	for range 3 {
		if e := resolve(t, r, fr, chain...); e.ID != fr.ID || e.Marks[0].Status != federation.MarkActive {
			t.Errorf("entity = %+v", e)
		}
	}
	if all, status := f.Requests(""), f.Requests(trusttest.AnchorID+"/federation/mark-status"); all != 1 || status != 1 {
		t.Errorf("%d requests, %d of them for the mark", all, status)
	}
}

func TestHeaderChainOfAnotherEntity(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	refused(t, f.Resolver(), de, federation.ErrChain, fr.Chain()...)
	if n := f.Requests(""); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestHeaderChainIsNeverOlderThanADay(t *testing.T) {
	long := func(c *federation.Claims) { c.Exp = c.Iat + 7*86400 }
	for name, c := range map[string]struct {
		age  time.Duration
		want error
	}{"a day": {24 * time.Hour, nil}, "a day and a second": {24*time.Hour + time.Second, federation.ErrExpired}} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			fr.EditStatement(long)
			f.Anchor.EditConfiguration(long)
			old := fr.Chain()
			r := f.Resolver()
			resolve(t, r, fr, old...)
			f.Clock.Advance(c.age)
			// The leaf can speak afresh at any time; its superior's word is what grows old.
			chain := append([]string{fr.Configuration()}, old[1:]...)
			if c.want == nil {
				resolve(t, r, fr, chain...)
				return
			}
			refused(t, r, fr, c.want, chain...)
			refused(t, f.Resolver(), fr, c.want, chain...)
		})
	}
}

func TestKnownHeaderChainEndsWithItsStatements(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver()
	chain := fr.Chain()
	resolve(t, r, fr, chain...)
	f.Clock.Advance(trusttest.Life + 2*time.Minute)
	refused(t, r, fr, federation.ErrExpired, chain...)
}

func TestHeaderChainLosesAgainstANewerStatement(t *testing.T) {
	t.Run("the newer is used in its place", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		r := f.Resolver()
		old := fr.Chain()
		fr.Rotate(false)
		f.Clock.Advance(time.Second)
		kid := fr.Exchange.Kid
		resolve(t, r, fr, fr.Chain()...)
		if e := resolve(t, r, fr, old...); e.Gateway.Keys.Keys[0].Kid != kid {
			t.Error("a revoked key came back with an older chain")
		}
	})
	t.Run("an older word of the superior under a fresh one of the leaf", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		stolen := trusttest.Key("stolen")
		fr.EditStatement(func(c *federation.Claims) { c.JWKS = trusttest.KeySet(stolen, fr.Federation) })
		old := fr.Chain()
		fr.EditStatement(nil)
		f.Clock.Advance(time.Minute)
		r := f.Resolver()
		genuine := resolve(t, r, fr, fr.Chain()...)
		c := fr.ConfigurationClaims()
		c.JWKS, c.Iat = trusttest.KeySet(stolen), c.Iat+60
		forged := append([]string{trusttest.Sign(t, stolen, federation.TypStatement, c)}, old[1:]...)
		if e := resolve(t, r, fr, forged...); !slices.Equal(e.Chain, genuine.Chain) {
			t.Error("the forged chain was used")
		}
		f.Clock.Advance(time.Second) // and it has not spoilt what comes after
		next := fr.Chain()
		if e := resolve(t, r, fr, next...); !slices.Equal(e.Chain, next) {
			t.Error("the genuine chain was refused afterwards")
		}
	})
	t.Run("the same statement of the leaf, newer ones above", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		r := f.Resolver()
		first := fr.Chain()
		resolve(t, r, fr, first...)
		f.Clock.Advance(time.Hour)
		fr.EditStatement(func(c *federation.Claims) {
			c.Metadata[federation.TypeGateway] = json.RawMessage(`{"country":"FR","max_message_bytes":7}`)
		})
		later := fr.Chain()
		later[0] = first[0]
		if e := resolve(t, r, fr, later...); e.Gateway.MaxMessageBytes != 7 {
			t.Error("the older metadata was used")
		}
	})
}

func TestOnboardedIssuerWithAChain(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	old := fr.Chain()
	fr.Rotate(false)
	f.Clock.Advance(time.Second)
	if e := resolve(t, r, fr, old...); e.Gateway.Keys.Keys[0].Kid != fr.Exchange.Kid {
		t.Error("the header was preferred to what the entity serves")
	}
	// Its host goes down for longer than its statement lives: its own chain serves, if not older.
	fr.Down(true)
	f.Clock.Advance(trusttest.Life)
	refused(t, r, fr, federation.ErrUnavailable)
	refused(t, r, fr, federation.ErrUnavailable, old...)
	fresh := fr.Chain()
	resolve(t, r, fr, fresh...)
	if n := f.Requests(fr.ID); n != 2 {
		t.Errorf("%d requests to the host", n)
	}
	// Known from a fetch alone, an older chain finds nothing to stand in for it.
	r = f.Resolver(fr)
	fr.Down(false)
	resolve(t, r, fr)
	fr.Down(true)
	f.Anchor.Down(true)
	f.Clock.Advance(trusttest.Life + time.Minute)
	refused(t, r, fr, federation.ErrUnavailable, fresh...)
}

func TestManyEntitiesAreNotRememberedForever(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	first := de.Chain()
	resolve(t, r, de, first...)
	f.Clock.Advance(time.Minute)
	// A hostile superior invents subordinates.
	federation.Crowd(r, 4095, 8192-4)
	for _, country := range []string{"IT", "ES", "PL"} {
		e := f.NCP(country)
		resolve(t, r, e, e.Chain()...)
		if brought, newest := federation.Kept(r); brought != 4096 || newest > 8192 {
			t.Errorf("%d chains and %d dates are kept", brought, newest)
		}
	}
	f.Forget()
	resolve(t, r, fr)
	if n := f.Requests(""); n != 0 {
		t.Errorf("an onboarded entity was forgotten: %d requests", n)
	}
	resolve(t, r, de, first...) // dropped as the oldest, and proved anew
	federation.Crowd(r, 0, 8192)
	f.Clock.Advance(25 * time.Hour)
	pt := f.NCP("PT")
	resolve(t, r, pt, pt.Chain()...)
	if _, newest := federation.Kept(r); newest != 2 {
		t.Errorf("%d dates are kept", newest)
	}
}

// The onboarded entity's host and the anchor are gone, and somebody plays an older chain.
func TestOlderChainDoesNotReplaceWhatWasFetched(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	token := fr.MarkToken("ncp")
	long := func(c *federation.Claims) { c.Exp = c.Iat + 86400 }
	own := func(c *federation.Claims) { long(c); c.TrustMarks[0].Token = token }
	fr.EditConfiguration(own)
	fr.EditStatement(long)
	f.Anchor.EditConfiguration(long)
	old := fr.Chain()
	f.Clock.Advance(time.Second)
	fr.EditConfiguration(func(c *federation.Claims) { own(c); c.Exp = c.Iat + 600 })
	fr.Mark("ncp", federation.MarkSuspended)
	r := f.Resolver(fr)
	resolve(t, r, fr)
	fr.Down(true)
	f.Anchor.Down(true)
	f.Clock.Advance(601 * time.Second)
	refused(t, r, fr, federation.ErrUnavailable, old...)
	// A newer chain serves, and the suspension the anchor told of stays.
	fr.EditConfiguration(own)
	if got := statusOf(t, r, fr, fr.Chain()...); got != federation.MarkSuspended {
		t.Errorf("status = %s", got)
	}
}

// refusing makes the anchor refuse an entity until the switch says otherwise.
func refusing(f *trusttest.Federation, e *trusttest.Entity) *atomic.Bool {
	var on atomic.Bool
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		refuse := on.Load() && strings.HasSuffix(r.URL.Path, "/fetch") && r.URL.Query().Get("sub") == e.ID
		if refuse {
			http.NotFound(w, r)
		}
		return refuse
	})
	return &on
}

// A superior refused the entity, and then nobody can be asked. The chain from before is no way back.
func TestHeaderChainDoesNotUndoARefusal(t *testing.T) {
	for name, known := range map[string]bool{"known before": true, "never known": false} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			r := f.Resolver(fr)
			old := fr.Chain()
			if known {
				resolve(t, r, fr)
			}
			f.Clock.Advance(6 * time.Minute)
			refuse := refusing(f, fr)
			refuse.Store(true)
			refused(t, r, fr, federation.ErrChain, old...)
			f.Anchor.Down(true)
			refuse.Store(false) // nor does it refuse any more: it is silent
			for range 3 {       // also when it has failed otherwise since
				f.Clock.Advance(6 * time.Minute)
				refused(t, r, fr, federation.ErrUnavailable, old...)
				refused(t, r, fr, federation.ErrUnavailable, fr.Chain()...)
			}
			fr.Down(true)
			f.Clock.Advance(time.Minute)
			refused(t, r, fr, federation.ErrUnavailable, old...)
			// Its superior vouches for it again: then a chain serves once more.
			fr.Down(false)
			f.Anchor.Down(false)
			refuse.Store(false)
			f.Clock.Advance(time.Minute)
			resolve(t, r, fr)
			fr.Down(true)
			f.Anchor.Down(true)
			f.Clock.Advance(trusttest.Life)
			resolve(t, r, fr, fr.Chain()...)
		})
	}
}

// Nor is it for those below the one that was refused, whether their chain was fetched or brought.
func TestNoChainPassesARefusedSuperior(t *testing.T) {
	for name, c := range map[string]struct {
		onboarded, brings bool
		want              error
	}{
		"fetched": {true, false, federation.ErrUnavailable}, "fetched, and brought": {true, true, federation.ErrUnavailable},
		"brought": {false, true, federation.ErrChain},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			hda := f.HDAB(fr, "hdh")
			list := []*trusttest.Entity{fr}
			if c.onboarded {
				list = append(list, hda)
			}
			r := f.Resolver(list...)
			var chain []string
			if c.brings {
				chain = hda.Chain()
			}
			resolve(t, r, hda, chain...)
			f.Clock.Advance(6 * time.Minute)
			refuse := refusing(f, fr)
			refuse.Store(true)
			refused(t, r, fr, federation.ErrChain)
			f.Anchor.Down(true)
			refuse.Store(false)
			hda.Down(true)
			for range 2 {
				f.Clock.Advance(time.Minute)
				refused(t, r, hda, c.want, chain...)
			}
			// The superior is asked about by itself: it need not send anything.
			f.Anchor.Down(false)
			hda.Down(false)
			refuse.Store(false)
			f.Clock.Advance(time.Minute)
			resolve(t, r, hda, chain...)
			f.Forget()
			resolve(t, r, hda, chain...)
			if n := f.Requests(""); n != 0 {
				t.Errorf("%d requests once it is accepted again", n)
			}
		})
	}
}

// The chain was brought while the host was down, then the host answered with newer statements, and now
// it is down again: what it once brought is not what holds.
func TestChainBroughtBeforeLosesAgainstWhatWasFetchedSince(t *testing.T) {
	for name, chain := range map[string]func(brought, older []string) []string{
		"the same again":           func(brought, _ []string) []string { return brought },
		"one older than it is not": func(_, older []string) []string { return older },
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			r := f.Resolver(fr)
			older := fr.Chain()
			f.Clock.Advance(time.Second)
			brought := fr.Chain()
			fr.Down(true)
			resolve(t, r, fr, brought...)
			fr.Rotate(false) // revoked: dropped from what the entity says
			fr.Down(false)
			f.Clock.Advance(time.Minute)
			if e := resolve(t, r, fr); e.Gateway.Keys.Keys[0].Kid != fr.Exchange.Kid {
				t.Fatal("the new key was not fetched")
			}
			fr.Down(true)
			f.Clock.Advance(time.Hour + time.Minute)
			refused(t, r, fr, federation.ErrUnavailable, chain(brought, older)...)
		})
	}
}

// A contact point's federation key was stolen, and its superior states another one. Whoever has the key can
// still vouch for bodies, under the superior's word of before.
func TestChainByAKeyThatASuperiorHasDropped(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	north, south := f.HDAB(fr, "north"), f.HDAB(fr, "south")
	r := f.Resolver()
	before, silent := north.Chain(), south.Chain()
	f.Clock.Advance(time.Hour)
	resolve(t, r, fr, fr.Chain()...) // a newer word that lists the same key takes nothing away
	resolve(t, r, south, silent...)
	f.Clock.Advance(time.Hour)
	fr.Federation = trusttest.Key("after the theft")
	resolve(t, r, fr, fr.Chain()...)
	refused(t, r, north, federation.ErrChain, before...)
	refused(t, r, south, federation.ErrChain, silent...) // also when it was proved then
	resolve(t, r, north, north.Chain()...)
	resolve(t, r, south, south.Chain()...)
}
