package profile

import (
	"fmt"
	"slices"
	"strings"
)

// releases are the releases of HealthDCAT-AP there are rule sets of, in their order.
var releases = []string{"r5", "r6", "r7", "r8"}

// Releases lists the releases of HealthDCAT-AP this package knows, the earliest first.
func Releases() []string { return slices.Clone(releases) }

// releaseNumber is the place of a release in the order; -1 when it is none.
func releaseNumber(release string) int { return slices.Index(releases, release) }

// releaseOf finds the release called by a name.
func releaseOf(name string) (int, error) {
	n := releaseNumber(name)
	if n < 0 {
		return 0, fmt.Errorf("there is no release %q of HealthDCAT-AP here; there are: %s", name, strings.Join(releases, ", "))
	}
	return n, nil
}
