package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "whether a running gateway can do its work, what it holds, what falls due",
		Description: "Exit 1: it is not ready; the line says why.\n\n" +
			"Examples:\n  ehdsgw status -c hub/ehdsgw.yaml\n  ehdsgw status --data-dir hub/data --output json",
		Flags: socketFlags(), Action: status,
	}
}

func status(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	s, err := client.Status(c.Context)
	if err != nil {
		return answered(err)
	}
	if err := p.Print(s, statusFields(s)); err != nil {
		return err
	}
	if !s.Ready {
		return said(exitNegative)
	}
	return nil
}

func statusFields(s gateway.Status) output.Fields {
	ready, n := "yes", s.Counts
	if !s.Ready {
		ready = "no: " + s.Reason
	}
	f := output.Fields{
		{Name: "entity", Value: s.Entity}, {Name: "ready", Value: ready},
		{Name: "holds", Value: fmt.Sprintf("%d messages, %d cases, %d permits, %d leaves", n.Messages, n.Cases, n.Permits, n.Leaves)},
		{Name: "outbox", Value: fmt.Sprintf("%d queued, %d dead", n.Queued, n.Dead)},
	}
	if s.Clocks != nil {
		f = append(f, clockLines(*s.Clocks)...)
	}
	f = append(f, output.Field{Name: "tls until", Value: s.TLSNotAfter})
	for _, a := range s.Alarms {
		f = append(f, output.Field{Name: "alarm", Value: a.Anchor + ": " + a.Detail})
	}
	return f
}

// clockLines tell how the statutory clocks stand, and since when the gateway takes mail for them.
func clockLines(s gateway.ClocksSeen) output.Fields {
	clocks := []string{"none runs"}
	if n := s.Next; n != nil {
		clocks[0] = fmt.Sprintf("next %s ends %s (%d)", n.Kind, stamp(n.At), n.Clocks)
	}
	if s.Waiting > 0 {
		clocks = append(clocks, fmt.Sprintf("%d ended and not yet applied", s.Waiting))
	}
	clocks = append(clocks, fmt.Sprintf("%d overdue", s.Overdue))
	if l := s.Last; l != nil {
		clocks = append(clocks, fmt.Sprintf("last %s ended %s, applied %s", l.Kind, stamp(l.End), stamp(l.At)))
	}
	f := output.Fields{{Name: "clocks", Value: strings.Join(clocks, "; ")}}
	if p := s.Present; p != nil {
		here := "since " + stamp(p.Since)
		if !p.Away.IsZero() {
			here += ", away before that from " + stamp(p.Away)
		}
		if s.MailUntil != nil {
			here += "; clocks wait for mail until " + stamp(*s.MailUntil)
		}
		f = append(f, output.Field{Name: "here", Value: here})
	}
	return f
}
