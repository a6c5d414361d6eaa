package register

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// legalPerson is the key of section 3 by which a legal person applies.
const legalPerson = "a"

// userOf is who applied: a legal person by its name, a natural one as such. Where the form says neither, a
// person is assumed.
func userOf(b *ehds.ApplicationBody, v veil) *User {
	if b == nil {
		return nil
	}
	form := gate.Read(*b)
	name := strings.TrimSpace(form.Text(3, "legalPersonName"))
	if form.Choice(3, "legalOrNaturalPerson") != legalPerson || name == "" || v.knows(name) {
		return &User{Natural: true}
	}
	return &User{Name: veil{}.text(name), Country: countryOf(form.Choice(3, "legalPersonCountry"))}
}

func countryOf(key string) string {
	if c, ok := ehds.CountryByCode(strings.ToUpper(key)); ok {
		return c.Code
	}
	return ""
}
