package conformance

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Pick chooses cases: those whose id or group matches one of the patterns (as path.Match, case does not
// matter), of one of the profiles. Empty lists choose all. A pattern or profile that matches nothing is an
// error: a run that judged less than was asked for must not look like one that judged all of it.
func Pick(all []Case, patterns, profiles []string) ([]Case, error) {
	for _, p := range profiles {
		if !slices.Contains(Profiles(), Profile(p)) {
			return nil, fmt.Errorf("conformance: %q is no profile; there are %v", p, Profiles())
		}
	}
	used := make([]bool, len(patterns))
	var out []Case
	for _, c := range all {
		if len(profiles) > 0 && !slices.ContainsFunc(c.Profiles, func(p Profile) bool { return slices.Contains(profiles, string(p)) }) {
			continue
		}
		chosen := len(patterns) == 0
		for i, p := range patterns {
			p = strings.ToUpper(p)
			byID, err := path.Match(p, c.ID)
			if err != nil {
				return nil, fmt.Errorf("conformance: pattern %q: %w", patterns[i], err)
			}
			if byID || p == c.Group() {
				chosen, used[i] = true, true
			}
		}
		if chosen {
			out = append(out, c)
		}
	}
	for i, u := range used {
		if !u {
			return nil, fmt.Errorf("conformance: %q matches no case", patterns[i])
		}
	}
	return out, nil
}
