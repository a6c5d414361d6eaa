package console

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// pageSize is how many descriptions a page has when ?limit= does not say.
const pageSize = 20

// ask is what a list was asked for.
type ask struct {
	q      search.Query
	page   int // from 1
	format string
}

// askOf reads the parameters: q, one or more of each facet, page and limit.
func askOf(v url.Values, languages []string) (ask, error) {
	a := ask{page: 1, format: v.Get("format"), q: search.Query{Text: strings.TrimSpace(v.Get("q")), Languages: languages, Limit: pageSize, Filter: map[search.Facet][]string{}}}
	for name, into := range map[string]*int{"page": &a.page, "limit": &a.q.Limit} {
		text := v.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > search.MaxDepth {
			return a, refusal{http.StatusBadRequest, CodeQuery, "the question cannot be answered: " + name + " is not a number in range"}
		}
		*into = n
	}
	for _, f := range search.Facets() {
		for _, value := range v[string(f)] {
			if value != "" {
				a.q.Filter[f] = append(a.q.Filter[f], value)
			}
		}
	}
	a.q.Offset = (a.page - 1) * a.q.Limit
	return a, a.q.Check()
}

// values are the parameters of the list at another page; page 1 is not named.
func (a ask) values(page int) url.Values {
	v := url.Values{}
	if a.q.Text != "" {
		v.Set("q", a.q.Text)
	}
	for f, values := range a.q.Filter {
		if len(values) > 0 {
			v[string(f)] = values
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	if a.q.Limit != pageSize {
		v.Set("limit", strconv.Itoa(a.q.Limit))
	}
	if a.format != "" {
		v.Set("format", a.format)
	}
	return v
}

// pages is how many pages of a result can be turned to.
func (a ask) pages(total int) int {
	return max(1, (min(total, search.MaxDepth)+a.q.Limit-1)/a.q.Limit)
}

// with is the first page with a value of a facet added, or taken away.
func (a ask) with(f search.Facet, value string, on bool) url.Values {
	v := a.values(1)
	var kept []string
	for _, have := range v[string(f)] {
		if have != value {
			kept = append(kept, have)
		}
	}
	if on {
		kept = append(kept, value)
	}
	delete(v, string(f))
	if len(kept) > 0 {
		v[string(f)] = kept
	}
	return v
}
