package gate

import (
	"slices"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func TestBeyond(t *testing.T) {
	t.Parallel()
	type detail = ehds.PermitDetail
	for name, c := range map[string]struct {
		app  func(ehds.ApplicationBody) ehds.ApplicationBody
		mod  func(*detail)
		want []string
	}{
		"as asked":          {nil, func(*detail) {}, nil},
		"less":              {nil, func(d *detail) { d.Data.Format = ehds.FormatAnonymised; d.OptOut = ehds.PermitOptOut{} }, nil},
		"by its central id": {nil, func(d *detail) { d.Granted[0] = ehds.GrantedDataset{DatasetID: "at origin", CentralID: "ds-2"} }, nil},
		"other persons":     {nil, func(d *detail) { d.Persons = append(d.Persons, ehds.PermitPerson{Name: "X"}) }, nil},
		"another dataset":   {nil, func(d *detail) { d.Granted = append(d.Granted, ehds.GrantedDataset{DatasetID: "ds-3"}) }, []string{"permit-beyond-datasets"}},
		"another purpose":   {nil, func(d *detail) { d.Purposes = []string{"e", "d"} }, []string{"permit-beyond-purposes"}},
		"tells more": {func(b ehds.ApplicationBody) ehds.ApplicationBody {
			return set(t, b, "section5", "formatOfTheElectronicHealthData", map[string]any{"key": "a"})
		}, func(*detail) {}, []string{"permit-beyond-format"}},
		"exception not asked": {func(b ehds.ApplicationBody) ehds.ApplicationBody {
			return set(t, b, "section8", "optOutOfTheMechanismProvidedInTheNationalLaw", map[string]any{"key": "b"})
		}, func(*detail) {}, []string{"permit-beyond-opt-out"}},
	} {
		b, d := completeAccess(), completePermit()
		if c.app != nil {
			b = c.app(b)
		}
		c.mod(&d)
		if got := codes(Beyond(b, d)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}
