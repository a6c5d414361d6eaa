package connectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// shelf is a source made for the suite: each dataset is a document, the list of their names comes
// three at a time after a name, and its end is told.
type shelf struct {
	mu     sync.Mutex
	all    map[string]string // Turtle by identifier
	at     map[string]time.Time
	failed bool
}

const shelfPage = 3

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Query().Get("key") != "hush" || s.failed {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	if id, ok := strings.CutPrefix(r.URL.Path, "/set/"); ok {
		w.Header().Set("Content-Type", "text/turtle")
		_, _ = io.WriteString(w, s.all[id])
		return
	}
	after, since := r.URL.Query().Get("after"), r.URL.Query().Get("since")
	var out strings.Builder
	n := 0
	for _, id := range slices.Sorted(maps.Keys(s.all)) {
		if id <= after || s.at[id].Format(time.RFC3339) < since {
			continue
		}
		if n++; n > shelfPage {
			break
		}
		fmt.Fprintf(&out, "http://%s/set/%s\n", r.Host, id)
	}
	if n <= shelfPage {
		out.WriteString("end\n")
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, out.String())
}

// reader is a driver of a shelf. Each of its faults breaks the contract once.
type reader struct {
	wire  *Wire
	fault string
	last  connectors.CataloguePage
}

const readerLimit = 1 << 20

func (d *reader) is(fault string) bool { return d.fault == fault }

func (d *reader) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Paged: !d.is("pages untold"), Since: !d.is("since hidden"), Tombstones: d.is("tombstones promised")}
}

// get reads one answer.
func (d *reader) get(ctx context.Context, path string, q url.Values, contentType string) (string, error) {
	q.Set("key", "hush")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.wire.URL()+path+"?"+q.Encode(), nil)
	if err != nil {
		return "", err
	}
	client := d.wire.Client()
	if d.is("follows redirects") {
		client = d.wire.server.Client()
	}
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error
		if !d.is("address in errors") && errors.As(err, &u) {
			err = u.Err
		}
		return "", err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK && d.is("address in errors"):
		return "", fmt.Errorf("%s: status %d", req.URL, resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d", resp.StatusCode)
	case resp.Header.Get("Content-Type") != contentType, resp.Header.Get("Content-Encoding") != "":
		return "", errors.New("not what was asked for")
	}
	body := io.LimitReader(resp.Body, readerLimit+1)
	if d.is("no bound") {
		body = resp.Body
	}
	raw, err := io.ReadAll(body)
	if d.is("cut unseen") {
		err = nil
	}
	if len(raw) > readerLimit && !d.is("no bound") {
		err = errors.New("too large")
	}
	return string(raw), err
}

func (d *reader) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	if d.is("context ignored") {
		ctx = context.WithoutCancel(ctx)
	}
	q := url.Values{"after": {cursor}}
	if !since.IsZero() && !d.is("since ignored") {
		q.Set("since", since.Format(time.RFC3339))
	}
	if d.is("cursor in memory") && cursor != "" && d.last.Next != cursor {
		q.Del("after")
	}
	list, err := d.get(ctx, "/", q, "text/plain")
	if err != nil && d.is("failure is the end") {
		return connectors.CataloguePage{}, nil
	}
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	page, err := d.page(ctx, strings.Split(strings.TrimSuffix(list, "\n"), "\n"), cursor)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	d.last = page
	return page, nil
}

func (d *reader) page(ctx context.Context, lines []string, cursor string) (connectors.CataloguePage, error) {
	var page connectors.CataloguePage
	for n, line := range lines {
		if line == "end" {
			page.Next = ""
			return page, nil
		}
		u, err := url.Parse(line)
		if err != nil || "https://"+u.Host != d.wire.URL() {
			return page, errors.New("a link elsewhere")
		}
		id := strings.TrimPrefix(u.Path, "/set/")
		if page.Next = id; id <= cursor && !d.is("circles") {
			return page, errors.New("a circle")
		}
		item, err := d.item(ctx, id)
		if err != nil {
			return page, err
		}
		if d.is("the last one twice") && n == shelfPage-1 {
			page.Items = append(page.Items, item)
		}
		if d.is("malformed hidden") && item.Err != nil {
			continue
		}
		if d.is("malformed stops") && item.Err != nil {
			return page, item.Err
		}
		page.Items = append(page.Items, item)
	}
	if d.is("cut unseen") && len(lines) < shelfPage {
		page.Next = ""
		return page, nil
	}
	if page.Next == "" {
		return page, errors.New("neither a link nor the end")
	}
	return page, nil
}

func (d *reader) item(ctx context.Context, id string) (connectors.CatalogueItem, error) {
	item := connectors.CatalogueItem{File: "set/" + id}
	switch {
	case d.is("secret in names"):
		item.File += "?key=hush"
	case d.is("no names"):
		item.File = ""
	case d.is("names differ"):
		item.File += fmt.Sprintf("-%p", d)
	}
	var text string
	if text, item.Err = d.get(ctx, "/set/"+id, url.Values{}, "text/turtle"); ctx.Err() != nil {
		return item, ctx.Err()
	}
	if item.Err == nil {
		item.Graph, item.Err = rdf.ReadTurtle(ctx, strings.NewReader(text), rdf.ReadOptions{File: item.File})
	}
	if item.Err == nil && !item.Graph.Has(rdf.Term{}, dctIdentifier, rdf.NewString(id)) {
		item.Graph, item.Err = nil, errors.New("another dataset")
	}
	if d.is("graph and error") && item.Err != nil {
		item.Graph = rdf.NewGraph()
	}
	return item, nil
}

// broken is the source with a driver that has a fault; without one it is as it should be.
func broken(fault string) func(testing.TB) *CatalogueSource {
	return func(t testing.TB) *CatalogueSource {
		s := &shelf{all: map[string]string{}, at: map[string]time.Time{}}
		w := NewWire(t, s)
		locked := func(f func()) {
			s.mu.Lock()
			defer s.mu.Unlock()
			f()
		}
		return &CatalogueSource{
			Wire: w, MaxBody: readerLimit, Page: shelfPage, Secrets: []string{"hush"},
			Open: func(testing.TB) connectors.Catalogue { return &reader{wire: w, fault: fault} },
			Put: func(_ testing.TB, all ...Described) {
				locked(func() {
					for _, d := range all {
						s.all[d.Identifier], s.at[d.Identifier] = DatasetTurtle("https://holder.example/"+d.Identifier, d), d.Modified
					}
				})
			},
			Remove: func(_ testing.TB, id string) { locked(func() { delete(s.all, id) }) },
			Spoil:  func(_ testing.TB, id string) { locked(func() { s.all[id] += "<<" }) },
			Fail:   func(testing.TB) { locked(func() { s.failed = true }) },
		}
	}
}
