package federation_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func resolve(t *testing.T, r *federation.Resolver, e *trusttest.Entity, chain ...string) *federation.Entity {
	t.Helper()
	got, err := r.Resolve(t.Context(), e.ID, chain)
	if err != nil {
		t.Fatalf("%s: %v", e.ID, err)
	}
	return got
}

func refused(t *testing.T, r *federation.Resolver, e *trusttest.Entity, want error, chain ...string) {
	t.Helper()
	if got, err := r.Resolve(t.Context(), e.ID, chain); !errors.Is(err, want) || got != nil {
		t.Fatalf("%s: error = %v, want %v", e.ID, err, want)
	}
}

func TestUnknownIssuerCausesNoCall(t *testing.T) {
	f := trusttest.NewFederation(t)
	centre, fr := f.Centre(), f.NCP("FR")
	r := f.Resolver(centre)
	refused(t, r, fr, federation.ErrUnknownIssuer)
	refused(t, r, fr, federation.ErrChain, "x")
	refused(t, r, fr, federation.ErrStatement, "x", "y", "z")
	if _, err := r.Refresh(t.Context(), fr.ID); !errors.Is(err, federation.ErrUnknownIssuer) {
		t.Errorf("refresh: %v", err)
	}
	forged := fr.Chain()
	forged[2] = fr.Configuration()
	refused(t, r, fr, federation.ErrChain, forged...)
	if n := f.Requests(""); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestOnboardedIsFetchedOnceAndKept(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	e := resolve(t, r, fr)
	if e.Gateway == nil || e.Gateway.Country != "FR" || len(e.Marks) != 1 || e.Marks[0].Status != federation.MarkActive {
		t.Errorf("entity = %+v", e)
	}
	e.Marks[0].Status = federation.MarkRevoked // the caller's own copy
	f.Clock.Advance(5 * time.Minute)
	if e := resolve(t, r, fr); e.Marks[0].Status != federation.MarkActive {
		t.Error("a caller changed what is kept")
	}
	if n := f.Requests(fr.ID); n != 1 {
		t.Errorf("%d requests to the entity", n)
	}
	f.Clock.Advance(time.Second)
	resolve(t, r, fr)
	if n := f.Requests(fr.ID); n != 2 {
		t.Errorf("%d requests after the refresh time", n)
	}
}

func TestBodyUnderContactPointIsResolved(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	hda := f.HDAB(fr, "hdh")
	if e := resolve(t, f.Resolver(fr, hda), hda); e.HDAB == nil || len(e.Chain) != 4 {
		t.Errorf("entity = %+v", e)
	}
	// A superior that is not enrolled is not asked, whoever names it.
	f.Forget()
	refused(t, f.Resolver(hda), hda, federation.ErrChain)
	if n := f.Requests("") - f.Requests(hda.ID); n != 0 {
		t.Errorf("%d requests to others", n)
	}
	o := f.Options(hda)
	o.Intermediates = []string{fr.ID}
	resolve(t, federation.NewResolver(o), hda)
}

func TestResolutionIsBounded(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		top, all := f.Anchor, []*trusttest.Entity{}
		for _, n := range []string{"1", "2", "3", "4"} {
			top = f.Intermediate("https://i"+n+".test", top)
			all = append(all, top)
		}
		leaf := f.Gateway("https://leaf.test", "FR", top)
		refused(t, f.Resolver(append(all, leaf)...), leaf, federation.ErrChain)
		last := f.Gateway("https://last.test", "FR", all[2])
		resolve(t, f.Resolver(append(all, last)...), last)
	})
	t.Run("loop", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		a := f.Intermediate("https://a.test", f.Anchor)
		b := f.Gateway("https://b.test", "FR", a)
		a.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = []string{a.ID, b.ID} })
		refused(t, f.Resolver(a, b), b, federation.ErrChain)
		if n := f.Requests(""); n > 20 {
			t.Errorf("%d requests", n)
		}
	})
	t.Run("fan", func(t *testing.T) {
		f := trusttest.NewFederation(t)
		var ids []string
		var all []*trusttest.Entity
		for _, n := range []string{"1", "2", "3", "4"} {
			i := f.Intermediate("https://i"+n+".test", f.Anchor)
			all, ids = append(all, i), append(ids, i.ID)
		}
		for _, i := range all {
			i.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = ids })
		}
		leaf := f.Gateway("https://leaf.test", "FR", f.Anchor)
		leaf.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = ids })
		f.Intercept(func(w http.ResponseWriter, r *http.Request) bool { // everybody vouches for everybody
			if !strings.HasSuffix(r.URL.Path, "/federation/fetch") {
				return false
			}
			for _, i := range all {
				if strings.HasPrefix(r.URL.String(), i.ID) {
					c := leaf.StatementClaims()
					c.Iss, c.Sub = i.ID, r.URL.Query().Get("sub")
					trusttest.Answer(w, federation.TypStatement, trusttest.Sign(t, i.Federation, federation.TypStatement, c))
				}
			}
			return true
		})
		refused(t, f.Resolver(append(all, leaf)...), leaf, federation.ErrChain)
		if n := f.Requests(""); n > 17 {
			t.Errorf("%d requests", n)
		}
	})
	for name, hints := range map[string][]string{
		"no hints": nil, "many hints": {"https://1.test", "https://2.test", "https://3.test", "https://4.test", trusttest.AnchorID},
	} {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		fr.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = hints })
		t.Run(name, func(t *testing.T) { refused(t, f.Resolver(fr), fr, federation.ErrChain) })
	}
}

func TestAnotherHintLeadsToTheAnchor(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr, gone := f.NCP("FR"), f.Intermediate("https://gone.test", f.Anchor)
	hints := []string{"https://stranger.test", gone.ID, trusttest.AnchorID}
	fr.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = hints })
	gone.Down(true)
	resolve(t, f.Resolver(fr, gone), fr)
	// One superior disowns, another is silent: the refusal counts, in whatever order.
	fr.Disown()
	for range 2 {
		refused(t, f.Resolver(fr, gone), fr, federation.ErrChain)
		hints[1], hints[2] = hints[2], hints[1]
	}
}

func TestUnreachableEntity(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	fr.Down(true)
	refused(t, r, fr, federation.ErrUnavailable)
	fr.Down(false)
	f.Forget()
	refused(t, r, fr, federation.ErrUnavailable)
	if n := f.Requests(""); n != 0 {
		t.Errorf("a failure was followed by %d requests at once", n)
	}
	f.Clock.Advance(30 * time.Second)
	resolve(t, r, fr)
}

func TestKnownChainIsUsedForAnHourWhileNobodyAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		bound, last time.Duration // when it is used for the last time
	}{
		"an hour": {0, time.Hour}, "as configured": {2 * time.Hour, 2 * time.Hour},
		"never beyond its own end": {24 * time.Hour, trusttest.Life - time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			o := f.Options(fr)
			o.StaleIfError = c.bound
			r := federation.NewResolver(o)
			resolve(t, r, fr)
			fr.Down(true)
			f.Anchor.Down(true)
			f.Clock.Advance(c.last - time.Minute)
			resolve(t, r, fr)
			f.Clock.Advance(time.Minute) // and does not grow younger by being used
			want := federation.MarkUnknown
			if c.last <= time.Hour {
				want = federation.MarkActive
			}
			if e := resolve(t, r, fr); e.Marks[0].Status != want {
				t.Errorf("mark = %s", e.Marks[0].Status)
			}
			f.Clock.Advance(time.Second)
			refused(t, r, fr, federation.ErrUnavailable)
		})
	}
}

func TestSilenceDoesNotOutlastTheSuperiorsWord(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	fr.Down(true)
	f.Clock.Advance(6 * time.Minute)
	resolve(t, r, fr) // its superior still vouches
	fr.Disown()
	f.Clock.Advance(6 * time.Minute)
	refused(t, r, fr, federation.ErrChain)
	// The refusal stands when the superior falls silent too.
	f.Anchor.Down(true)
	f.Clock.Advance(6 * time.Minute)
	refused(t, r, fr, federation.ErrUnavailable)
}

func TestEntityThatLiesIsRefused(t *testing.T) {
	mallory := trusttest.Key("mallory")
	for name, c := range map[string]struct {
		lie  func(f *trusttest.Federation, fr *trusttest.Entity)
		want error
	}{
		"configuration of another": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditConfiguration(func(c *federation.Claims) { c.Sub = "https://ncp.de.test"; c.Iss = c.Sub })
		}, federation.ErrStatement},
		"statement instead of configuration": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditConfiguration(func(c *federation.Claims) { c.Iss = trusttest.AnchorID })
		}, federation.ErrStatement},
		"expired": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditConfiguration(expire)
		}, federation.ErrExpired},
		"superior answers about another": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditStatement(func(c *federation.Claims) { c.Sub = "https://ncp.de.test" })
		}, federation.ErrStatement},
		"superior answers as another": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditStatement(func(c *federation.Claims) { c.Iss = "https://other.test" })
		}, federation.ErrStatement},
		"superior knows other keys": {func(_ *trusttest.Federation, fr *trusttest.Entity) {
			fr.EditStatement(func(c *federation.Claims) { c.JWKS = trusttest.KeySet(mallory) })
		}, federation.ErrStatement},
		"anchor with other keys": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			f.Anchor.Federation = mallory
		}, federation.ErrAnchorMismatch},
		"fetch endpoint on another host": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			editEndpoints(f.Anchor, `{"federation_fetch_endpoint":"https://evil.test/fetch"}`)
		}, federation.ErrStatement},
		"fetch endpoint in the clear": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			editEndpoints(f.Anchor, `{"federation_fetch_endpoint":"http://anchor.test/fetch"}`)
		}, federation.ErrStatement},
		"fetch endpoint with credentials": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			editEndpoints(f.Anchor, `{"federation_fetch_endpoint":"https://a:b@anchor.test/fetch"}`)
		}, federation.ErrStatement},
		"no fetch endpoint": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			editEndpoints(f.Anchor, `{}`)
		}, federation.ErrStatement},
		"endpoints of another kind": {func(f *trusttest.Federation, _ *trusttest.Entity) {
			editEndpoints(f.Anchor, `[]`)
		}, federation.ErrStatement},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			fr := f.NCP("FR")
			o := f.Options(fr)
			c.lie(f, fr)
			refused(t, federation.NewResolver(o), fr, c.want)
			if n := f.Requests("https://evil.test"); n != 0 {
				t.Errorf("%d requests to another host", n)
			}
		})
	}
}

func editEndpoints(e *trusttest.Entity, metadata string) {
	e.EditConfiguration(func(c *federation.Claims) { c.Metadata[federation.TypeFederationEntity] = []byte(metadata) })
}

func typed(media, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{media}
		_, _ = w.Write([]byte(body))
	}
}

func statement(body string) func(http.ResponseWriter, *http.Request) {
	return typed("application/"+federation.TypStatement, body)
}

func TestHostileAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   error
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.test/", http.StatusFound)
		}, federation.ErrFetchRedirect},
		"redirect to itself": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusMovedPermanently)
		}, federation.ErrFetchRedirect},
		"not there":  {http.NotFound, federation.ErrFetchStatus},
		"error":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, federation.ErrFetchStatus},
		"no content": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, federation.ErrFetchStatus},
		"empty":      {statement(""), federation.ErrStatement},
		"garbage":    {statement("a.b.c"), federation.ErrStatement},
		"a web page": {typed("text/html", "<html>"), federation.ErrContentType},
		"no type":    {typed("", "x"), federation.ErrContentType},
		"a mark":     {typed("application/"+federation.TypMark, "x"), federation.ErrContentType},
		"charset":    {typed("application/"+federation.TypStatement+"; charset=latin-1", "x"), federation.ErrContentType},
		"parameters": {typed("application/"+federation.TypStatement+"; charset=utf-8; q=1", "x"), federation.ErrContentType},
		"compressed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			trusttest.Answer(w, federation.TypStatement, "\x1f\x8b")
		}, federation.ErrContentEncoding},
		"too large":             {statement(strings.Repeat("a", 256<<10+1)), federation.ErrFetchSize},
		"not modified, unasked": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, federation.ErrFetchStatus},
	} {
		for _, path := range []string{"https://ncp.fr.test" + federation.WellKnown, trusttest.AnchorID + federation.WellKnown} {
			t.Run(name+" "+path, func(t *testing.T) {
				f := trusttest.NewFederation(t)
				fr := f.NCP("FR")
				f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.String() == path {
						c.answer(w, r)
					}
					return r.URL.String() == path
				})
				refused(t, f.Resolver(fr), fr, c.want)
				if n := f.Requests("https://evil.test"); n != 0 {
					t.Error("a redirect was followed")
				}
			})
		}
	}
}

func TestTheOwnersClientIsLeftAlone(t *testing.T) {
	f := trusttest.NewFederation(t)
	o := f.Options()
	federation.NewResolver(o)
	if o.HTTP.Timeout != 0 || o.HTTP.CheckRedirect != nil {
		t.Error("the client given was changed")
	}
}

func TestRefreshFetchesAtMostOnceAMinute(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	fr.Rotate(true)
	f.Forget()
	for range 5 {
		e, err := r.Refresh(t.Context(), fr.ID)
		if err != nil || len(e.Gateway.Keys.Keys) != 2 {
			t.Fatalf("entity = %+v, %v", e, err)
		}
		f.Clock.Advance(14 * time.Second)
	}
	if n := f.Requests(fr.ID); n != 1 {
		t.Errorf("%d requests", n)
	}
	if _, err := r.Refresh(t.Context(), fr.ID); err != nil || f.Requests(fr.ID) != 2 {
		t.Errorf("after a minute: %v, %d requests", err, f.Requests(fr.ID))
	}
	// A failure is an answer too.
	f.Clock.Advance(time.Minute)
	fr.Disown()
	if _, err := r.Refresh(t.Context(), fr.ID); !errors.Is(err, federation.ErrChain) {
		t.Errorf("disowned: %v", err)
	}
	refused(t, r, fr, federation.ErrChain)
}

func TestManyCallersShareOneFetch(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.Intercept(func(_ http.ResponseWriter, _ *http.Request) bool {
		once.Do(func() { close(started) })
		<-release
		return false
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := r.Resolve(context.Background(), fr.ID, nil); err != nil {
				t.Error(err)
			}
			if _, err := r.Refresh(context.Background(), fr.ID); err != nil {
				t.Error(err)
			}
		})
	}
	<-started
	close(release)
	wg.Wait()
	if n := f.Requests(fr.ID); n != 2 {
		t.Errorf("%d requests for a resolution and a refresh", n)
	}
}

func TestCallerThatHangsUpNeitherWaitsNorSpoils(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.Intercept(func(_ http.ResponseWriter, _ *http.Request) bool {
		once.Do(func() { close(started) })
		<-release
		return false
	})
	ctx, hangUp := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() { _, err := r.Resolve(ctx, fr.ID, nil); gone <- err }()
	<-started
	patient := make(chan error)
	go func() { _, err := r.Resolve(context.Background(), fr.ID, nil); patient <- err }()
	hangUp()
	if err := <-gone; !errors.Is(err, federation.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("who hung up got %v", err)
	}
	close(release)
	if err := <-patient; err != nil {
		t.Errorf("who waited got %v", err)
	}
	if n := f.Requests(fr.ID); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestResolutionHasADeadline(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	o := f.Options(fr)
	o.Timeout = time.Millisecond
	f.Intercept(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	refused(t, federation.NewResolver(o), fr, federation.ErrUnavailable)
}

func TestRefreshDoesNotWaitForTheRetry(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	o := f.Options(fr)
	o.Refresh = time.Second
	r := federation.NewResolver(o)
	fr.Down(true)
	refused(t, r, fr, federation.ErrUnavailable)
	fr.Down(false)
	if _, err := r.Refresh(t.Context(), fr.ID); err != nil {
		t.Fatal(err)
	}
	resolve(t, r, fr)
	// The failure is forgotten with it: the next fetch is a real one.
	f.Clock.Advance(2 * time.Second)
	fr.Disown()
	refused(t, r, fr, federation.ErrChain)
}

func TestLatecomerGetsWhatWasJustFetched(t *testing.T) {
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	r := f.Resolver(fr)
	resolve(t, r, fr)
	f.Forget()
	if err := federation.LoadAnew(t.Context(), r, fr.ID); err != nil || f.Requests("") != 0 {
		t.Errorf("%v, %d requests", err, f.Requests(""))
	}
}
