package cases

import (
	"testing"
)

// Every case says what it asks, why, and by which clause; no id stands twice.
func TestCasesDescribeThemselves(t *testing.T) {
	t.Parallel()
	last, seen := map[string]string{}, map[string]bool{}
	negative := 0
	for _, c := range All() {
		if err := c.Check(); err != nil {
			t.Error(err)
		}
		if seen[c.ID] {
			t.Errorf("%s stands twice", c.ID)
		}
		if g := c.Group(); c.ID <= last[g] {
			t.Errorf("%s comes after %s", c.ID, last[g])
		}
		seen[c.ID], last[c.Group()] = true, c.ID
		if c.Polarity == "negative" {
			negative++
		}
	}
	if negative*2 < len(seen) {
		t.Errorf("%d of %d cases are negative: a gateway that takes all must fail most of the suite", negative, len(seen))
	}
}
