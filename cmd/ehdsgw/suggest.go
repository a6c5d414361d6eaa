package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// suggestion names the command most like a misspelt one, or nothing when none is near.
func suggestion(list []*cli.Command, name string) string {
	best, least := "", 1+len(name)/3
	for _, c := range list {
		if d := distance(name, c.Name); !c.Hidden && d <= least {
			best, least = c.Name, d-1
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the bytes to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
