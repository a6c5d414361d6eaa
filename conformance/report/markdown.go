package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// Markdown writes the report for people who read it beside their code: verdicts, and what did not hold.
func Markdown(w io.Writer, r conformance.Report) error {
	var b strings.Builder
	say := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	say("# Conformance: %s (%s)\n", r.Verdict, r.Standing)
	say("%s %s at `%s`, run `%s` of %s, %d cases in %.1f s.\n", text(r.Target.About.Name), text(r.Target.About.Version), code(r.Target.Entity), code(r.RunID),
		r.Began.UTC().Format("2006-01-02 15:04 MST"), len(r.Results), r.Took.Seconds())
	for _, why := range r.Why {
		say("Not attestable: %s.\n", text(why))
	}
	say("| profile | verdict | pass | warn | fail | skip | error |\n|---|---|---|---|---|---|---|")
	for _, p := range r.Profiles {
		c := p.Counts
		say("| %s | %s | %d | %d | %d | %d | %d |", p.Profile, p.Verdict, c.Pass, c.Warn, c.Fail, c.Skip, c.Error)
	}
	for _, res := range r.Results {
		if res.Outcome == conformance.Pass || res.Outcome == conformance.Skip {
			continue
		}
		say("\n## %s %s\n\n%s\n", res.Outcome, res.ID, text(res.Title))
		say("%s Clauses: %s.", text(res.Why), text(strings.Join(res.Clauses, "; ")))
		if res.Outcome == conformance.Err {
			say("\nThe tester could not tell: %s", text(res.Reason))
		}
		for _, a := range res.Assertions {
			if !a.Held {
				say("\n- %s (%s): expected `%s`, was `%s`", text(a.What), text(a.Clause), code(a.Expected), code(a.Actual))
			}
		}
		if res.Mend != "" {
			say("\nTo mend: %s", text(res.Mend))
		}
	}
	if skipped := skips(r); len(skipped) > 0 {
		say("\n## Not observed\n")
		for _, line := range skipped {
			say("- %s", text(line))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// skips lists why cases were left out, each reason once with its cases.
func skips(r conformance.Report) []string {
	var reasons []string
	ids := map[string][]string{}
	for _, res := range r.Results {
		if res.Outcome != conformance.Skip {
			continue
		}
		if _, seen := ids[res.Reason]; !seen {
			reasons = append(reasons, res.Reason)
		}
		ids[res.Reason] = append(ids[res.Reason], res.ID)
	}
	out := make([]string, len(reasons))
	for i, reason := range reasons {
		out[i] = reason + ": " + strings.Join(ids[reason], ", ")
	}
	return out
}

// text keeps foreign text from being markup: it may be anything a target answered.
func text(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "|", `\|`, "#", `\#`).Replace(s)
}

// code keeps foreign text inside a code span.
func code(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return strings.NewReplacer("`", "'", "|", "¦").Replace(s)
}
