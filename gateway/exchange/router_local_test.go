package exchange

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// "ds-1" may be a dataset of ours and of another nation: the local identifier counts only where the
// message says that the dataset is ours; the IRI and the central id count always.
func TestALocalIdentifierOfAnotherNationIsNotOurs(t *testing.T) {
	r := NewRouter("FR", []HDAB{{Entity: "https://ncp.fr.example/hdab/hdh"}})
	r.Learn(catalogue.Publication{
		Source: "national", Identifier: "ds-1", IRI: "https://fr.example/ds-1", CentralID: "c-1",
		HDAB: "https://ncp.fr.example/hdab/hdh", State: catalogue.Validated,
	})
	for _, c := range []struct {
		name, id, country string
		ours              bool
	}{
		{"local identifier, ours", "ds-1", "FR", true},
		{"local identifier, theirs", "ds-1", "FI", false},
		{"IRI, said to be theirs", "https://fr.example/ds-1", "FI", true},
		{"central id, said to be theirs", "c-1", "FI", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := []ehds.ApplicationDataset{{DatasetID: c.id, Country: c.country}}
			tracks, _ := r.Tracks(asked)
			facts := r.Facts(asked, "https://ncp.fr.example/hdab/hdh")
			if (len(tracks) == 1) != c.ours || (len(facts) == 1) != c.ours {
				t.Errorf("tracks %v, facts %v", tracks, facts)
			}
		})
	}
}
