package permits_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// counting is a body that counts what it signs, with a chain that may be held up.
type counting struct {
	permits.Body
	signed atomic.Int64
	chain  func(context.Context) ([]string, error)
}

func (d *desk) counting() *counting {
	c := &counting{Body: bodyOf(d.hda)}
	key, chain := c.Body.Key, c.Body.Chain
	c.chain = chain
	c.Body.Key = func() (jose.SigningKey, error) { c.signed.Add(1); return key() }
	c.Body.Chain = func(ctx context.Context) ([]string, error) { return c.chain(ctx) }
	d.office = permits.NewOffice([]permits.Body{c.Body}, d.register, 131072, d.f.Clock.Now)
	return c
}

// Reading needs no credentials: a stream of requests must not make us sign without end, and a
// revocation must show soon.
func TestListIsSignedOnceInItsAge(t *testing.T) {
	d := newDesk(t)
	c := d.counting()
	first := d.list()
	d.register.set(index, ehds.StatusInvalid)
	d.f.Clock.Advance(permits.ListAge - time.Millisecond)
	for range 100 {
		if d.list() != first {
			t.Fatal("another list within its age")
		}
	}
	if n := c.signed.Load(); n != 1 {
		t.Errorf("signed %d times, want once", n)
	}
	d.f.Clock.Advance(time.Millisecond)
	if r := d.verify(); r.Verdict != permits.Invalid {
		t.Errorf("a revoked permit is %s after the age of a list", r.Verdict)
	}
	d.f.Clock.Advance(-time.Hour) // the clock is set back
	before := c.signed.Load()
	d.list()
	if c.signed.Load() == before {
		t.Error("a list from the future was served")
	}
}

func TestListThatCannotBeSignedIsNotTriedForEverybody(t *testing.T) {
	d := newDesk(t)
	c := d.counting()
	good := c.chain
	tries := 0
	c.chain = func(context.Context) ([]string, error) { tries++; return nil, errBroken }
	for range 10 {
		if _, ok, err := d.office.SignedList(t.Context(), d.hda.ID, 2027); ok || !errors.Is(err, errBroken) {
			t.Fatalf("%t, %v", ok, err)
		}
	}
	if tries != 1 {
		t.Errorf("the chain was asked for %d times, want once", tries)
	}
	d.f.Clock.Advance(permits.ListAge)
	c.chain = good
	d.list()
}

// Years are chosen by strangers: those never used cost no signature and push nothing out.
func TestListsNeverUsedPushNothingOut(t *testing.T) {
	d := newDesk(t)
	c := d.counting()
	d.register.only = d.hda.ID + "/status/2027"
	d.list()
	for year := range 1000 {
		if _, ok, err := d.office.SignedList(t.Context(), d.hda.ID, year); ok || err != nil {
			t.Fatalf("%d: %t, %v", year, ok, err)
		}
	}
	d.list()
	if n := c.signed.Load(); n != 1 {
		t.Errorf("signed %d times, want once", n)
	}
}

// The shelf is bounded even when every year is in use.
func TestManyListsInUseAreAllServed(t *testing.T) {
	d := newDesk(t)
	d.office = permits.NewOffice([]permits.Body{bodyOf(d.hda)}, d.register, 8, d.f.Clock.Now)
	for year := range 600 {
		d.f.Clock.Advance(time.Millisecond)
		if _, ok, err := d.office.SignedList(t.Context(), d.hda.ID, 2000+year); !ok || err != nil {
			t.Fatalf("%d: %t, %v", year, ok, err)
		}
	}
	if n := d.office.Kept(); n > permits.MaxLists {
		t.Errorf("%d lists are kept", n)
	}
}

// Everybody who asks at the same time shares one signature; one who hangs up fails nobody else. The
// entries are those of after the chain was fetched.
func TestOneSignatureForAllWhoAskTogether(t *testing.T) {
	d := newDesk(t)
	c := d.counting()
	chain, entered, release := c.chain, make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(entered) })
	c.chain = func(ctx context.Context) ([]string, error) { once(); <-release; return chain(ctx) }
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() { _, _, err := d.office.SignedList(ctx, d.hda.ID, 2027); gone <- err }()
	<-entered
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, ok, err := d.office.SignedList(t.Context(), d.hda.ID, 2027); !ok || err != nil {
				t.Errorf("%t, %v", ok, err)
			}
		})
	}
	hangUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who hung up got %v", err)
	}
	d.register.set(index, ehds.StatusInvalid)
	close(release)
	wg.Wait()
	if n := c.signed.Load(); n != 1 {
		t.Errorf("signed %d times, want once", n)
	}
	if r := d.verify(); r.Verdict != permits.Invalid {
		t.Errorf("a permit revoked while the chain was fetched is %s", r.Verdict)
	}
}
