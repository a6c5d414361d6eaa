package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// mailbox can be made to fail when it is read.
type mailbox struct {
	connectortest.Mailbox
	mu     sync.Mutex
	broken bool
}

var errBroken = errors.New("the disk is gone")

func (m *mailbox) Scan(ctx context.Context, prefix, after string, limit int) ([]connectors.Mail, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, errBroken
	}
	return m.Mailbox.Scan(ctx, prefix, after, limit)
}

// office is a driver, its mailbox and its clock.
type office struct {
	t    testing.TB
	box  *mailbox
	log  *strings.Builder
	mu   sync.Mutex
	time time.Time
}

func newOffice(t testing.TB) *office {
	return &office{t: t, box: &mailbox{}, log: &strings.Builder{}, time: connectortest.Now()}
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.time
}

func (o *office) at(at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.time = at
}

// Keys of the tests: north and south publish, east reads.
var testKeys = fmt.Sprintf(`{"keys": [{"name": "north", "role": "publisher", "sha256": %q}, {"name": "south", "role": "publisher", "sha256": %q},
 {"name": "east", "role": "reader", "sha256": %q}]}`, digest("key-of-north"), digest("key-of-south"), digest("key-of-east"))

func (o *office) open(change ...func(*Options)) *Driver {
	o.t.Helper()
	options := Options{Keys: []byte(testKeys)}
	for _, f := range change {
		f(&options)
	}
	d, err := New(connectors.Host{Mailbox: o.box, Clock: o.now, Logger: slog.New(slog.NewTextHandler(o.log, nil))}, options)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

// ask sends a request with a key; an empty body has no Content-Type.
func ask(d *Driver, key, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if key != "" {
		r.Header.Set("X-API-Key", key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "text/turtle; charset=utf-8")
	}
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	return w
}

func dataset(id, title string) string {
	return connectortest.DatasetTurtle("https://holder.example/"+id, connectortest.Described{Identifier: id, Title: title, Modified: connectortest.Now()})
}

// push puts a description by its original id and gives the id.
func (o *office) push(d *Driver, key, originalID, body string, status int) string {
	o.t.Helper()
	w := ask(d, key, http.MethodPut, "/ingest/datasets/origin?originalId="+url.QueryEscape(originalID), body)
	var out struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != status || status < 300 && !idForm.MatchString(out.ID) {
		o.t.Fatalf("%s: %d %s", originalID, w.Code, w.Body)
	}
	return out.ID
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		const page = 2
		o := newOffice(t)
		push := func(d connectortest.Described) {
			o.at(d.Modified)
			w := ask(o.open(), "key-of-north", http.MethodPut, "/ingest/datasets/origin?originalId="+d.Identifier, connectortest.DatasetTurtle("https://holder.example/"+d.Identifier, d))
			if w.Code >= 300 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		return &connectortest.CatalogueSource{
			Page: page, Secrets: []string{"key-of-north"},
			Open: func(testing.TB) connectors.Catalogue { return o.open(func(op *Options) { op.PageDatasets = page }) },
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					push(d)
				}
			},
			Remove: func(t testing.TB, id string) {
				if w := ask(o.open(), "key-of-north", http.MethodDelete, "/ingest/datasets/"+idOf("north", id), ""); w.Code != http.StatusNoContent {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
			},
			Spoil: func(t testing.TB, id string) { // no such thing passes the front; it may have got in before
				raw, err := json.Marshal(entry{Owner: "north", OriginalID: id, Identifier: id, At: o.now(), Content: "<<"})
				if err != nil {
					t.Fatal(err)
				}
				if err := o.box.Batch(t.Context(), []connectors.Mail{{Key: pushedPrefix + idOf("north", id), Value: raw}}, nil); err != nil {
					t.Fatal(err)
				}
			},
			Fail: func(testing.TB) {
				o.box.mu.Lock()
				defer o.box.mu.Unlock()
				o.box.broken = true
			},
		}
	}})
}

// told is what a pass gives: names of items, then identifiers of tombstones.
func told(t *testing.T, d *Driver, since time.Time) (items, gone []string) {
	t.Helper()
	for cursor := ""; ; {
		p, err := d.List(t.Context(), since, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range p.Items {
			items = append(items, string(i.Raw.Content))
		}
		gone = append(gone, p.Tombstones...)
		if cursor = p.Next; cursor == "" {
			return items, gone
		}
	}
}

func TestLifeOfADescription(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.open()
	want := func(items, gone []string) {
		t.Helper()
		gotItems, gotGone := told(t, o.open(), time.Time{}) // after a restart
		if diff := cmp.Diff(items, gotItems) + cmp.Diff(gone, gotGone); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	first, second := dataset("a", "First"), dataset("a", "Second")
	w := ask(d, "key-of-north", http.MethodPost, "/ingest/datasets", first)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w = ask(d, "key-of-north", http.MethodPost, "/ingest/datasets", first); w.Code != http.StatusOK {
		t.Errorf("repeated: %d %s", w.Code, w.Body)
	}
	if w = ask(d, "key-of-north", http.MethodPost, "/ingest/datasets", second); w.Code != http.StatusConflict {
		t.Errorf("another under the same name: %d %s", w.Code, w.Body)
	}
	want([]string{first}, nil)
	id := o.push(d, "key-of-north", "a", second, http.StatusOK) // posted under its identifier
	o.push(d, "key-of-north", "a", second, http.StatusOK)
	want([]string{second}, nil)
	if w = ask(d, "key-of-south", http.MethodDelete, "/ingest/datasets/"+id, ""); w.Code != http.StatusNotFound {
		t.Errorf("another key takes it back: %d", w.Code)
	}
	if w = ask(d, "key-of-north", http.MethodDelete, "/ingest/datasets/"+id, ""); w.Code != http.StatusNoContent || w.Body.Len() != 0 {
		t.Errorf("taken back: %d %s", w.Code, w.Body)
	}
	want(nil, []string{"a"})
	if w = ask(d, "key-of-north", http.MethodDelete, "/ingest/datasets/"+id, ""); w.Code != http.StatusNotFound {
		t.Errorf("taken back twice: %d", w.Code)
	}
	o.push(d, "key-of-north", "under another name", first, http.StatusCreated)
	want([]string{first}, nil)
	other := dataset("b", "Other")
	o.push(d, "key-of-north", "under another name", other, http.StatusOK)
	want([]string{other}, []string{"a"})
	south := dataset("c", "Of the south")
	if o.push(d, "key-of-south", "under another name", south, http.StatusCreated) == o.push(d, "key-of-north", "under another name", other, http.StatusOK) {
		t.Error("two holders share an id")
	}
	if items, _ := told(t, d, time.Time{}); len(items) != 2 {
		t.Errorf("%d descriptions", len(items))
	}
}

// TestAnIdentifierHasOneDescription: nobody replaces what another holder pushed, or their own by accident.
func TestAnIdentifierHasOneDescription(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	few := func(op *Options) { op.PageDatasets = 1 }
	d := o.open(few)
	mine := dataset("a", "Of the north")
	id := o.push(d, "key-of-north", "a", mine, http.StatusCreated)
	o.push(d, "key-of-south", "s", dataset("s", "Of the south"), http.StatusCreated)
	for name, d := range map[string]*Driver{"at once": d, "after a restart": o.open(few)} {
		for _, originalID := range []string{"a", "b", "s"} { // new ones, and one that had another identifier
			w := ask(d, "key-of-south", http.MethodPut, "/ingest/datasets/origin?originalId="+originalID, dataset("a", "Of the south"))
			if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "identifier-taken") {
				t.Errorf("%s, %s: %d %s", name, originalID, w.Code, w.Body)
			}
		}
		if w := ask(d, "key-of-south", http.MethodPost, "/ingest/datasets", dataset("a", "Of the south")); w.Code != http.StatusConflict {
			t.Errorf("%s: posted: %d", name, w.Code)
		}
		o.push(d, "key-of-north", "twice", mine, http.StatusConflict)
	}
	d = o.open(few)
	if items, gone := told(t, d, time.Time{}); len(items) != 2 || len(gone) != 0 || !strings.Contains(items[0]+items[1], "Of the north") {
		t.Errorf("%q %q", items, gone)
	}
	o.push(d, "key-of-north", "a", dataset("renamed", "Of the north"), http.StatusOK)
	o.push(d, "key-of-south", "a", dataset("a", "Of the south"), http.StatusCreated) // it is free now
	if _, gone := told(t, d, time.Time{}); len(gone) != 0 {
		t.Errorf("pushed by another, and told as gone: %q", gone)
	}
	o.push(d, "key-of-north", "a", mine, http.StatusConflict)
	if w := ask(d, "key-of-north", http.MethodDelete, "/ingest/datasets/"+id, ""); w.Code != http.StatusNoContent {
		t.Fatal(w.Code)
	}
	o.push(d, "key-of-south", "a", dataset("renamed", "Of the south"), http.StatusOK)
}

func TestSince(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.open()
	start := o.now()
	old, kept := o.push(d, "key-of-north", "a", dataset("a", "A"), http.StatusCreated), dataset("b", "B")
	o.at(start.Add(time.Hour))
	o.push(d, "key-of-north", "b", kept, http.StatusCreated)
	ask(d, "key-of-north", http.MethodDelete, "/ingest/datasets/"+old, "")
	for since, want := range map[time.Time]int{start: 1, start.Add(time.Hour): 1, start.Add(time.Hour + 1): 0} {
		if items, gone := told(t, d, since); len(items) != want || len(gone) != want {
			t.Errorf("since %s: %d and %d", since, len(items), len(gone))
		}
	}
	if _, err := d.List(t.Context(), time.Time{}, "x"); !errors.Is(err, ErrCursor) {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := dataset("a", "A")
	const post, put = "POST /ingest/datasets", "PUT /ingest/datasets/origin?originalId=a"
	for name, c := range map[string]struct {
		key, what, body string
		status          int
		code            string
	}{
		"no key":           {"", post, good, 401, "key-unknown"},
		"unknown key":      {"key-of-west", post, good, 401, "key-unknown"},
		"digest as key":    {digest("key-of-north"), post, good, 401, "key-unknown"},
		"a reader pushes":  {"key-of-east", post, good, 403, "role"},
		"a reader deletes": {"key-of-east", "DELETE /ingest/datasets/" + strings.Repeat("0", 32), "", 403, "role"},
		"empty":            {"key-of-north", put, " \n", 400, "empty"},
		"only a comment":   {"key-of-north", post, "# nothing", 400, "empty"},
		"no body":          {"key-of-north", post, "", 415, "media-type"},
		"malformed":        {"key-of-north", post, "<x:a>\n <x:b> ex:c .", 400, "turtle"},
		"relative":         {"key-of-north", post, "<> a <http://www.w3.org/ns/dcat#Dataset> .", 400, "turtle"},
		"too large":        {"key-of-north", post, good + "#" + strings.Repeat("x", maxBytes), 413, "too-large"},
		"no dataset":       {"key-of-north", post, "<x:a> <x:b> <x:c> .", 400, "not-one-dataset"},
		"two datasets":     {"key-of-north", post, good + dataset("b", "B"), 400, "not-one-dataset"},
		"without IRI":      {"key-of-north", post, "[] a <http://www.w3.org/ns/dcat#Dataset> .", 400, "not-one-dataset"},
		"no original id":   {"key-of-north", "PUT /ingest/datasets/origin", good, 400, "original-id"},
		"long original id": {"key-of-north", "PUT /ingest/datasets/origin?originalId=" + strings.Repeat("x", maxOriginalID+1), good, 400, "original-id"},
		"not UTF-8":        {"key-of-north", "PUT /ingest/datasets/origin?originalId=%ff", good, 400, "original-id"},
		"unknown id":       {"key-of-north", "DELETE /ingest/datasets/" + strings.Repeat("0", 32), "", 404, "dataset-unknown"},
		"no id of ours":    {"key-of-north", "DELETE /ingest/datasets/a", "", 404, "dataset-unknown"},
		"another path":     {"key-of-north", "GET /ingest/other", "", 404, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			d := o.open()
			method, target, _ := strings.Cut(c.what, " ")
			w := ask(d, c.key, method, target, c.body)
			var p struct {
				Status             int
				Type, Code, Detail string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
			if w.Code != c.status || p.Status != c.status || p.Code != c.code || p.Type != "urn:ehdsgw:problem:"+c.code || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %+v", w.Code, p)
			}
			if c.key != "" && strings.Contains(w.Body.String()+o.log.String(), c.key) {
				t.Errorf("the key shows: %s%s", w.Body, o.log)
			}
			if c.code == "turtle" && name == "malformed" && !strings.HasPrefix(p.Detail, "line 2, column 8: ") {
				t.Errorf("where? %q", p.Detail)
			}
			if items, gone := told(t, d, time.Time{}); len(items)+len(gone) != 0 {
				t.Errorf("something was kept: %q %q", items, gone)
			}
		})
	}
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for key, want := range map[string]string{"key-of-north": `{"name":"north","role":"publisher"}`, "key-of-east": `{"name":"east","role":"reader"}`} {
		if w := ask(o.open(), key, http.MethodGet, "/api-keys/whoami", ""); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestAKeyHasItsShare(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	few := func(op *Options) { op.MaxPerKey, op.PageDatasets = 3, 1 }
	d := o.open(few)
	var last string
	for n := range 3 {
		last = o.push(d, "key-of-north", fmt.Sprint(n), dataset(fmt.Sprint(n), "N"), http.StatusCreated)
	}
	for _, d := range []*Driver{d, o.open(few)} {
		o.push(d, "key-of-north", "more", dataset("more", "M"), http.StatusForbidden)
		o.push(d, "key-of-north", "0", dataset("0", "Changed"+fmt.Sprint(d == nil)), http.StatusOK)
		o.push(d, "key-of-south", "south", dataset("south", "S"), map[bool]int{true: http.StatusCreated, false: http.StatusOK}[len(o.box.Mails()) == 3])
	}
	if w := ask(d, "key-of-north", http.MethodDelete, "/ingest/datasets/"+last, ""); w.Code != http.StatusNoContent {
		t.Fatal(w.Code)
	}
	o.push(d, "key-of-north", "more", dataset("more", "M"), http.StatusCreated)
}

// TestNothingIsAnsweredThatIsNotKept: a failing record gives 503, and the request may be repeated.
func TestNothingIsAnsweredThatIsNotKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.open()
	id := o.push(d, "key-of-north", "a", dataset("a", "A"), http.StatusCreated)
	o.box.FailBatches(errBroken)
	for _, r := range []struct{ method, target, body string }{
		{http.MethodPost, "/ingest/datasets", dataset("b", "B")},
		{http.MethodPut, "/ingest/datasets/origin?originalId=a", dataset("a", "Changed")},
		{http.MethodDelete, "/ingest/datasets/" + id, ""},
	} {
		if w := ask(d, "key-of-north", r.method, r.target, r.body); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), errBroken.Error()) {
			t.Errorf("%s: %d %s", r.method, w.Code, w.Body)
		}
	}
	if items, gone := told(t, d, time.Time{}); len(items) != 1 || len(gone) != 0 || items[0] != dataset("a", "A") {
		t.Errorf("%q %q", items, gone)
	}
	if !strings.Contains(o.log.String(), errBroken.Error()) || !strings.Contains(o.log.String(), "key=north") {
		t.Errorf("log: %s", o.log)
	}
	o.box.FailBatches(nil)
	o.push(d, "key-of-north", "b", dataset("b", "B"), http.StatusCreated)
}

// TestAtOnce: many pushes beside each other are all kept.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.open()
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() {
			if w := ask(d, "key-of-north", http.MethodPost, "/ingest/datasets", dataset(fmt.Sprint(n%10), "N")); w.Code >= 300 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	wg.Wait()
	if items, _ := told(t, d, time.Time{}); len(items) != 10 || d.counts["north"] != 10 {
		t.Errorf("%d descriptions, %d counted", len(items), d.counts["north"])
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	sum := digest("k")
	key := func(name, role, sha string) string {
		return fmt.Sprintf(`{"name": %q, "role": %q, "sha256": %q}`, name, role, sha)
	}
	for in, want := range map[string]string{
		`{"keys": [` + key("a", "publisher", sum) + `]}`:                                            "",
		`{"keys": [` + key("a", "publisher", sum) + `, ` + key("b", "reader", digest("l")) + "]}\n": "",
		`{"keys": []}`: "there are none", `{}`: "there are none", ``: "want {", `[]`: "want {", `{"keys": [], "x": 1}`: "want {",
		`{"keys": [` + key("a", "publisher", sum) + `]}{}`:                                    "something follows",
		`{"keys": [` + key("A", "publisher", sum) + `]}`:                                      "a name is of",
		`{"keys": [` + key("", "publisher", sum) + `]}`:                                       "a name is of",
		`{"keys": [` + key("a", "admin", sum) + `]}`:                                          "the role is",
		`{"keys": [` + key("a", "reader", strings.ToUpper(sum)) + `]}`:                        "64 lower-case",
		`{"keys": [` + key("a", "reader", sum[:62]) + `]}`:                                    "64 lower-case",
		`{"keys": [` + key("a", "reader", digest("")) + `]}`:                                  "empty key",
		`{"keys": [` + key("a", "reader", sum) + `,` + key("a", "reader", digest("l")) + `]}`: "occurs twice",
		`{"keys": [` + key("a", "reader", sum) + `,` + key("b", "reader", sum) + `]}`:         "occurs twice",
	} {
		keys, err := ParseKeys([]byte(in))
		if want == "" && (err != nil || len(keys) == 0) || want != "" && (!errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := New(connectors.Host{}, Options{Keys: []byte(testKeys)}); !errors.Is(err, ErrHost) {
		t.Errorf("%v", err)
	}
	if _, err := New(connectors.Host{Mailbox: &mailbox{}, Clock: time.Now}, Options{}); !errors.Is(err, ErrKeys) {
		t.Errorf("%v", err)
	}
}

// FuzzPush: whatever is sent, the answer is one of the interface, and what is taken can be listed and
// read.
func FuzzPush(f *testing.F) {
	for _, s := range []string{dataset("a", "A"), "", "<x:a>", "[] a <http://www.w3.org/ns/dcat#Dataset> .", "@prefix : <x:> . :a :b \"\\u0000\" ."} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, body, originalID string) {
		o := newOffice(t)
		d := o.open()
		r := httptest.NewRequest(http.MethodPut, "/ingest/datasets/origin?originalId="+url.QueryEscape(originalID), io.NopCloser(strings.NewReader(body)))
		r.Header.Set("X-API-Key", "key-of-north")
		r.Header.Set("Content-Type", "text/turtle")
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		items, _ := told(t, d, time.Time{})
		switch w.Code {
		case http.StatusCreated:
			if len(items) != 1 || items[0] != body {
				t.Fatalf("%q became %q", body, items)
			}
			page, err := d.List(t.Context(), time.Time{}, "")
			if err != nil {
				t.Fatal(err)
			}
			if g, err := page.Items[0].Open(t.Context()); err != nil || g.Len() == 0 {
				t.Errorf("taken, and cannot be read: %v", err)
			}
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
			if len(items) != 0 {
				t.Errorf("%d, and kept", w.Code)
			}
		default:
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
