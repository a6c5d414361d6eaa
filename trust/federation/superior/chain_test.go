package superior_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
)

// three is an anchor, an intermediate under it, and a hub with a body under that; the hub's mark comes
// from whom issuer names.
func three(t *testing.T, issuer string) (w *world, anchor, region *superior.Superior, top, mid *superior.Registry) {
	t.Helper()
	w = newWorld(t)
	anchor, top = w.superior(anchorID, nil)
	region, mid = w.superior(regionID, nil, anchorID)
	below := superior.Subordinate{Entity: hubID, Types: []string{federation.TypeGateway}, Intermediate: true, Country: "BE"}
	between := superior.Subordinate{Entity: regionID, Intermediate: true, Country: "BE"}
	if issuer == regionID {
		between.Issues = []string{markType("ncp")}
		below.Marks = fresh("ncp")
	}
	w.enrol(top, anchorID, between)
	if issuer == anchorID {
		w.enrol(top, anchorID, superior.Subordinate{Entity: hubID, MarksOnly: true, Marks: fresh("ncp")})
	}
	w.enrol(mid, regionID, below)
	from := map[string]*superior.Superior{anchorID: anchor, regionID: region}[issuer]
	w.hub(hubID, "BE", regionID, func() []federation.MarkEntry {
		token, err := from.Mark(hubID, markType("ncp"))
		if err != nil {
			return nil
		}
		return []federation.MarkEntry{{Type: markType("ncp"), Token: token}}
	})
	return w, anchor, region, top, mid
}

func (w *world) trusting() *federation.Resolver {
	return w.resolver(federation.Options{
		Anchors: w.anchors(), Onboarded: []string{hubID, bodyID}, Intermediates: []string{regionID},
		Refresh: time.Minute, MarkRefresh: time.Minute,
	})
}

// TestHubUnderAnIntermediate: a hub and its body resolve to the anchor through a real intermediate, with
// marks of the anchor or of the intermediate, which can be suspended, given back and taken away.
func TestHubUnderAnIntermediate(t *testing.T) {
	t.Parallel()
	for _, issuer := range []string{anchorID, regionID} {
		t.Run(issuer, func(t *testing.T) {
			t.Parallel()
			w, _, _, top, mid := three(t, issuer)
			r := w.trusting()
			marked := top
			if issuer == regionID {
				marked = mid
			}
			status := func() federation.MarkStatus {
				t.Helper()
				e, err := r.Resolve(t.Context(), hubID, nil)
				if err != nil {
					t.Fatal(err)
				}
				if len(e.Chain) != 4 || e.Anchor != anchorID || e.Gateway.Country != "BE" || len(e.Marks) > 1 {
					t.Fatalf("%d statements to %s, %+v", len(e.Chain), e.Anchor, e.Marks)
				}
				if len(e.Marks) == 0 {
					return ""
				}
				return e.Marks[0].Status
			}
			if got := status(); got != federation.MarkActive {
				t.Fatalf("status = %q", got)
			}
			e, err := r.Resolve(t.Context(), bodyID, nil)
			if err != nil || len(e.Chain) != 5 || e.HDAB.Code != "NORD" {
				t.Fatalf("the body: %v, %v", e, err)
			}
			w.move(marked, hubID, superior.Suspended)
			w.clock.Advance(61 * time.Second)
			if got := status(); got == federation.MarkActive {
				t.Errorf("suspended: %q", got)
			}
			w.move(marked, hubID, superior.Active)
			w.clock.Advance(61 * time.Second)
			if got := status(); got != federation.MarkActive {
				t.Errorf("resumed: %q", got)
			}
			w.move(mid, hubID, superior.Withdrawn)
			w.clock.Advance(61 * time.Second)
			if _, err := r.Resolve(t.Context(), hubID, nil); !errors.Is(err, federation.ErrChain) {
				t.Errorf("withdrawn: %v", err)
			}
			if _, err := r.Resolve(t.Context(), bodyID, nil); !errors.Is(err, federation.ErrChain) {
				t.Errorf("the body of a withdrawn hub: %v", err)
			}
		})
	}
}

// TestIntermediateGone: who withdraws an intermediate withdraws what stands below, and the marks it made.
func TestIntermediateGone(t *testing.T) {
	t.Parallel()
	w, anchor, _, top, _ := three(t, regionID)
	r := w.trusting()
	if e, err := r.Resolve(t.Context(), hubID, nil); err != nil || len(e.Marks) != 1 {
		t.Fatalf("%v, %v", e, err)
	}
	w.move(top, regionID, superior.Suspended)
	w.clock.Advance(61 * time.Second)
	e, err := r.Resolve(t.Context(), hubID, nil)
	if err != nil || len(e.Marks) != 0 {
		t.Errorf("a suspended issuer's marks count: %+v, %v", e, err)
	}
	w.move(top, regionID, superior.Withdrawn)
	w.clock.Advance(61 * time.Second)
	if _, err := r.Resolve(t.Context(), hubID, nil); !errors.Is(err, federation.ErrChain) {
		t.Errorf("%v", err)
	}
	if _, err := anchor.Statement(regionID); !errors.Is(err, superior.ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// TestPinnedKeys: a statement holds the keys of enrolment, whatever the entity shows since.
func TestPinnedKeys(t *testing.T) {
	t.Parallel()
	w, _, _, _, mid := three(t, anchorID)
	w.move(mid, hubID, superior.Withdrawn)
	w.enrol(mid, regionID, superior.Subordinate{Entity: hubID, Types: []string{federation.TypeGateway}, Country: "BE", Keys: keysOf("another")})
	if _, err := w.trusting().Resolve(t.Context(), hubID, nil); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("%v", err)
	}
}

// TestCountryComesDown: an intermediate of one country vouches for nobody of another.
func TestCountryComesDown(t *testing.T) {
	t.Parallel()
	w, _, _, _, mid := three(t, anchorID)
	w.move(mid, hubID, superior.Withdrawn)
	w.enrol(mid, regionID, superior.Subordinate{Entity: hubID, Types: []string{federation.TypeGateway}, Country: "FR"})
	if _, err := w.trusting().Resolve(t.Context(), hubID, nil); !errors.Is(err, federation.ErrIdentity) {
		t.Errorf("%v", err)
	}
}

// TestPolicyAndConstraints: what an anchor states about an intermediate binds what stands below.
func TestPolicyAndConstraints(t *testing.T) {
	t.Parallel()
	one, zero := 1, 0
	for name, c := range map[string]struct {
		edit func(*superior.Subordinate)
		body bool // judge the body, not the hub
		err  error
	}{
		"policy that passes": {func(s *superior.Subordinate) {
			s.Policy = []byte(`{"ehds_gateway":{"profiles":{"subset_of":["hdeu-r6"]}}}`)
		}, false, nil},
		"policy that refuses": {func(s *superior.Subordinate) { s.Policy = []byte(`{"ehds_gateway":{"contacts":{"essential":true}}}`) }, false, federation.ErrInvalidMetadata},
		"path of one, hub":    {func(s *superior.Subordinate) { s.Constraints = &federation.Constraints{MaxPathLength: &one} }, false, nil},
		"path of one, body":   {func(s *superior.Subordinate) { s.Constraints = &federation.Constraints{MaxPathLength: &one} }, true, federation.ErrPathLength},
		"path of none":        {func(s *superior.Subordinate) { s.Constraints = &federation.Constraints{MaxPathLength: &zero} }, false, federation.ErrPathLength},
		"other names": {func(s *superior.Subordinate) {
			s.Constraints = &federation.Constraints{NamingConstraints: &federation.NamingConstraints{Permitted: []string{"region.test", ".be"}}}
		}, false, federation.ErrNaming},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, _, top, _ := three(t, anchorID)
			if _, err := top.Change(regionID, func(s *superior.Subordinate) error { c.edit(s); return nil }); err != nil {
				t.Fatal(err)
			}
			entity := hubID
			if c.body {
				entity = bodyID
			}
			if _, err := w.trusting().Resolve(t.Context(), entity, nil); !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
		})
	}
}

// TestLoopOfSuperiors: two superiors that name each other are no chain, and end the search.
func TestLoopOfSuperiors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := "https://a.test", "https://b.test"
	_, ra := w.superior(a, nil, b)
	_, rb := w.superior(b, nil, a)
	state := func(entity string) superior.Subordinate {
		return superior.Subordinate{Entity: entity, Types: []string{federation.TypeGateway}, Country: "BE", Keys: keysOf(entity)}
	}
	// Neither can be made to enrol the other: it stands above. So each pretends with a record of before.
	if err := ra.Enrol(state(b), keysOf(a)); !errors.Is(err, superior.ErrLoop) {
		t.Fatalf("%v", err)
	}
	if err := ra.Enrol(state(a), keysOf("x")); !errors.Is(err, superior.ErrLoop) {
		t.Fatalf("itself: %v", err)
	}
	w.enrol(ra, a, state(hubID))
	w.hub(hubID, "BE", a, nil)
	_ = rb
	r := w.resolver(federation.Options{Anchors: w.anchors(), Onboarded: []string{hubID}, Intermediates: []string{a, b}})
	if _, err := r.Resolve(t.Context(), hubID, nil); !errors.Is(err, federation.ErrChain) {
		t.Errorf("%v", err)
	}
	if n := w.called("a.test") + w.called("b.test"); n > 16 {
		t.Errorf("%d calls", n)
	}
	if slices.Contains(w.calls, "anchor.test") {
		t.Error("the anchor was called")
	}
}
