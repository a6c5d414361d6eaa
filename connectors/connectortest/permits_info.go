package connectortest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func informationFor(s connectors.Submission, n int) connectors.Information {
	return connectors.Information{Ref: fmt.Sprintf("info-%d", n), Case: s.Case, Track: s.Track,
		Body: ehds.InfoBody{ApplicationID: s.Application.ApplicationID, Version: s.Application.Version,
			RespondedAt: "2026-11-04T08:00:00Z",
			Sections:    []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"projectLeader": "Prof. Example"}}}}}
}

func informationOfUnknownCase(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	for name, spoil := range map[string]func(*connectors.Information){
		"case":  func(i *connectors.Information) { i.Case += "x" },
		"body":  func(i *connectors.Information) { i.Track.HDAB += "/unknown" },
		"track": func(i *connectors.Information) { i.Track.CatalogID += "x" },
	} {
		i := informationFor(s, 1)
		spoil(&i)
		t.Log("unknown", name)
		wantKind(t, c.p.Info(t.Context(), i), fault.NotFound)
	}
	i := informationFor(s, 1)
	i.Ref = ""
	wantKind(t, c.p.Info(t.Context(), i), fault.Invalid, fault.Malformed)
}

func repeatedInformation(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	if err := c.p.Info(t.Context(), informationFor(s, 1)); err != nil {
		t.Fatalf("Info: %v", err)
	}
	before, _ := c.all(t, "")
	c.p = c.h.Open(t, c.host)
	for range 2 {
		if err := c.p.Info(t.Context(), informationFor(s, 1)); err != nil {
			t.Fatalf("a repeated Info: %v", err)
		}
	}
	if after, _ := c.all(t, ""); !cmp.Equal(before, after) {
		t.Errorf("a repeated Info changed the events:\n%s", cmp.Diff(before, after))
	}
}

func moreInformation(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	other := s
	other.Track.HDAB += "/other"
	if err := c.p.Submit(t.Context(), other); err != nil {
		t.Fatalf("Submit: %v", err)
	}
	for _, i := range []connectors.Information{informationFor(s, 1), informationFor(other, 1), informationFor(s, 2)} {
		if err := c.p.Info(t.Context(), i); err != nil {
			t.Fatalf("Info %s: %v", i.Ref, err)
		}
	}
}
