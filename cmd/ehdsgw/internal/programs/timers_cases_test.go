package programs

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// fate is what becomes of a case.
type fate string

const (
	lapses    fate = "asked to complete, and silent"
	completes fate = "completed in time, while the gateway was away"
	withdraws fate = "withdrawn in time, while the gateway was away"
	ignores   fate = "granted, and silent"
	accepts   fate = "granted and accepted in time, while the gateway was away"
	forgotten fate = "never decided"
)

// fates are all of them.
func fates() []fate { return []fate{lapses, completes, withdraws, ignores, accepts, forgotten} }

// timed is a case of the program.
type timed struct {
	id       string
	fate     fate
	caughtUp time.Time // before this mail had not had the time it is given
	slow     bool      // this machine could not bring its mail as fast as the program promises
}

// acts says whether its applicant does something in time.
func (c *timed) acts() bool { return c.fate == completes || c.fate == withdraws || c.fate == accepts }

func (p *timers) of(f fate) (n int) {
	for _, c := range p.cases {
		if c.fate == f {
			n++
		}
	}
	return n
}

// lapses counts what is withdrawn by the clocks.
func (p *timers) lapses(cases []*timed) (n int) {
	for _, c := range cases {
		if c.fate == lapses || c.fate == ignores {
			n++
		}
	}
	return n
}

func (p *timers) track() ehds.Track { return ehds.Track{CatalogID: "national", HDAB: p.w.hdab()} }

// file brings cases of every fate up to where their clocks run.
func (p *timers) file() (cases []*timed) {
	t, ctx := p.w.t, p.w.t.Context()
	t.Helper()
	for _, f := range fates() {
		for range p.fate {
			got, err := p.centre.front(ctx, "", p.filing())
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, &timed{id: got.ID, fate: f})
		}
	}
	p.cases = append(p.cases, cases...)
	eventually(t, "the desk has every case", 30*time.Second, func() bool {
		list, err := p.op.Desk(ctx)
		return err == nil && len(list) == len(p.cases)
	})
	for _, c := range cases {
		id, track := ehds.ApplicationCase(c.id).String(), p.track()
		var err error
		switch c.fate {
		case lapses, completes, withdraws:
			err = p.op.DeskWork(ctx, "ask", gateway.DeskRequest{Case: id, Track: track, Actor: "staff-7",
				Sections: []ehds.InfoSection{{Number: 2, Fields: map[string]string{"summaryOfTheProject": "Please describe the project."}}}})
		case ignores, accepts:
			err = p.op.Decide(ctx, gateway.DecideRequest{Case: id, Track: track, Decision: granting()})
		}
		if err != nil {
			t.Fatalf("%s: %v", c.fate, err)
		}
	}
	for _, c := range cases {
		eventually(t, "the centre knows of a case that is "+string(c.fate), 30*time.Second, func() bool {
			v, err := p.centre.front(ctx, "/"+c.id, nil)
			return err == nil && len(v.Tracks) == 1 && (c.fate == forgotten || v.Tracks[0].InfoRequest != nil || v.Tracks[0].Decision != nil)
		})
	}
	return cases
}

// granting is a positive decision of staff.
func granting() desk.Decision {
	return desk.Decision{Outcome: ehds.Positive, Actor: "staff-7", Signatory: &ehds.Signatory{Name: "N", JobTitle: "J"}, Terms: desk.Terms{
		Reasons: "The purposes of Art. 53(1)(e) are met.", Conditions: []string{"Only aggregated results leave the environment."},
		Fees: &ehds.Fees{AmountCents: 100, Currency: "EUR"}, DurationMonths: 24, Categories: []string{"a"},
	}}
}

// filing is an application whose permit lasts four months.
func (p *timers) filing() map[string]any {
	now := p.w.now()
	return map[string]any{
		"kind": ehds.DataAccessApplication, "title": "Time to treatment", "language": "en", "user": "applicant-1", "applicant_nation": "FI",
		"datasets": []ehds.ApplicationDataset{{DatasetID: cataloguetest.Identifier(0), CatalogID: "national", Country: "FR"}},
		"form": map[string]json.RawMessage{
			"section2": json.RawMessage(`{"projectName":"TREAT-TIME","projectLeader":"Aino Esimerkki","purposeForWhichDataWillBeUsed":[{"key":"e","value":"research"}]}`),
			"section5": json.RawMessage(`{"formatOfTheElectronicHealthData":{"key":"b","value":"pseudonymised"},"whyTheDataIsNeeded":"Aggregates do not answer it."}`),
			"section8": json.RawMessage(`{"nameWebsiteAddressForEnvironment":"Example environment","technicalRequirementsForEnvironment":"R",` +
				`"estimatedStartDatesForDataProcessing":"` + now.Format(time.DateOnly) + `","estimatedEndDatesForDataProcessing":"` + now.AddDate(0, 4, 0).Format(time.DateOnly) + `",` +
				`"peopleWhoWillBeProcessingTheData":[{"fullName":"Aino Esimerkki","emailAddress":"aino@example.org","affiliation":"Esimerkkilaitos"}]}`),
		},
	}
}

// ends is when the last of the automatic periods of these cases ends.
func (p *timers) ends(cases []*timed) (last time.Time) {
	p.w.t.Helper()
	for _, c := range cases {
		for _, k := range p.view(c).Application.Tracks[0].Clocks {
			if k.State == access.ClockRunning && k.Kind.Automatic() && k.End.After(last) {
				last = k.End
			}
		}
	}
	if last.IsZero() {
		p.w.t.Fatal("no automatic period runs")
	}
	return last
}

func (p *timers) view(c *timed) gateway.CaseView {
	p.w.t.Helper()
	v, err := p.op.Case(p.w.t.Context(), ehds.ApplicationCase(c.id).String(), "")
	if err != nil || len(v.Application.Tracks) != 1 {
		p.w.t.Fatalf("a case that is %s: %v", c.fate, err)
	}
	return v
}

// act is what applicants do in time.
func (p *timers) act(cases []*timed) {
	p.w.t.Helper()
	for _, c := range cases {
		what, body := "", any(nil)
		switch c.fate {
		case completes:
			what, body = "/info", map[string]any{"track": p.track(), "sections": []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"summaryOfTheProject": "Time to treatment."}}}}
		case withdraws:
			what, body = "/withdraw", map[string]any{"reason": "no longer needed"}
		case accepts:
			v, err := p.centre.front(p.w.t.Context(), "/"+c.id, nil)
			if err != nil {
				p.w.t.Fatal(err)
			}
			what, body = "/answer", map[string]any{"decision_id": v.Tracks[0].Decision.Card.DecisionID, "answer": ehds.AnswerAccept}
		default:
			continue
		}
		if _, err := p.centre.front(p.w.t.Context(), "/"+c.id+what, body); err != nil {
			p.w.t.Fatalf("%s: %v", c.fate, err)
		}
	}
}

// arrived waits until the gateway has all mail of these cases.
func (p *timers) arrived(cases []*timed) {
	p.w.t.Helper()
	for _, c := range cases {
		eventually(p.w.t, "mail of a case that is "+string(c.fate)+" arrives", 30*time.Second, func() bool {
			v, err := p.centre.front(p.w.t.Context(), "/"+c.id, nil)
			return err == nil && !slices.ContainsFunc(v.Messages, func(m sentMail) bool { return m.State != string(ehds.Received) })
		})
	}
}
