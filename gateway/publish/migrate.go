package publish

import (
	"context"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Release is the rule set that records of a source are judged by and told as. What is written by an
// older release of HealthDCAT-AP is published as the one of this program: the centre takes no other.
func Release(ruleSet string) string {
	if slices.Contains(profile.Releases(), ruleSet) {
		return profile.Release
	}
	return ruleSet
}

// Migration is a Source's Normalise: it rewrites what documents of a release spell or build as that
// release did, each change with a finding. It is nil for a rule set that is no release.
func Migration(ruleSet string) func(context.Context, *rdf.Graph, string) (*rdf.Graph, []catalogue.Finding, error) {
	from, _, _ := strings.Cut(ruleSet, "-") // "r8-public" is of r8
	if !slices.Contains(profile.Releases(), from) {
		return nil
	}
	return func(_ context.Context, g *rdf.Graph, file string) (*rdf.Graph, []catalogue.Finding, error) {
		out, notes, err := profile.Migrate(g, from, profile.Release)
		if err != nil {
			return nil, nil, err
		}
		findings := make([]catalogue.Finding, 0, len(notes))
		for _, n := range notes {
			findings = append(findings, noteFinding(n, file))
		}
		return out, findings, nil
	}
}

// noteFinding is what a migration did, for the data holder. It holds no text of the description: where
// the note does, the place has to do.
func noteFinding(n profile.Note, file string) catalogue.Finding {
	f := catalogue.Finding{
		File: file, Line: n.Line, Col: n.Col, Code: catalogue.CodeObsoleteNamespace, Severity: n.Severity,
		Message: n.Why, Hint: "the description is published as rewritten; correct it at the source when it is convenient",
	}
	switch text := strings.Contains(n.Was+n.Now, `"`); {
	case text:
	case n.Now == "":
		f.Message = n.Was + ": " + n.Why
	default:
		f.Message = n.Was + " is now " + n.Now + ": " + n.Why
	}
	if strings.Contains(n.Node, ":") { // an IRI; labels of blank nodes mean nothing to anybody
		f.Node = n.Node
	}
	if n.Severity == catalogue.Warning {
		f.Hint = "it stays as it is; correct it at the source"
	}
	return f
}
