package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
)

// subordinateRow is one subordinate as it is printed.
type subordinateRow struct {
	Entity       string         `json:"entity"`
	State        superior.State `json:"state"`
	Since        string         `json:"since"`
	Types        []string       `json:"types"`
	Intermediate bool           `json:"intermediate"`
	MarksOnly    bool           `json:"marks_only"`
	Country      string         `json:"country"`
	HDABCode     string         `json:"hdab_code,omitempty"`
	Marks        []string       `json:"marks"`
	Issues       []string       `json:"issues"`
	Kids         []string       `json:"kids"`
}

func rowOf(s superior.Subordinate) subordinateRow {
	r := subordinateRow{
		Entity: s.Entity, State: s.State, Since: s.Since.Format(time.RFC3339), Types: append([]string{}, s.Types...), Intermediate: s.Intermediate,
		MarksOnly: s.MarksOnly, Country: s.Country, HDABCode: s.HDABCode, Marks: []string{}, Issues: append([]string{}, s.Issues...), Kids: []string{},
	}
	for t := range s.Marks {
		r.Marks = append(r.Marks, t)
	}
	slices.Sort(r.Marks)
	for _, k := range s.Keys.Keys {
		r.Kids = append(r.Kids, k.Kid)
	}
	return r
}

func gridOf(rows []subordinateRow) output.View {
	if len(rows) == 0 {
		return output.Lines{"no subordinates"}
	}
	g := output.Grid{Head: []string{"ENTITY", "STATE", "SINCE", "COUNTRY", "AS", "MARKS"}}
	for _, r := range rows {
		as := strings.Join(r.Types, ",")
		switch {
		case r.MarksOnly:
			as = "marks only"
		case r.Intermediate:
			as = strings.TrimPrefix(as+",intermediate", ",")
		}
		var marks []string
		for _, m := range r.Marks {
			marks = append(marks, m[strings.LastIndex(m, "/")+1:])
		}
		g.Rows = append(g.Rows, []string{r.Entity, string(r.State), r.Since, r.Country, as, strings.Join(marks, ",")})
	}
	return g
}

func anchorList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	d, err := openAnchor(c)
	if err != nil {
		return err
	}
	defer d.close()
	all, err := d.registry.All()
	if err != nil {
		return err
	}
	rows := []subordinateRow{}
	for _, s := range all {
		rows = append(rows, rowOf(s))
	}
	return p.Print(rows, gridOf(rows))
}

// anchorMove suspends, resumes or withdraws, as the command is called.
func anchorMove(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the entity"); err != nil {
		return err
	}
	d, err := openAnchor(c)
	if err != nil {
		return err
	}
	defer d.close()
	to := map[string]superior.State{"suspend": superior.Suspended, "resume": superior.Active, "withdraw": superior.Withdrawn}[c.Command.Name]
	s, err := d.registry.Move(c.Args().First(), to)
	switch {
	case errors.Is(err, superior.ErrUnknown):
		return negative("%s: %w; see 'ehdsgw anchor list'", output.Safe(c.Args().First()), err)
	case errors.Is(err, superior.ErrState):
		return negative("%w", err)
	case err != nil:
		return fmt.Errorf("%s: %w", output.Safe(c.Args().First()), err)
	}
	rows := []subordinateRow{rowOf(s)}
	return p.Print(rows, gridOf(rows))
}
