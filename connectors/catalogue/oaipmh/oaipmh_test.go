package oaipmh

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		const page, maxBytes = 2, 1 << 16
		r := newRepository()
		w := connectortest.NewWire(t, r)
		r.page, r.bearer = page, "not-for-logs"
		return &connectortest.CatalogueSource{
			Wire: w, MaxBody: maxBytes, Page: page, Secrets: []string{r.bearer},
			Open: func(t testing.TB) connectors.Catalogue {
				return driver(t, w, func(o *Options) { o.Token, o.MaxBytes = r.bearer, maxBytes })
			},
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					r.put(d.Identifier, rdfXML("https://holder.example/"+d.Identifier, d), d.Modified)
				}
			},
			Remove: func(_ testing.TB, id string) { r.put(id, "", connectortest.Now()) },
			Spoil: func(_ testing.TB, id string) {
				r.put(id, strings.Replace(described(id), "rdf:about", "rdf:aboutEach", 1), connectortest.Now())
			},
			Fail: func(testing.TB) {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.down = true
			},
			Relative: func(testing.TB) string {
				r.put("relative", rdfXML("set/relative", connectortest.Described{Identifier: "relative", Title: "R"}), connectortest.Now())
				return w.URL() + "/set/relative"
			},
		}
	}})
}

// filled is a repository with n records.
func filled(t testing.TB, n int) (*repository, *connectortest.Wire) {
	t.Helper()
	r := newRepository()
	for i := range n {
		id := fmt.Sprintf("%03d", i)
		r.put(id, described(id), connectortest.Now())
	}
	return r, connectortest.NewWire(t, r)
}

func TestRecords(t *testing.T) {
	t.Parallel()
	r, w := filled(t, 6)
	r.metadata["001"] = ""
	r.metadata["002"] = "<a xmlns='urn:a'/><b xmlns='urn:b'/>"
	r.metadata["003"] = "<rdf:RDF><dct:x rdf:about='urn:x' xmlns:dct='urn:other:'/></rdf:RDF>" // its own prefix counts
	r.metadata["004"] = strings.Replace(described("004"), "Set", strings.Repeat("x", connectors.MaxRawDocument), 1)
	r.metadata["005"] = "text"
	got, err := pass(t, driver(t, w), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"000: 3", "002: " + ErrResponse.Error(), "003: 1", "004: " + ErrTooLarge.Error(), "005: " + ErrResponse.Error()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSameBytes: what did not change comes as the same bytes, so that nobody reads it again.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	_, w := filled(t, 1)
	first := ""
	for range 20 {
		page, err := driver(t, w).List(t.Context(), time.Time{}, "")
		if err != nil {
			t.Fatal(err)
		}
		text := string(page.Items[0].Raw.Content)
		if first == "" {
			first = text
		}
		if text != first || !strings.HasPrefix(text, `<rdf:RDF xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:dct="http://purl.org/dc/terms/" xmlns:rdf="`) {
			t.Fatal(text)
		}
	}
}

func TestSince(t *testing.T) {
	t.Parallel()
	for _, days := range []bool{false, true} {
		r, w := filled(t, 0)
		r.days = days
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		for id, moved := range map[string]time.Duration{"a": -48 * time.Hour, "b": -time.Hour, "c": 0, "d": time.Hour, "e": 48 * time.Hour} {
			r.put(id, described(id), at.Add(moved))
		}
		want := []string{"c: 3", "d: 3", "e: 3"}
		if days {
			want = append([]string{"b: 3"}, want...) // the day it was
		}
		got, err := pass(t, driver(t, w), at.In(time.FixedZone("", 3600)))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("days %v: %v (-want +got):\n%s", days, err, diff)
		}
		if got, err := pass(t, driver(t, w), at.AddDate(1, 0, 0)); err != nil || len(got) != 0 {
			t.Errorf("nothing matches: %q, %v", got, err)
		}
	}
}

func TestAnswersThatCannotBe(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, with, 1) }
	}
	for name, c := range map[string]struct {
		tamper func(string) string
		want   error
	}{
		"as it should be":        {func(s string) string { return s }, nil},
		"another namespace":      {replace("OAI/2.0/", "OAI/1.1/"), ErrResponse},
		"a page for people":      {func(string) string { return "<html><body>Sorry</body></html>" }, ErrResponse},
		"nothing":                {func(string) string { return "" }, ErrResponse},
		"half":                   {func(s string) string { return s[:len(s)/2] }, ErrResponse},
		"two documents":          {func(s string) string { return s + "<x/>" }, ErrResponse},
		"a document type":        {replace("<OAI-PMH", `<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH`), ErrResponse},
		"an entity":              {replace("Set 000", "&a;"), ErrResponse},
		"another encoding":       {replace("UTF-8", "UTF-7"), ErrResponse},
		"another verb":           {replace(`verb="ListRecords"`, `verb="Identify"`), ErrResponse},
		"to another token":       {replace("<request ", `<request resumptionToken="other" `), ErrResponse},
		"no list":                {func(s string) string { return strings.ReplaceAll(s, "ListRecords>", "ListIdentifiers>") }, ErrResponse},
		"an error":               {replace("<ListRecords>", `<error code="badArgument"/><ListRecords>`), ErrProtocol},
		"an unknown error":       {replace("<ListRecords>", `<error code="a&#10;b"/><ListRecords>`), ErrProtocol},
		"shorter than announced": {func(s string) string { return strings.ReplaceAll(s, `completeListSize="7"`, `completeListSize="8"`) }, ErrShort},
		"a size that is none":    {func(s string) string { return strings.ReplaceAll(s, `completeListSize="7"`, `completeListSize="-7"`) }, ErrResponse},
		"the same token again": {func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, ">6|<", ">3|<"), ">3|<", ">3|<")
		}, ErrLoop},
		"a token and no records": {func(s string) string {
			return s[:strings.Index(s, "<record>")] + "<resumptionToken>1|</resumptionToken></ListRecords></OAI-PMH>"
		}, ErrLoop},
		"a record twice":        {replace("repository.example:001", "repository.example:000"), ErrLoop},
		"a record without name": {replace("oai:repository.example:001", " "), ErrResponse},
		"an element in a name":  {replace("oai:repository.example:001", "<b/>"), ErrResponse},
		"a long token":          {replace(">3|<", ">"+strings.Repeat("x", maxText+1)+"<"), ErrResponse},
		"deep":                  {replace("<about>", "<about>"+strings.Repeat("<x>", maxDepth+1)+strings.Repeat("</x>", maxDepth+1)), ErrResponse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w := filled(t, 7)
			r.tamper = c.tamper
			got, err := pass(t, driver(t, w), time.Time{})
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("%q, %v", got, err)
			}
			if err == nil && len(got) != 7 || err != nil && strings.Contains(err.Error(), "a\nb") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	_, w := filled(t, 7)
	if _, err := pass(t, driver(t, w, func(o *Options) { o.MaxRecords = 6 }), time.Time{}); !errors.Is(err, ErrTooMany) {
		t.Errorf("%v", err)
	}
	if _, err := pass(t, driver(t, w, func(o *Options) { o.Location = w.URL() + "/oai?metadataPrefix=other" }), time.Time{}); !errors.Is(err, ErrProtocol) || !strings.Contains(err.Error(), "cannotDisseminateFormat") {
		t.Errorf("%v", err)
	}
	for _, cursor := range []string{"x", "e30", "!", place{Token: "t", Read: -1}.cursor()} {
		if _, err := driver(t, w).List(t.Context(), time.Time{}, cursor); !errors.Is(err, ErrCursor) {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]error{
		"https://h.example/oai?metadataPrefix=dcat_ap": nil, "https://h.example/oai?metadataPrefix=dcat_ap&set=health": nil,
		"https://h.example/oai": ErrLocation, "https://h.example/oai?metadataPrefix=a&verb=Identify": ErrLocation,
		"https://h.example/oai?metadataPrefix=a&metadataPrefix=b": ErrLocation, "https://h.example/oai?metadataPrefix=%zz": ErrLocation,
		"http://h.example/oai?metadataPrefix=a": origin.ErrLocation, "://": ErrLocation,
	} {
		if _, err := New(Options{Location: location, HTTP: http.DefaultClient}); !errors.Is(err, want) {
			t.Errorf("%s: %v", location, err)
		}
	}
}

// FuzzResponse: whatever answers, there is no panic, no record without a name, and never more in the
// records than came.
func FuzzResponse(f *testing.F) {
	r := newRepository()
	r.put("a", described("a"), connectortest.Now())
	head := `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">`
	f.Add(head + r.list("dcat_ap", "", "", 2) + "</OAI-PMH>")
	f.Add(head + `<error code="noRecordsMatch"/></OAI-PMH>`)
	f.Add(head + `<Identify><granularity>YYYY-MM-DD</granularity></Identify></OAI-PMH>`)
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readResponse(strings.NewReader(body), "https://h.example/oai", 100)
		if err != nil {
			return
		}
		if len(got.items) > got.records {
			t.Errorf("%d items of %d records", len(got.items), got.records)
		}
		for _, i := range got.items {
			if i.File == "" || (i.Raw == nil) == (i.Err == nil) {
				t.Errorf("%+v", i)
			}
			if i.Raw != nil { // behind the first start tag nothing is added
				if _, rest, _ := strings.Cut(string(i.Raw.Content), ">"); !strings.Contains(body, ">"+rest) {
					t.Errorf("%q is not of the answer", i.Raw.Content)
				}
			}
		}
	})
}
