package rems_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// An application that REMS does not show any more keeps nobody from hearing of the others.
func TestOneThatIsGoneHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	x := filed(t, nil)
	second := submission(2)
	x.ok(x.Submit(t.Context(), second))
	x.told()
	x.rems.mu.Lock()
	x.rems.apps[0].id += 1000 // number 31 is not shown any more
	x.rems.mu.Unlock()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/events",
		strings.NewReader(`{"event/id": 9, "event/type": "application.event/decided", "application/id": 31}`))
	r.Header.Set("Authorization", "Bearer notify-hush")
	w := httptest.NewRecorder()
	if x.Handler().ServeHTTP(w, r); w.Code != 200 {
		t.Fatal(w.Code)
	}
	x.ok(x.rems.staff(second.Case, "decided", "an opinion", nil))
	for range 2 { // the first look may say that 31 is gone
		page, err := x.Events(t.Context(), x.seen)
		if err == nil && len(page.Events) == 1 && page.Events[0].Case == second.Case && page.Events[0].Status == string(ehds.StateProcessing) {
			return
		}
		t.Logf("%v %+v", err, page.Events)
	}
	t.Error("the second application is not heard of")
}
