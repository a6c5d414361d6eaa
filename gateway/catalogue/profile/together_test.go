package profile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestTogether(t *testing.T) {
	t.Parallel()
	r := edited(t, func(tr rdf.Triple) bool {
		return tr.S == subject && (tr.P.Value == dctTitle || tr.P.Value == geoCustodian || tr.P.Value == rdf.NSDCT+"spatial")
	})
	got := map[string]string{}
	for _, j := range Together(r, r8(t), open(t, LegalMinimum)) {
		got[string(j.Severity)+" "+j.Path+" "+j.Message] = strings.Join(j.By, " ")
	}
	want := map[string]string{
		"violation dct:title the dataset has no title":                                             "r8 legal-minimum",
		"warning geodcatap:custodian the health data holder is not named as custodian":             "r8",
		"violation geodcatap:custodian minimum element missing: custodian":                         "legal-minimum",
		"warning dct:spatial minimum element missing, due where applicable: geographical coverage": "legal-minimum",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("judgements (-want +got):\n%s", diff)
	}
	if len(Together(record(t, full(t)), r8(t))) != 0 || len(Together(r)) != 0 {
		t.Error("judgements of nothing")
	}
}
