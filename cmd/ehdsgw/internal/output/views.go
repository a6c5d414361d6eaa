package output

import (
	"strings"
	"unicode/utf8"
)

// Field is one named value.
type Field struct{ Name, Value string }

// Fields are the members of one record, a line each. Empty values are left out.
type Fields []Field

func (f Fields) lines() []string {
	rows := make([][]string, 0, len(f))
	for _, field := range f {
		if field.Value != "" {
			rows = append(rows, []string{field.Name, field.Value})
		}
	}
	return align(rows)
}

// Grid is many records, a row each. Without rows nothing is printed, not even the head.
type Grid struct {
	Head []string
	Rows [][]string
}

func (g Grid) lines() []string {
	if len(g.Rows) == 0 {
		return nil
	}
	return align(append([][]string{g.Head}, g.Rows...))
}

// Lines are printed as they are, one by one.
type Lines []string

func (l Lines) lines() []string {
	out := make([]string, len(l))
	for i, s := range l {
		out[i] = Safe(s)
	}
	return out
}

// align pads every column but the last to its widest cell.
func align(rows [][]string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(Safe(cell)))
		}
	}
	out := make([]string, len(rows))
	for n, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			cell = Safe(cell)
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		out[n] = b.String()
	}
	return out
}
