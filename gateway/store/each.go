package store

import "context"

// casePage is how many cases are read at a time.
const casePage = 500

// CaseLister lists cases, as Reader says.
type CaseLister interface {
	Cases(ctx context.Context, prefix, after string, limit int) ([]Case, error)
}

// EachCase reads the cases whose ids start with a prefix and come after one, in id order, a page at a time,
// until see fails. What is written meanwhile is seen when its id is still to come.
func EachCase(ctx context.Context, r CaseLister, prefix, after string, see func(Case) error) error {
	for {
		page, err := r.Cases(ctx, prefix, after, casePage)
		if err != nil {
			return err
		}
		for _, c := range page {
			if err := see(c); err != nil {
				return err
			}
			after = c.ID
		}
		if len(page) < casePage {
			return nil
		}
	}
}
