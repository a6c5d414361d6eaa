package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// shelfOf gives cases in pages.
type shelfOf struct {
	ids   []string
	asked int
	err   error
}

func (s *shelfOf) Cases(_ context.Context, prefix, after string, limit int) ([]Case, error) {
	s.asked++
	var out []Case
	for _, id := range s.ids {
		if strings.HasPrefix(id, prefix) && id > after && len(out) < limit {
			out = append(out, Case{ID: id})
		}
	}
	return out, s.err
}

// Every case is seen once, in order, over the ends of pages; what fails ends the walk.
func TestEachCase(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for _, n := range []int{0, 1, casePage, casePage + 1, 2*casePage + 1} {
		s := &shelfOf{ids: []string{"aaa:0"}}
		for i := range n {
			s.ids = append(s.ids, fmt.Sprintf("app:%06d", i))
		}
		seen, last := 0, ""
		err := EachCase(t.Context(), s, "app:", "", func(c Case) error {
			if c.ID <= last {
				t.Errorf("%s after %s", c.ID, last)
			}
			seen, last = seen+1, c.ID
			return nil
		})
		if err != nil || seen != n || s.asked != n/casePage+1 {
			t.Errorf("%d cases: %d seen, asked %d times, %v", n, seen, s.asked, err)
		}
	}
	s := &shelfOf{ids: []string{"app:1", "app:2", "app:3"}}
	seen := 0
	err := EachCase(t.Context(), s, "app:", "app:1", func(c Case) error {
		seen++
		return boom
	})
	if !errors.Is(err, boom) || seen != 1 {
		t.Errorf("after one, failing: %d seen, %v", seen, err)
	}
	s.err = boom
	if err := EachCase(t.Context(), s, "app:", "", func(Case) error { return nil }); !errors.Is(err, boom) {
		t.Errorf("a record that fails: %v", err)
	}
}
