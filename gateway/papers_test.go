package gateway

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/documents"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// A defect in what writes documents holds up nothing that a body decided.
func TestPapersOutliveADefect(t *testing.T) {
	t.Parallel()
	p := &papers{templates: &documents.Templates{}, router: exchange.NewRouter("FI", nil), log: slog.New(slog.DiscardHandler)}
	paper, err := p.Make(t.Context(), exchange.PaperAsk{Issued: time.Unix(0, 0), Decision: &ehds.DecisionBody{Outcome: ehds.Positive}})
	if err != nil || len(paper.Flags) != 1 || paper.Flags[0] != exchange.PaperFailed || paper.Content != nil {
		t.Errorf("%+v, %v", paper, err)
	}
}

// The documents of a case say what the case says, in its language, and what has to be signed is signed by
// the body.
func TestPapers(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	body := f.HDAB(f.NCP("FI"), "findata")
	noKey := false
	office := permits.NewOffice([]permits.Body{{
		Entity: body.ID,
		Key: func() (jose.SigningKey, error) {
			if noKey {
				return jose.SigningKey{}, io.ErrUnexpectedEOF
			}
			return body.SigningKey()
		},
		Chain: func(context.Context) ([]string, error) { return body.Chain(), nil },
	}}, nil, exchange.StatusListSize, f.Clock.Now)
	templates, err := documents.NewTemplates()
	if err != nil {
		t.Fatal(err)
	}
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	p := &papers{
		templates: templates, office: office, router: exchange.NewRouter("FI", []exchange.HDAB{{Entity: body.ID}}),
		rules: access.Rules{Calendars: map[string]access.Calendar{body.ID: {Zone: helsinki}}},
		names: map[string]map[string]string{body.ID: {"fi": "Lupaviranomainen", "en": "Permit authority"}}, log: slog.New(slog.DiscardHandler),
	}
	now := f.Clock.Now()
	ask := exchange.PaperAsk{
		Case: "app:5f1e2d3c4b5a69788796a5b4", Track: ehds.Track{CatalogID: "cat", HDAB: body.ID}, Kind: ehds.DataAccessApplication, Issued: now,
		Filing: &ehds.ApplicationBody{
			Kind: ehds.DataAccessApplication, Language: "fi", Title: "Tutkimus", Version: 3, DateSubmitted: "2027-01-02T03:04:05Z",
			Datasets: []ehds.ApplicationDataset{
				{DatasetID: "ds:1", CatalogID: "cat", Country: "FI", Title: map[string]string{"en": "Stays", "fi": "Hoitojaksot"}},
				{DatasetID: "ds:2", CatalogID: "elsewhere", Country: "SE"},
			},
		},
	}
	positive := &ehds.DecisionBody{DecisionID: "D1", Outcome: ehds.Positive}
	grant := &ehds.PermitDetail{DecisionID: "D1", Version: 1}
	token, err := office.SignPermit(t.Context(), body.ID, ehds.PermitClaims{
		Iss: body.ID, Jti: "DP-FI-2027-12345678-v1", Iat: now.Unix(), Nbf: now.Unix(), Exp: now.AddDate(1, 0, 0).Unix(), Permit: *grant,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*exchange.PaperAsk)
		kind   documents.Kind
		signed string // name of the signed file
	}{
		"a grant":   {func(a *exchange.PaperAsk) { a.Decision, a.Grant, a.AnswerBy = positive, grant, "2027-03-29" }, documents.PrePermit, ""},
		"an answer": {func(a *exchange.PaperAsk) { a.Decision = positive }, documents.Decision, ""},
		"a refusal": {func(a *exchange.PaperAsk) {
			a.Decision = &ehds.DecisionBody{DecisionID: "D1", Outcome: ehds.Negative, Reasons: "why"}
		}, documents.Refusal, "decision.jwt"},
		"a permit":  {func(a *exchange.PaperAsk) { a.Permit = token }, documents.Permit, "permit.jwt"},
		"an appeal": {func(a *exchange.PaperAsk) { a.Appeal = &ehds.AppealOutcome{DecisionID: "D1"} }, documents.Appeal, "decision.jwt"},
	} {
		ask := ask
		c.change(&ask)
		facts, err := p.facts(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		want := documents.Application{
			ID: "5f1e2d3c4b5a69788796a5b4", Kind: ehds.DataAccessApplication, Title: "Tutkimus", Version: 3,
			Submitted: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC), Datasets: []string{"Hoitojaksot"},
		}
		if diff := cmp.Diff(want, facts.Application); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if facts.Kind != c.kind || facts.Language != "fi" || facts.Body.Name != "Lupaviranomainen" || facts.Zone != helsinki || facts.Issued.IsZero() {
			t.Errorf("%s: %+v", name, facts)
		}
		paper, err := p.Make(t.Context(), ask)
		if err != nil || paper.Flags != nil || paper.Name != string(c.kind)+".pdf" || !bytes.HasPrefix(paper.Content, []byte("%PDF-1.7")) {
			t.Errorf("%s: %s, %v, %v", name, paper.Name, paper.Flags, err)
		}
		switch {
		case c.signed == "" && len(facts.Files) == 0:
		case len(facts.Files) != 1 || facts.Files[0].Name != c.signed || !facts.Files[0].Signed:
			t.Errorf("%s: files %+v", name, facts.Files)
		case c.signed == "decision.jwt":
			claims, err := permits.ProveDecision(string(facts.Files[0].Content), f.Anchors(), now)
			if err != nil || claims.Sub != ask.Case || claims.Jti != "D1" {
				t.Errorf("%s: %+v, %v", name, claims, err)
			}
		case string(facts.Files[0].Content) != token:
			t.Errorf("%s: another token", name)
		}
	}

	ask.Permit = "no permit"
	if paper, err := p.Make(t.Context(), ask); err != nil || len(paper.Content) != 0 || len(paper.Flags) != 1 || paper.Flags[0] != exchange.PaperFailed {
		t.Errorf("of an unreadable permit: %v, %v", paper.Flags, err)
	}
	ask.Permit, ask.Appeal, noKey = "", &ehds.AppealOutcome{DecisionID: "D1"}, true
	if _, err := p.Make(t.Context(), ask); err == nil {
		t.Error("without a key the document did not wait")
	}
}
