package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// listing makes superiors serve what a test wants under /list.
func listing(f *trusttest.Federation, answer func(w http.ResponseWriter, r *http.Request), superiors ...*trusttest.Entity) {
	for _, e := range superiors {
		e.EditConfiguration(func(c *federation.Claims) {
			raw := strings.TrimSuffix(string(c.Metadata[federation.TypeFederationEntity]), "}")
			c.Metadata[federation.TypeFederationEntity] = []byte(raw + `,"federation_list_endpoint":"` + e.ID + `/list"}`)
		})
	}
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/list" {
			return false
		}
		answer(w, r)
		return true
	})
}

func jsonAnswer(body string) func(http.ResponseWriter, *http.Request) {
	return typed("application/json", body)
}

func TestListOfSubordinates(t *testing.T) {
	f := trusttest.NewFederation(t)
	mid := f.Intermediate("https://mid.test", f.Anchor)
	f.Gateway("https://leaf.test", "FR", mid)
	var query string
	listing(f, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		jsonAnswer(` [ "https://b.test", "https://a.test/x" ] `)(w, r)
	}, f.Anchor, mid)
	o := f.Options()
	o.Intermediates = []string{mid.ID}
	r := federation.NewResolver(o)
	for _, superior := range []string{trusttest.AnchorID, mid.ID} {
		got, err := r.List(t.Context(), superior, federation.ListFilter{})
		if err != nil || !slices.Equal(got, []string{"https://b.test", "https://a.test/x"}) || query != "" {
			t.Errorf("%s: %q, %v, asked %q", superior, got, err, query)
		}
	}
	if _, err := r.List(t.Context(), mid.ID, federation.ListFilter{EntityType: federation.TypeGateway, MarkType: "m"}); err != nil ||
		query != "entity_type=ehds_gateway&trust_mark_type=m" {
		t.Errorf("%v, asked %q", err, query)
	}
	if n := f.Requests("https://a.test") + f.Requests("https://b.test"); n != 0 {
		t.Errorf("%d requests to who is listed", n)
	}
	f.Forget()
	if _, err := r.List(t.Context(), "https://stranger.test", federation.ListFilter{}); !errors.Is(err, federation.ErrUnknownIssuer) || f.Requests("") != 0 {
		t.Errorf("a stranger's list: %v", err)
	}
	mid.Disown()
	f.Clock.Advance(time.Hour)
	if _, err := r.List(t.Context(), mid.ID, federation.ListFilter{}); !errors.Is(err, federation.ErrChain) {
		t.Errorf("a superior that was disowned: %v", err)
	}
	f.Anchor.EditConfiguration(nil)
	f.Clock.Advance(time.Hour)
	if _, err := r.List(t.Context(), trusttest.AnchorID, federation.ListFilter{}); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("no endpoint: %v", err)
	}
}

func TestListsThatDoNotHold(t *testing.T) {
	many := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("https://e%d.test", i)
		}
		raw, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		want   error
	}{
		"nobody":            {jsonAnswer(`[]`), nil},
		"as many as may be": {jsonAnswer(many(100_000)), nil},
		"one too many":      {jsonAnswer(many(100_001)), federation.ErrList},
		"too long":          {jsonAnswer(`["https://a.test"` + strings.Repeat(" ", 16<<20) + `]`), federation.ErrFetchSize},
		"nothing":           {jsonAnswer(``), federation.ErrList},
		"null":              {jsonAnswer(`null`), federation.ErrList},
		"an object":         {jsonAnswer(`{"entities":[]}`), federation.ErrList},
		"a number":          {jsonAnswer(`[1]`), federation.ErrList},
		"nested":            {jsonAnswer(`[["https://a.test"]]`), federation.ErrList},
		"twice":             {jsonAnswer(`["https://a.test","https://a.test"]`), federation.ErrList},
		"no identifier":     {jsonAnswer(`["a.test"]`), federation.ErrList},
		"credentials":       {jsonAnswer(`["https://u@a.test"]`), federation.ErrList},
		"open":              {jsonAnswer(`["https://a.test"`), federation.ErrList},
		"a second value":    {jsonAnswer(`[] []`), federation.ErrList},
		"bytes after it":    {jsonAnswer(`[]x`), federation.ErrList},
		"a statement":       {statement("[]"), federation.ErrContentType},
		"not there":         {http.NotFound, federation.ErrFetchStatus},
		"not modified":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, federation.ErrFetchStatus},
	} {
		t.Run(name, func(t *testing.T) {
			f := trusttest.NewFederation(t)
			listing(f, c.answer, f.Anchor)
			got, err := f.Resolver().List(t.Context(), trusttest.AnchorID, federation.ListFilter{})
			if !errors.Is(err, c.want) || c.want != nil && got != nil {
				t.Errorf("%d entities, error = %v, want %v", len(got), err, c.want)
			}
		})
	}
}
