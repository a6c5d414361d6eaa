package federation_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// Every bound of a resolution, each by a federation that goes one step too far.
func TestBoundsOfAResolution(t *testing.T) {
	for name, c := range map[string]struct {
		make func(f *trusttest.Federation) (leaf *trusttest.Entity, enrolled []*trusttest.Entity)
		want error
		most int // requests
	}{
		"depth": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			all := intermediates(f, 4)
			return f.Gateway("https://leaf.test", "FR", all[3]), all
		}, federation.ErrDepth, 9},
		"hints, none": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			return hinting(f, nil), nil
		}, federation.ErrHints, 1},
		"hints, five": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			return hinting(f, []string{"https://1.test", "https://2.test", "https://3.test", "https://4.test", trusttest.AnchorID}), nil
		}, federation.ErrHints, 1},
		"hints, ten thousand": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			hints := make([]string, 10_000)
			for i := range hints {
				hints[i] = "https://i.test"
			}
			return hinting(f, hints), nil
		}, federation.ErrHints, 1},
		"loop to itself": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			return hinting(f, []string{"https://leaf.test"}), nil
		}, federation.ErrLoop, 1},
		"loop of two": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			a := f.Intermediate("https://a.test", f.Anchor)
			leaf := f.Gateway("https://leaf.test", "FR", a)
			a.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = []string{leaf.ID} })
			return leaf, []*trusttest.Entity{a}
		}, federation.ErrLoop, 3},
		"fetches, fanned out": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			return wide(f, 0)
		}, federation.ErrFetches, 16},
		"bytes": {func(f *trusttest.Federation) (*trusttest.Entity, []*trusttest.Entity) {
			return wide(f, 150<<10)
		}, federation.ErrBytes, 16},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			leaf, enrolled := c.make(f)
			r := f.Resolver(append(enrolled, leaf)...)
			refused(t, r, leaf, c.want)
			if n := f.Requests(""); n > c.most {
				t.Errorf("%d requests", n)
			}
			f.Forget()
			refused(t, r, leaf, c.want) // and once is enough for a while
			if n := f.Requests(""); n != 0 {
				t.Errorf("%d more requests", n)
			}
		})
	}
}

func intermediates(f *trusttest.Federation, n int) (all []*trusttest.Entity) {
	top := f.Anchor
	for i := range n {
		top = f.Intermediate(fmt.Sprintf("https://i%d.test", i), top)
		all = append(all, top)
	}
	return all
}

func hinting(f *trusttest.Federation, hints []string) *trusttest.Entity {
	leaf := f.Gateway("https://leaf.test", "FR", f.Anchor)
	leaf.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = hints })
	return leaf
}

// wide is a federation where no way ends: every superior names fresh superiors, each statement has some
// bytes to spare, and everybody vouches for everybody.
func wide(f *trusttest.Federation, padding int) (*trusttest.Entity, []*trusttest.Entity) {
	var all []*trusttest.Entity
	for i := range 40 {
		all = append(all, f.Intermediate(fmt.Sprintf("https://i%d.test", i), f.Anchor))
	}
	pad := func(c *federation.Claims) {
		c.SourceEndpoint = "https://i.test/" + strings.Repeat("x", padding)
	}
	for i, e := range all {
		e.EditConfiguration(func(c *federation.Claims) {
			raw := strings.TrimSuffix(string(c.Metadata[federation.TypeFederationEntity]), "}")
			c.Metadata[federation.TypeFederationEntity] = []byte(raw + `,"organization_name":"` + strings.Repeat("x", padding) + `"}`)
			c.AuthorityHints = nil
			for j := range 4 {
				c.AuthorityHints = append(c.AuthorityHints, all[(i*4+j+4)%40].ID)
			}
		})
		e.EditStatement(pad)
	}
	leaf := f.Gateway("https://leaf.test", "FR", f.Anchor)
	leaf.EditConfiguration(func(c *federation.Claims) {
		c.AuthorityHints = []string{all[0].ID, all[1].ID, all[2].ID, all[3].ID}
	})
	leaf.EditStatement(pad)
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		sub := r.URL.Query().Get("sub")
		if sub == "" {
			return false
		}
		for _, s := range all {
			if !strings.HasPrefix(r.URL.String(), s.ID+"/") {
				continue
			}
			c := leaf.StatementClaims()
			c.Iss, c.Sub = s.ID, sub
			trusttest.Answer(w, federation.TypStatement, trusttest.Sign(silent{}, s.Federation, federation.TypStatement, c))
		}
		return true
	})
	return leaf, all
}

// silent lets trusttest sign where no test is at hand; a signature never fails there.
type silent struct{ testing.TB }

func (silent) Helper() {}

// drip is a body that gives a byte whenever it is asked, a second later, and never ends.
type drip struct{ closed bool }

func (d *drip) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	if d.closed {
		return 0, io.ErrClosedPipe
	}
	p[0] = 'a'
	return 1, nil
}

func (d *drip) Close() error { d.closed = true; return nil }

// dripping answers every request with headers at once and such a body, that ends with the context as
// the body of a connection does.
type dripping struct{}

func (dripping) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/" + federation.TypStatement}}, Request: r,
		Body: &untilDone{r: r, drip: &drip{}}, ContentLength: -1, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

type untilDone struct {
	r *http.Request
	*drip
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.r.Context().Err(); err != nil {
		return 0, err
	}
	return u.drip.Read(p)
}

func TestSlowBodyEndsWithTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		o := f.Options(fr)
		o.HTTP = &http.Client{Transport: dripping{}}
		o.Timeout = 10 * time.Second
		start := time.Now()
		refused(t, federation.NewResolver(o), fr, federation.ErrFetchTime)
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestWholeResolutionHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := trusttest.NewFederation(t)
		all := intermediates(f, 3)
		leaf := f.Gateway("https://leaf.test", "FR", all[2])
		o := f.Options(append(all, leaf)...)
		o.Timeout = 10 * time.Second
		// Every host answers just within its own deadline.
		f.Intercept(func(http.ResponseWriter, *http.Request) bool { time.Sleep(9 * time.Second); return false })
		start := time.Now()
		refused(t, federation.NewResolver(o), leaf, federation.ErrUnavailable)
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("it took %v", took)
		}
		time.Sleep(time.Minute) // what was under way ends
	})
}

// What is refused for its cost is refused for good; what took too long is merely not known now.
func TestBoundsSayWhetherToComeBack(t *testing.T) {
	for _, err := range []error{federation.ErrDepth, federation.ErrHints, federation.ErrLoop, federation.ErrFetches, federation.ErrBytes} {
		if !errors.Is(err, federation.ErrChain) || errors.Is(err, federation.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
	seen := map[string]bool{}
	for _, err := range []error{
		federation.ErrDepth, federation.ErrHints, federation.ErrLoop, federation.ErrFetches, federation.ErrBytes, federation.ErrTime,
		federation.ErrEntityURL, federation.ErrFetchAddress, federation.ErrFetchConnect, federation.ErrFetchTime, federation.ErrFetchStatus,
		federation.ErrFetchRedirect, federation.ErrContentType, federation.ErrContentEncoding, federation.ErrFetchSize,
		federation.ErrList, federation.ErrHeaderRate,
	} {
		label := federation.Rule(fmt.Errorf("wrapped: %w", err))
		if label == "" || seen[label] {
			t.Errorf("%v: label %q", err, label)
		}
		seen[label] = true
	}
}

func TestStaleChainAgainstANewerStatement(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	stale := fr.Chain()
	f.Clock.Advance(time.Minute)
	resolve(t, r, fr) // fetched: newer than the chain
	fr.Down(true)
	f.Anchor.Down(true)
	f.Clock.Advance(2 * time.Hour) // and no longer usable itself
	refused(t, r, fr, federation.ErrUnavailable, stale...)
}

func TestStrangersChainsAreRefusedOnce(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, de := f.NCP("FR"), f.NCP("DE")
	o := f.Options()
	o.HeaderFailures = 3
	r := federation.NewResolver(o)
	known := de.Chain()
	resolve(t, r, de, known...)
	f.Forget()
	forged := fr.Chain()
	forged[1] = de.Statement()
	for range 10 { // one failure, however often it is sent
		refused(t, r, fr, federation.ErrChain, forged...)
	}
	refused(t, r, fr, federation.ErrStatement, "a", "b", "c")
	refused(t, r, fr, federation.ErrStatement, "a", "b", "d")
	refused(t, r, fr, federation.ErrHeaderRate, "a", "b", "e")
	refused(t, r, fr, federation.ErrHeaderRate, fr.Chain()...)
	refused(t, r, fr, federation.ErrChain, forged...) // remembered: costs nothing
	resolve(t, r, de, known...)                       // proved before: not concerned
	refused(t, r, fr, federation.ErrUnknownIssuer)
	if n := f.Requests(""); n != 0 {
		t.Errorf("%d requests", n)
	}
	f.Clock.Advance(time.Minute)
	resolve(t, r, fr, fr.Chain()...)
}

// A chain that is not valid yet is looked at again when it may be.
func TestRefusedChainMayHoldLater(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver()
	fr.EditConfiguration(func(c *federation.Claims) { c.Iat += 90 })
	early := fr.Chain()
	refused(t, r, fr, federation.ErrExpired, early...)
	f.Clock.Advance(61 * time.Second)
	resolve(t, r, fr, early...)
}

// The resolver keeps few entities; one that had to go does not come back without its suspension.
func TestForgottenEntityKeepsItsSuspension(t *testing.T) {
	for name, brings := range map[string]bool{"fetched": false, "brought": true} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			all := []*trusttest.Entity{f.NCP("FR"), f.NCP("DE"), f.NCP("IT")}
			o := f.Options(all...)
			if brings {
				o = f.Options()
			}
			o.Keep = 1
			r := federation.NewResolver(o)
			chains := map[*trusttest.Entity][]string{}
			for _, e := range all {
				if brings {
					chains[e] = e.Chain()
				}
			}
			fr, de := all[0], all[1]
			fr.Mark("ncp", federation.MarkSuspended)
			if got := statusOf(t, r, fr, chains[fr]...); got != federation.MarkSuspended {
				t.Fatal(got)
			}
			resolve(t, r, de, chains[de]...) // fr has to go
			f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				silent := strings.HasSuffix(r.URL.Path, "/mark-status")
				if silent {
					w.WriteHeader(http.StatusBadGateway)
				}
				return silent
			})
			if got := statusOf(t, r, fr, chains[fr]...); got != federation.MarkSuspended {
				t.Errorf("status = %s", got)
			}
			// Active again, and told so: then that is what it comes back with.
			f.Intercept(nil)
			fr.Mark("ncp", federation.MarkActive)
			f.Clock.Advance(time.Minute)
			for range 2 {
				if got := statusOf(t, r, fr, chains[fr]...); got != federation.MarkActive {
					t.Errorf("status = %s", got)
				}
				resolve(t, r, de, chains[de]...)
			}
		})
	}
}
