package desk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const grantAll = `{"version":1,"body":{"id":"x","name":"n","signatory":{"name":"n","job_title":"j"}},
 "rules":[{"name":"all","when":{"access_rights":"NON_PUBLIC"},"then":{"decide":"Positive","fees":{"amount_cents":0,"currency":"EUR"}}}],"default":{"decide":"manual"}}`

// What the nation published says category, holder and central id, and what may be granted at all.
func TestThePublishedRecordFillsTheGrant(t *testing.T) {
	facts := connectors.DatasetFacts{Categories: []string{"MRMR"}, Holder: "Registry", AccessRights: "NON_PUBLIC", CentralID: "c-1"}
	want := []ehds.GrantedDataset{{Holder: "Registry", DatasetID: "ds-1", CatalogID: "cat-1", CentralID: "c-1"}}
	for _, c := range []struct {
		name      string
		published map[string]connectors.DatasetFacts
		spoil     func(*connectors.Submission)
		want      []ehds.GrantedDataset
	}{
		{"published", map[string]connectors.DatasetFacts{"ds-1": facts}, nil, want},
		{"another track's dataset is published too", map[string]connectors.DatasetFacts{"ds-1": facts, "ds-elsewhere": facts}, nil, want},
		{"without a catalogue", map[string]connectors.DatasetFacts{"ds-1": facts},
			func(s *connectors.Submission) { s.Application.Datasets[0].CatalogID = "" },
			[]ehds.GrantedDataset{{Holder: "Registry", DatasetID: "ds-1", CentralID: "c-1"}}},
		{"not published", map[string]connectors.DatasetFacts{}, nil, nil},
		{"nobody said what is published", nil, nil, nil},
		{"published without categories", map[string]connectors.DatasetFacts{"ds-1": {Holder: "R", AccessRights: "NON_PUBLIC"}}, nil, nil},
		{"other access rights", map[string]connectors.DatasetFacts{"ds-1": {Categories: []string{"MRMR"}, Holder: "R", AccessRights: "PUBLIC"}}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, connectortest.Host(), grantAll)
			s := submission(1)
			s.Datasets = c.published
			if c.spoil != nil {
				c.spoil(&s)
			}
			if err := d.Submit(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			ev := events(t, d)
			last := ev[len(ev)-1]
			if (last.Grant != nil) != (c.want != nil) {
				list, _ := d.List(t.Context())
				t.Fatalf("granted %v: %+v", last.Grant != nil, list)
			}
			if last.Grant != nil {
				if diff := cmp.Diff(c.want, last.Grant.Granted); diff != "" || !cmp.Equal(last.Grant.Data.Categories, []string{"MRMR"}) {
					t.Errorf("%v %s", last.Grant.Data, diff)
				}
			}
		})
	}
}

func TestMissingCategoriesAreNoted(t *testing.T) {
	d := open(t, connectortest.Host(), strings.Replace(grantAll, `"access_rights":"NON_PUBLIC"`, ``, 1))
	if err := d.Submit(t.Context(), submission(1)); err != nil {
		t.Fatal(err)
	}
	list, err := d.List(t.Context())
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Note, "(a) the datasets' categories") {
		t.Errorf("%+v %v", list, err)
	}
}
