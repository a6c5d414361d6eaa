package gateway

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

// An application that another hub filed may bear the number of one of the centre's: in the register each has
// entries of its own.
func TestTheRegisterTellsCasesOfOneNumberApart(t *testing.T) {
	t.Parallel()
	r := register.New()
	for _, id := range []ehds.CaseID{ehds.ApplicationCase("A1"), ehds.NationalCase("NL", "A1")} {
		a := access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Received: time.Unix(0, 0)}
		r.Put(id.String(), register.Project(register.Source{Application: shownAs(id.String(), a)}))
	}
	if n := r.Find(register.Query{}).Total; n != 2 {
		t.Errorf("%d entries of two applications", n)
	}
	r.Put("nat:NL:A1", nil)
	if _, ok := r.Entry(register.ApplicationEntry("A1")); !ok {
		t.Error("the end of one took the other away")
	}
}
