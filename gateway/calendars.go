package gateway

import (
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/holidays"
)

// rules are how each body counts days: Regulation 1182/71 in its time zone, with its days off.
func (g *Gateway) rules() (access.Rules, error) {
	out := access.Rules{Calendars: map[string]access.Calendar{}}
	for _, h := range g.cfg.HDABs {
		c, err := calendarOf(h.Calendar, g.cfg.Country)
		if err != nil {
			return out, fmt.Errorf("calendar of %s: %w", h.ID, err)
		}
		out.Calendars[HDABEntity(g.cfg.Entity, h.ID)] = c
	}
	return out, nil
}

// calendarOf is the calendar of a body in a country: the holidays of that country, if they are known,
// and the days the configuration adds and removes.
func calendarOf(c config.Calendar, country string) (access.Calendar, error) {
	zone, err := time.LoadLocation(c.ZoneIn(country))
	if err != nil {
		return access.Calendar{}, err
	}
	extra, err := dates(c.Extra)
	if err != nil {
		return access.Calendar{}, err
	}
	removed, err := dates(c.Removed)
	if err != nil {
		return access.Calendar{}, err
	}
	off := c.HolidaysIn(country)
	national, _ := holidays.For(off)
	return access.Calendar{Zone: zone, Holiday: holidays.With(national, extra, removed), Name: holidays.Names(off)}, nil
}

func dates(list []string) ([]access.Date, error) {
	var out []access.Date
	for _, s := range list {
		d, err := access.ParseDate(s)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}
