package exchange

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Gates are what a nation's law adds to the rules an application is examined by.
type Gates struct {
	// EthicsRequired: national law asks for an assessment of ethical aspects (Art. 67(2)(j)).
	EthicsRequired bool
	// OptOutsOfVersion: an amended or renewed permit leaves out who opted out by its own issue, instead of
	// by that of the first version (Art. 71; assumption).
	OptOutsOfVersion bool
	// Early is how grave it is to ask for a category before its duty applies; empty means info.
	Early gate.Severity
}

// examine holds an application against the law before its clock starts. What contradicts itself refuses
// the message. What is missing does not: whether an application is complete is for the body to say,
// which has four weeks of completion to give (Art. 68(4)); the sender is told and staff get a flag.
func (a *Applications) examine(b ehds.ApplicationBody, p ehds.Procedure, doc *ApplicationDoc, came map[string]int64, now time.Time) []ehds.Finding {
	findings := gate.Check(b, gate.Options{
		Attachments: came, Today: now, Procedure: p, EthicsRequired: a.Gates.EthicsRequired, Early: a.Gates.Early, Datasets: a.Router.Known(b.Datasets),
	})
	form := gate.Read(b)
	doc.Route = access.RouteFacts{PublicBody: form.PublicTask(), Purposes: form.Purposes()}
	doc.Trusted = a.Router.Trusted(b.Datasets)
	var missing, assess []string
	for _, f := range findings {
		switch note := strings.TrimPrefix(strings.TrimPrefix(f.Pointer, "/body/"), "form/") + " (" + f.Article + ")"; {
		case f.Completion:
			missing = append(missing, note)
		case f.Severity == gate.Warning:
			assess = append(assess, note)
		}
	}
	doc.Flags = append(doc.Flags, flagFor(now, "application-incomplete", missing)...)
	doc.Flags = append(doc.Flags, flagFor(now, "application-to-assess", assess)...)
	return toSender(findings)
}

// mostTold bounds the findings of one response: it must fit in a message, whatever came.
const mostTold = 200

// toSender are the findings as the sender reads them: without what concerns staff, and without input. When
// there are too many to tell, what refuses comes first.
func toSender(findings []gate.Finding) (out []ehds.Finding) {
	for _, f := range findings {
		if !f.ForStaff {
			out = append(out, ehds.Finding{Pointer: f.Pointer, Code: f.Code, Severity: string(f.Severity),
				Message: f.Source() + ": " + f.Message + "; " + f.Mend})
		}
	}
	if n := len(out) - mostTold; n > 0 {
		slices.SortStableFunc(out, func(a, b ehds.Finding) int { return cmp.Compare(rank(a), rank(b)) })
		out = append(out[:mostTold], ehds.Finding{Pointer: "/body", Code: "findings-cut", Severity: "info",
			Message: fmt.Sprintf("%d more findings are not told; mend these first", n)})
	}
	return out
}

// rank orders findings by how grave they are.
func rank(f ehds.Finding) int {
	return slices.Index([]string{string(gate.Violation), string(gate.Warning), string(gate.Info)}, f.Severity)
}

// sizes are the files of a message, by id.
func sizes(list []ehds.Attachment) map[string]int64 {
	out := make(map[string]int64, len(list))
	for _, a := range list {
		out[a.ID] = a.Size
	}
	return out
}

// procedure is the one other than the standard one that a track of the case is under, if any.
func (d ApplicationDoc) procedure() ehds.Procedure {
	for _, t := range d.Application.Tracks {
		if t.Procedure != ehds.ProcedureStandard {
			return t.Procedure
		}
	}
	return ehds.ProcedureStandard
}

// informed adds to an event of the national side what the case knows of its application.
func (d ApplicationDoc) informed(e access.Event) access.Event {
	if r, ok := e.(access.Rerouted); ok {
		r.Facts = d.Route
		r.Facts.OneTrustedHolder = slices.Contains(d.Trusted, r.Track)
		return r
	}
	return e
}

// flagFor flags places, unless there are none; a later version has its own flag.
func flagFor(now time.Time, code string, places []string) []Flag {
	const most = 20
	if len(places) == 0 {
		return nil
	}
	note := strings.Join(places[:min(most, len(places))], ", ")
	if n := len(places) - most; n > 0 {
		note += fmt.Sprintf(" and %d more", n)
	}
	f := Flag{At: now, Code: code, Note: note}
	return []Flag{f}
}

// grantable refuses a grant that lacks a point of Art. 68(10). The detail names articles only.
func grantable(g ehds.PermitDetail) error {
	if gaps := gate.GrantGaps(g); len(gaps) > 0 {
		return fault.New(fault.Invalid, "grant-incomplete", "a permit must state Art. "+gate.Articles(gaps)).At(gaps[0].Pointer)
	}
	return nil
}

// optOutsUntil is the instant that opt-outs are held against for a permit issued now. A later version
// takes it from the signed version before; from one that cannot be read it takes nothing, and counts from
// its own issue, which leaves out more people and not fewer.
func (w *Issuer) optOutsUntil(ctx context.Context, g ehds.PermitDetail, now time.Time) (string, error) {
	if g.OptOut.Applied {
		return "", nil
	}
	var first time.Time
	if g.Previous != "" {
		p, ok, err := w.Record.Permit(ctx, g.Previous)
		if err != nil {
			return "", err
		}
		if claims, err := ReadPermit(p.Token); ok && err == nil {
			if first, err = time.Parse(time.RFC3339, claims.Permit.OptOut.Until); err != nil {
				first = time.Unix(claims.Iat, 0) // issued before permits said so
			}
		}
	}
	return stamp(gate.OptOutCutoff(first, now, w.Applications.Gates.OptOutsOfVersion)), nil
}
