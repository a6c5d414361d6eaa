package publish

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// reviewPeriod is how often a data holder checks that its description is accurate and up to date:
// yearly (Regulation (EU) 2025/327, Art. 60(3)). A change counts as a check.
var reviewPeriod = access.Period{Months: 12}

// reviewSoon is how long before its end a check is said to be due soon.
const reviewSoon = 30 * 24 * time.Hour

// Review is where a description stands with its yearly check.
type Review struct {
	Checked time.Time    `json:"checked"`      // last
	By      string       `json:"by,omitempty"` // the source that changed it, or an operator
	LastDay string       `json:"last_day"`     // of the period, as a date
	Due     time.Time    `json:"due"`          // the first instant after it
	When    ReviewUrgent `json:"when,omitempty"`
}

// ReviewUrgent says whether a check is wanted.
type ReviewUrgent string

// The urgencies; empty is neither.
const (
	ReviewDue  ReviewUrgent = "due"
	ReviewSoon ReviewUrgent = "soon"
)

// review computes where a publication stands. What is not published is checked by nobody.
func (p *Publisher) review(pub catalogue.Publication, now time.Time) Review {
	r := Review{Checked: pub.Changed}
	if pub.Checked != nil {
		r.Checked, r.By = pub.Checked.At, pub.Checked.By
	}
	deadline := p.Calendar.Deadline(r.Checked, reviewPeriod)
	r.LastDay, r.Due = deadline.LastDay.String(), deadline.End
	switch {
	case !pub.Published():
	case !now.Before(r.Due):
		r.When = ReviewDue
	case !now.Before(r.Due.Add(-reviewSoon)):
		r.When = ReviewSoon
	}
	return r
}

// Reviews are the checks that are wanted.
type Reviews struct {
	Due  int   `json:"due"`
	Soon int   `json:"soon"`
	Rows []Row `json:"rows"` // up to a limit, the longest due first
}

// Reviews lists the descriptions whose yearly check is due, or soon will be.
func (p *Publisher) Reviews(ctx context.Context, limit int) (Reviews, error) {
	out, now := Reviews{Rows: []Row{}}, p.Clock()
	longest := func(a, b Row) int {
		return cmp.Or(a.Review.Due.Compare(b.Review.Due), strings.Compare(a.Identifier, b.Identifier))
	}
	err := p.each(ctx, func(pub catalogue.Publication) error {
		switch p.review(pub, now).When {
		case ReviewDue:
			out.Due++
		case ReviewSoon:
			out.Soon++
		default:
			return nil
		}
		out.Rows = append(out.Rows, p.row(pub, now, time.Time{}))
		if len(out.Rows) >= 2*limit+1 {
			slices.SortFunc(out.Rows, longest)
			out.Rows = out.Rows[:limit]
		}
		return nil
	})
	slices.SortFunc(out.Rows, longest)
	out.Rows = out.Rows[:min(limit, len(out.Rows))]
	return out, err
}

// Confirm records that somebody checked a description and stands by it. Names are as for Find. It
// changes nothing at the centre.
func (p *Publisher) Confirm(ctx context.Context, name, by string) (Row, error) {
	pub, err := p.find(ctx, name)
	if err != nil {
		return Row{}, err
	}
	_, err = p.Record.Update(ctx, ehds.DatasetCase(p.Country, pub.Identifier).String(), func(st store.State) (store.Change, error) {
		if pub, err = publicationOf(st.Doc); err != nil {
			return store.Change{}, err
		}
		pub = pub.Confirmed(by, st.Now)
		return store.Change{Doc: encode(pub)}, nil
	})
	if err != nil {
		return Row{}, err
	}
	return p.row(pub, p.Clock(), time.Time{}), nil
}
