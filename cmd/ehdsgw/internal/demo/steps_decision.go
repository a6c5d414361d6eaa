package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// staff are the opaque references of who acts at the French desk.
const staff = "staff-7"

// track is the application's one track at a nation's body.
func (r *run) track(n *nation) ehds.Track { return ehds.Track{CatalogID: "national", HDAB: n.hdab()} }

// at finds what the centre knows of a nation's track.
func (f filed) at(n *nation) int {
	for i, t := range f.Tracks {
		if t.HDAB == n.hdab() {
			return i
		}
	}
	return -1
}

// ask is step 9: the French desk marks a field that is empty; the applicant fills it at the centre; the
// track goes back to the phase it came from.
func (r *run) ask(ctx context.Context) (string, error) {
	track := r.track(r.fr)
	sections := []ehds.InfoSection{{Number: 2, Fields: map[string]string{"summaryOfTheProject": "Please describe the project."}}}
	if err := r.fr.operator.DeskWork(ctx, "ask", gateway.DeskRequest{Case: r.caseID, Track: track, Actor: staff, Sections: sections}); err != nil {
		return "", err
	}
	err := eventually(ctx, "the question reaches the applicant", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		if i := view.at(r.fr); i < 0 || view.Tracks[i].InfoRequest == nil {
			return notYet("no question")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if err := r.centre.act(ctx, r.applicationID, "info", map[string]any{"track": track, "sections": []ehds.InfoAnswer{
		{Number: 2, Fields: map[string]any{"summaryOfTheProject": "Hoitoon pääsyn aika Ranskassa ja Suomessa."}},
	}}); err != nil {
		return "", err
	}
	var back ehds.ApplicationState
	err = eventually(ctx, "the answer reaches FR", func(ctx context.Context) error {
		list, err := r.fr.operator.Desk(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(q desk.QueueItem) bool { return q.Case == r.caseID })
		if i < 0 || list[i].Information == 0 {
			return notYet("no answer at the desk")
		}
		doc, err := r.fr.applicationDoc(ctx, r.caseID)
		if err != nil {
			return err
		}
		back = doc.Application.Tracks[0].Status
		if back == ehds.StateAwaitingInformation {
			return notYet("still waiting")
		}
		return nil
	})
	return "section 2, asked and answered; back in " + string(back), err
}

// decide is step 10: Finland's rules grant at once; in France staff grant one dataset and refuse the other,
// with reasons.
func (r *run) decide(ctx context.Context) (string, error) {
	d := desk.Decision{Outcome: ehds.Positive, Actor: staff}
	if r.refused.CentralID != "" {
		d.Refused = []ehds.RefusedDataset{{DatasetID: r.refused.Identifier, Reasons: "Not needed for the purpose (Art. 66(1))."}}
	}
	if err := r.fr.operator.Decide(ctx, gateway.DecideRequest{Case: r.caseID, Track: r.track(r.fr), Decision: d}); err != nil {
		return "", err
	}
	refused := 0
	err := eventually(ctx, "both decisions reach the centre", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		for _, n := range []*nation{r.fr, r.fi} {
			i := view.at(n)
			if i < 0 || view.Tracks[i].Decision == nil {
				return notYet("no decision of %s", n.country)
			}
			card := view.Tracks[i].Decision.Card
			if card.Outcome != ehds.Positive {
				return fmt.Errorf("the decision of %s is %s: %s", n.country, card.Outcome, card.Reasons)
			}
			r.report.IDs["decision "+n.country] = card.DecisionID
			if n == r.fr {
				refused = len(card.RefusedDatasets)
			}
		}
		return nil
	})
	if err == nil && refused != len(d.Refused) {
		err = fmt.Errorf("%d datasets are refused in the decision card, want %d", refused, len(d.Refused))
	}
	return fmt.Sprintf("%s and %s; %d dataset refused with reasons", r.report.IDs["decision FR"], r.report.IDs["decision FI"], refused), err
}

// wanted are the statuses of the French track, in order: the question and its answer are among them.
var wanted = []string{
	string(ehds.StatePreScreening), string(ehds.StateAwaitingInformation), string(ehds.StatePreScreening),
	string(ehds.StateProcessing), string(ehds.StateDecisionIssued),
}

// statuses is step 11: each status of the French body reaches the centre, and the centre passes it on to
// Finland with its origin; so does what France decided.
func (r *run) statuses(ctx context.Context) (string, error) {
	err := eventually(ctx, "the centre sees every status", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		var seen []string
		for _, s := range view.Timeline {
			if s.Nation == "FR" && s.Axis == ehds.AxisApplication && s.Status != "" && s.What != string(ehds.ApplicationAck) {
				seen = append(seen, s.Status)
			}
		}
		return inOrder("the centre", seen, wanted)
	})
	if err != nil {
		return "", err
	}
	err = eventually(ctx, "Finland sees every status", func(ctx context.Context) error {
		seen, err := r.fi.statusesTold(ctx, r.caseID)
		if err != nil {
			return notYet("%v", err)
		}
		// The question goes to the applicant only: what follows it is told.
		if err := inOrder("FI", seen, slices.DeleteFunc(slices.Clone(wanted), func(s string) bool { return s == string(ehds.StateAwaitingInformation) })); err != nil {
			return err
		}
		doc, err := r.fi.applicationDoc(ctx, r.caseID)
		if err != nil {
			return err
		}
		if len(doc.Shared) == 0 {
			return notYet("nothing is shared")
		}
		if d := doc.Shared[0].Body.Decision; doc.Shared[0].Nation != "FR" || d == nil || d.DecisionID != r.report.IDs["decision FR"] {
			return errors.New("what is shared is not the decision of FR")
		}
		return nil
	})
	return strings.Join(wanted, ", "), err
}

func inOrder(who string, seen, want []string) error {
	if !slices.Equal(seen, want) {
		return notYet("%s saw %v", who, seen)
	}
	return nil
}
