package exchange

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Our own record says where a dataset of ours goes; the message's word counts for what it does not know.
func TestRouting(t *testing.T) {
	r := NewRouter("FR", []HDAB{{Entity: hdabA}, {Entity: hdabB}})
	r.Learn(catalogue.Publication{Source: "own", Identifier: "b-1", IRI: "https://d.example/b-1", CentralID: "EU-1", HDAB: hdabB, State: catalogue.Validated})
	r.Learn(catalogue.Publication{Source: "own", Identifier: "lost", CentralID: "EU-2", HDAB: "https://elsewhere.example", State: catalogue.Validated})
	own := func(hdab string) []ehds.Track { return []ehds.Track{{CatalogID: "own", HDAB: hdab}} }
	for name, c := range map[string]struct {
		asked  ehds.ApplicationDataset
		tracks []ehds.Track
		codes  []string
	}{
		"known":                     {ehds.ApplicationDataset{DatasetID: "b-1", Country: "FR"}, own(hdabB), nil},
		"another catalogue is told": {ehds.ApplicationDataset{DatasetID: "b-1", Country: "FR", CatalogID: "theirs"}, own(hdabB), nil},
		"another country is told":   {ehds.ApplicationDataset{DatasetID: "EU-1", Country: "SE"}, own(hdabB), []string{"country-differs"}},
		"by its IRI, no country":    {ehds.ApplicationDataset{DatasetID: "https://d.example/b-1"}, own(hdabB), []string{"country-differs"}},
		"names no body of ours":     {ehds.ApplicationDataset{DatasetID: "lost", Country: "FR", CatalogID: "theirs"}, own(hdabA), []string{"routed-to-coordinator"}},
		"both":                      {ehds.ApplicationDataset{DatasetID: "EU-2", Country: "SE"}, own(hdabA), []string{"country-differs", "routed-to-coordinator"}},
		"unknown, ours":             {ehds.ApplicationDataset{DatasetID: "x", Country: "FR", CatalogID: "theirs"}, []ehds.Track{{CatalogID: "theirs", HDAB: hdabA}}, []string{"routed-to-coordinator"}},
		"unknown, of no catalogue":  {ehds.ApplicationDataset{DatasetID: "x", Country: "FR"}, []ehds.Track{{CatalogID: "national", HDAB: hdabA}}, []string{"routed-to-coordinator"}},
		"unknown, another nation's": {ehds.ApplicationDataset{DatasetID: "x", Country: "SE"}, nil, []string{"no-dataset-here"}},
		"a body named in it":        {ehds.ApplicationDataset{DatasetID: "b-1", Country: "FR", HDAB: hdabA}, own(hdabB), nil},
	} {
		t.Run(name, func(t *testing.T) {
			tracks, findings := r.Tracks([]ehds.ApplicationDataset{c.asked})
			var codes []string
			for _, f := range findings {
				codes = append(codes, f.Code)
				if want := map[bool]string{true: "violation", false: "warning"}[c.tracks == nil]; f.Severity != want {
					t.Errorf("finding %s is a %s", f.Code, f.Severity)
				}
			}
			if d := cmp.Diff(c.tracks, tracks) + cmp.Diff(c.codes, codes); d != "" {
				t.Error(d)
			}
		})
	}
}

// What the record does not say, the table of catalogues does; what neither says goes to the coordinator,
// wherever it stands in the list.
func TestRoutingByCatalogueAndCoordinator(t *testing.T) {
	r := NewRouter("FR", []HDAB{{Entity: hdabA, Catalogues: []string{"north", "shared"}}, {Entity: hdabB, Coordinator: true}})
	r.Learn(catalogue.Publication{Source: "own", Identifier: "b-1", HDAB: hdabB, State: catalogue.Validated})
	r.Learn(catalogue.Publication{Source: "north", Identifier: "n-1", HDAB: "https://elsewhere.example", State: catalogue.Validated})
	for name, c := range map[string]struct {
		asked ehds.ApplicationDataset
		want  ehds.Track
		codes int
	}{
		"the record before the table": {ehds.ApplicationDataset{DatasetID: "b-1", Country: "FR", CatalogID: "north"}, ehds.Track{CatalogID: "own", HDAB: hdabB}, 0},
		"the record's catalogue":      {ehds.ApplicationDataset{DatasetID: "n-1", Country: "FR", CatalogID: "x"}, ehds.Track{CatalogID: "north", HDAB: hdabA}, 0},
		"the message's catalogue":     {ehds.ApplicationDataset{DatasetID: "x", Country: "FR", CatalogID: "shared"}, ehds.Track{CatalogID: "shared", HDAB: hdabA}, 0},
		"a name in the payload":       {ehds.ApplicationDataset{DatasetID: "x", Country: "FR", CatalogID: "x", HDAB: hdabA}, ehds.Track{CatalogID: "x", HDAB: hdabB}, 1},
		"neither: the coordinator":    {ehds.ApplicationDataset{DatasetID: "x", Country: "FR"}, ehds.Track{CatalogID: "national", HDAB: hdabB}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tracks, findings := r.Tracks([]ehds.ApplicationDataset{c.asked})
			if d := cmp.Diff([]ehds.Track{c.want}, tracks); d != "" || len(findings) != c.codes {
				t.Errorf("%s, findings %+v", d, findings)
			}
		})
	}
	asked := []ehds.ApplicationDataset{{DatasetID: "n-1", Country: "FR"}}
	if len(r.Facts(asked, hdabA)) != 1 || len(r.Facts(asked, hdabB)) != 0 {
		t.Error("the facts of a dataset go to another body than its track")
	}
}

// A body is told of a dataset as our record has it, so that what it may grant is on its track.
func TestWhatABodyIsTold(t *testing.T) {
	r := NewRouter("FR", []HDAB{{Entity: hdabA}, {Entity: hdabB}})
	r.Learn(catalogue.Publication{Source: "own", Identifier: "a-1", HDAB: hdabA, Holder: "A", State: catalogue.Validated})
	r.Learn(catalogue.Publication{Source: "own", Identifier: "b-1", CentralID: "EU-1", HDAB: hdabB, Holder: "B", State: catalogue.Validated})
	asked := []ehds.ApplicationDataset{
		{DatasetID: "EU-1", Country: "SE", CatalogID: "theirs", Publisher: "p"},
		{DatasetID: "a-1", Country: "FR"},
		{DatasetID: "x", Country: "SE", CatalogID: "se"},
	}
	before := append([]ehds.ApplicationDataset(nil), asked...)
	want := []ehds.ApplicationDataset{
		{DatasetID: "EU-1", Country: "FR", CatalogID: "own", Publisher: "p"},
		{DatasetID: "a-1", Country: "FR", CatalogID: "own"},
		{DatasetID: "x", Country: "SE", CatalogID: "se"},
	}
	if d := cmp.Diff(want, r.Located(asked)) + cmp.Diff(before, asked); d != "" {
		t.Error(d)
	}
	for hdab, want := range map[string]map[string]connectors.DatasetFacts{
		hdabA: {"a-1": {Holder: "A"}}, hdabB: {"EU-1": {Holder: "B", CentralID: "EU-1"}}, "https://x.example": {},
	} {
		if d := cmp.Diff(want, r.Facts(asked, hdab)); d != "" {
			t.Errorf("%s: %s", hdab, d)
		}
	}
}

// The router learns what is committed, and only that.
func TestRouterLearnsAfterTheCommit(t *testing.T) {
	_, ncp, _ := pair(t)
	p := catalogue.Publication{Source: "own", Identifier: "new", HDAB: hdabB, State: catalogue.Validated}
	rec := ncp.router.Watching(ncp.record, ncp.w.log)
	knows := func(id string) bool {
		_, findings := ncp.router.Tracks([]ehds.ApplicationDataset{{DatasetID: id, Country: "FR"}})
		return len(findings) == 0
	}
	write := func(caseID string, doc any, err error) error {
		_, got := rec.Update(t.Context(), caseID, func(store.State) (store.Change, error) {
			if knows("new") {
				t.Error("learned inside the change")
			}
			return store.Change{Doc: mustJSON(doc)}, err
		})
		return got
	}
	if err := write("ds:FR:new", p, errBoom); !errors.Is(err, errBoom) || knows("new") {
		t.Errorf("a change that failed: %v, known %t", err, knows("new"))
	}
	if err := write("ds:SE:new", p, nil); err != nil || knows("new") {
		t.Errorf("another nation's: %v, known %t", err, knows("new"))
	}
	if err := write("app:A9", p, nil); err != nil || knows("new") {
		t.Errorf("no dataset: %v, known %t", err, knows("new"))
	}
	// Once it is committed, a caller that hangs up changes nothing.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rec = ncp.router.Watching(hangsUp{ncp.record, cancel}, ncp.w.log)
	if _, err := rec.Update(ctx, "ds:FR:new", func(store.State) (store.Change, error) {
		return store.Change{Doc: mustJSON(p)}, nil
	}); err != nil || !knows("new") {
		t.Errorf("after the commit: %v, known %t", err, knows("new"))
	}
}

// hangsUp is a record whose caller is gone once it has committed.
type hangsUp struct {
	Record
	cancel func()
}

func (h hangsUp) Update(ctx context.Context, id string, fn func(store.State) (store.Change, error)) (store.Committed, error) {
	c, err := h.Record.Update(ctx, id, fn)
	h.cancel()
	return c, err
}
