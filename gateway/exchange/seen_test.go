package exchange

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// A body sees what stands beside its own tracks, and of another body's nothing; what is shared is for all.
// shows R7.3.6
func TestWhatABodySeesOfACase(t *testing.T) {
	var doc ApplicationDoc
	for _, hdab := range []string{hdabA, hdabB} {
		key := ehds.Track{CatalogID: "c", HDAB: hdab}
		permit := "permit of " + hdab
		doc.Application.Tracks = append(doc.Application.Tracks, access.Track{Key: key, Permits: []access.PermitVersion{{ID: permit}}})
		doc.Granted = append(doc.Granted, Granted{PermitID: permit})
		doc.Notices = append(doc.Notices, Notice{ID: "notice of " + hdab, Track: key})
		doc.Documents = append(doc.Documents, CaseDocument{Message: "document of " + hdab, Track: key})
		doc.Results = append(doc.Results, PublishedResults{Actor: "staff of " + hdab, Track: key})
		doc.Recognised = append(doc.Recognised, Recognised{Version: 1, Track: key})
	}
	doc.Cards, doc.Flags, doc.Shared = []ehds.DecisionBody{{}}, []Flag{{Code: "c"}}, []Shared{{Nation: "SE"}}
	seen := doc.SeenBy(hdabB)
	want := doc
	want.Application, want.Cards, want.Flags = doc.Application.SeenBy(hdabB), nil, nil
	want.Granted, want.Notices, want.Documents = doc.Granted[1:], doc.Notices[1:], doc.Documents[1:]
	want.Results, want.Recognised = doc.Results[1:], doc.Recognised[1:]
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
	if len(doc.Granted) != 2 || len(doc.Notices) != 2 || len(doc.Documents) != 2 || len(doc.Results) != 2 || len(doc.Recognised) != 2 {
		t.Error("the case itself changed")
	}
}
