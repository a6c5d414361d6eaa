package dispatcher

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// row is one version of an application in the list (observed).
type row struct {
	ApplicationID   string                `json:"application_id"`
	ApplicationType string                `json:"applicationType"` // "application" | "request"
	Status          ehds.ApplicationState `json:"status"`
	Title           string                `json:"title"`
	DateSubmitted   string                `json:"dateSubmitted"`
	Version         int                   `json:"version"`
}

// application is what a system sees of an application: the tracks of its bodies.
type application struct {
	id     string
	tracks []track
}

// getApplications lists the applications, one row for each version; the reader keeps the highest.
func (c *call) getApplications() error {
	apps, err := c.d.applications(c.ctx, c.s)
	if err != nil {
		return err
	}
	rows := []row{} // "[]" in JSON, not null
	for _, a := range apps {
		rows = append(rows, a.rows()...)
	}
	return c.answer(http.StatusOK, rows)
}

// applications lists what a system may see, in the order in which the applications were first filed.
func (d *Driver) applications(ctx context.Context, s *system) ([]application, error) {
	refusals, err := d.allRefused(ctx)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []application
	err = scan(ctx, d, trackPrefix, trackPrefix, func(key string, t track) (bool, error) {
		if !s.sees(t.Key.HDAB) {
			return true, nil
		}
		t.settle(refusals[strings.TrimPrefix(key, trackPrefix)], d.eventID(t.LastEvent))
		i, known := at[t.ApplicationID]
		if !known {
			i = len(out)
			at[t.ApplicationID] = i
			out = append(out, application{id: t.ApplicationID})
		}
		out[i].tracks = append(out[i].tracks, t)
		return true, nil
	})
	slices.SortStableFunc(out, func(a, b application) int {
		return strings.Compare(a.first()+a.id, b.first()+b.id)
	})
	return out, err
}

func (a application) first() string { return listTime(a.tracks[0].Versions[0].DateSubmitted) }

// application is one application as far as a system may see it. Another body's and one that does not
// exist are the same NotFound.
func (d *Driver) application(ctx context.Context, s *system, id string) (application, error) {
	a := application{id: id}
	prefix := indexOf(id)
	err := scan(ctx, d, prefix, prefix, func(key, _ string) (bool, error) {
		t, ok, err := d.load(ctx, strings.TrimPrefix(key, prefix))
		if ok && t.ApplicationID == id && s.sees(t.Key.HDAB) {
			a.tracks = append(a.tracks, t)
		}
		return true, err
	})
	if err == nil && len(a.tracks) == 0 {
		err = fault.New(fault.NotFound, "unknown-application", "there is no such application")
	}
	return a, err
}

// status is the one status a format without tracks can carry: the least advanced (assumption).
func (a application) status() ehds.ApplicationState {
	order := ehds.ApplicationStates()
	least := len(order) - 1
	for _, t := range a.tracks {
		least = min(least, slices.Index(order, t.Status))
	}
	return order[max(least, 0)]
}

// versions are those of all tracks, oldest first.
func (a application) versions() []version {
	var out []version
	for _, t := range a.tracks {
		for _, v := range t.Versions {
			if !slices.ContainsFunc(out, func(o version) bool { return o.Number == v.Number }) {
				out = append(out, v)
			}
		}
	}
	slices.SortFunc(out, func(a, b version) int { return a.Number - b.Number })
	return out
}

func (a application) rows() []row {
	kind := "application"
	if a.tracks[0].Kind == ehds.DataRequestApplication {
		kind = "request"
	}
	var out []row
	for _, v := range a.versions() {
		out = append(out, row{ApplicationID: a.id, ApplicationType: kind, Status: a.status(), Title: v.Title,
			DateSubmitted: listTime(v.DateSubmitted), Version: v.Number})
	}
	return out
}

// listTime is a time as the list has it: nine digits of a second (observed). What is no time stays as it
// was received.
func listTime(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// detailTime is a time as the detail has it: nought, three, six or nine digits, whichever say it all
// (observed with six).
func detailTime(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	fraction := ""
	switch ns := t.Nanosecond(); {
	case ns%1_000 != 0:
		fraction = ".000000000"
	case ns%1_000_000 != 0:
		fraction = ".000000"
	case ns != 0:
		fraction = ".000"
	}
	return t.UTC().Format("2006-01-02T15:04:05" + fraction + "Z")
}
