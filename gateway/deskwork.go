package gateway

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
)

// DeskRequest is what a member of staff does with a case at the built-in desk. Which members count
// depends on the call.
type DeskRequest struct {
	Case     string             `json:"case"`
	Track    ehds.Track         `json:"track"`
	Actor    string             `json:"actor"`              // opaque staff reference
	Text     string             `json:"text,omitempty"`     // a note, or reasons
	To       string             `json:"to,omitempty"`       // whom it is assigned to
	Sections []ehds.InfoSection `json:"sections,omitempty"` // what the applicant is asked for
	Act      *desk.Act          `json:"act,omitempty"`      // what is done or proposed
}

// serveDesk adds the calls of the built-in desk.
func (g *Gateway) serveDesk(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/desk", g.operatorDesk)
	httpapi.Get(api, "/v1/desk/case", g.operatorDeskCase)
	httpapi.Get(api, "/v1/desk/measures", g.operatorDeskMeasures)
	httpapi.Post(api, "/v1/desk/decide", g.operatorDecide)
	for name, call := range deskCalls() {
		httpapi.Post(api, "/v1/desk/"+name, func(ctx context.Context, r DeskRequest) (struct{}, error) {
			s, err := g.deskOf(r.Track.HDAB)
			if err != nil {
				return struct{}{}, err
			}
			if err = call(ctx, s.desk, r); err == nil {
				s.events.Nudge()
			}
			return struct{}{}, err
		})
	}
}

// deskCalls are what staff can do, by the call's name.
func deskCalls() map[string]func(context.Context, *desk.Desk, DeskRequest) error {
	return map[string]func(context.Context, *desk.Desk, DeskRequest) error{
		"note": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Note(ctx, r.Case, r.Track, r.Actor, r.Text)
		},
		"assign": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Assign(ctx, r.Case, r.Track, r.Actor, r.To)
		},
		"ask": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Ask(ctx, r.Case, r.Track, r.Actor, r.Sections)
		},
		"extend": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Extend(ctx, r.Case, r.Track, r.Actor, r.Text)
		},
		"act":     acting((*desk.Desk).Do),
		"propose": acting((*desk.Desk).Propose),
		"confirm": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Confirm(ctx, r.Case, r.Track, r.Actor)
		},
		"dismiss": func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
			return d.Dismiss(ctx, r.Case, r.Track, r.Actor, r.Text)
		},
	}
}

// acting is a call that does something with the act of a request.
func acting(do func(*desk.Desk, context.Context, string, ehds.Track, desk.Act) error) func(context.Context, *desk.Desk, DeskRequest) error {
	return func(ctx context.Context, d *desk.Desk, r DeskRequest) error {
		a, err := r.act()
		if err != nil {
			return err
		}
		return do(d, ctx, r.Case, r.Track, a)
	}
}

// act is the act of a request, by the one who asks.
func (r DeskRequest) act() (desk.Act, error) {
	if r.Act == nil {
		return desk.Act{}, fault.New(fault.Invalid, "act-missing", "the call does or proposes something").At("/act")
	}
	a := *r.Act
	a.Actor = r.Actor
	if a.Decision != nil {
		d := *a.Decision
		d.Actor, a.Decision = r.Actor, &d
	}
	return a, nil
}

func (g *Gateway) operatorDeskCase(ctx context.Context, q httpapi.Query) (desk.Detail, error) {
	track := ehds.Track{CatalogID: q.Get("catalogue"), HDAB: q.Get("body")}
	s, err := g.deskOf(track.HDAB)
	if err != nil {
		return desk.Detail{}, err
	}
	return s.desk.Show(ctx, q.Get("case"), track)
}

func (g *Gateway) operatorDeskMeasures(ctx context.Context, _ httpapi.Query) ([]desk.Measure, error) {
	desks := g.desks()
	if len(desks) == 0 {
		return nil, noDesk()
	}
	out := []desk.Measure{}
	for _, s := range desks {
		list, err := s.desk.Measures(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}
