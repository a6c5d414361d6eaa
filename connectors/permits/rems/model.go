package rems

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// application is as much of an application of REMS as the driver reads.
type application struct {
	ID       int     `json:"application/id"`
	State    string  `json:"application/state"`
	Activity string  `json:"application/last-activity"`
	Events   []event `json:"application/events"`
}

// event is an event of an application. End is when what it entitles to ends.
type event struct {
	ID      int64  `json:"event/id"`
	Type    string `json:"event/type"`
	Time    string `json:"event/time"`
	Actor   string `json:"event/actor"`
	Comment string `json:"application/comment"`
	End     string `json:"entitlement/end"`
}

// kind is the type of an event without its namespace.
func (e event) kind() string { return strings.TrimPrefix(e.Type, "application.event/") }

// state is the state of an application without its namespace.
func (a application) state() string { return strings.TrimPrefix(a.State, "application.state/") }

// count is how often something happened.
func (a application) count(kind string) int {
	n := 0
	for _, e := range a.Events {
		if e.kind() == kind {
			n++
		}
	}
	return n
}

// application reads one as a user sees it.
func (c *client) application(ctx context.Context, user string, id int) (application, error) {
	var a application
	if err := c.call(ctx, user, http.MethodGet, fmt.Sprintf("/api/applications/%d", id), nil, &a); err != nil {
		return a, known(err)
	}
	if a.ID != id || a.State == "" || a.Events == nil {
		return a, notAnAnswer(nil)
	}
	return a, nil
}

// list reads the overview of a path: what a user sees, or owns.
func (c *client) list(ctx context.Context, user, path string) ([]application, error) {
	var all []application
	if err := c.call(ctx, user, http.MethodGet, path, nil, &all); err != nil {
		return nil, known(err)
	}
	if all == nil {
		return nil, notAnAnswer(nil)
	}
	for _, a := range all {
		if a.ID < 1 || a.State == "" {
			return nil, notAnAnswer(nil)
		}
	}
	return all, nil
}

// item is a catalogue item.
type item struct {
	ID       int    `json:"id"`
	Resource string `json:"resid"`
	Enabled  bool   `json:"enabled"`
}

// entitlement is what a user may use, and the application that gave it.
type entitlement struct {
	Resource string `json:"resource"`
	App      int    `json:"application-id"`
}
