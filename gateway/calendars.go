package gateway

import (
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/access"
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

// calendarOf is the calendar of a body in a country. Days off beside the weekends are those of
// the configuration.
func calendarOf(c config.Calendar, country string) (access.Calendar, error) {
	zone, err := time.LoadLocation(c.ZoneIn(country))
	if err != nil {
		return access.Calendar{}, err
	}
	return access.Calendar{Zone: zone, Holiday: func(d access.Date) bool {
		day := d.String()
		return slices.Contains(c.Extra, day) && !slices.Contains(c.Removed, day)
	}}, nil
}
