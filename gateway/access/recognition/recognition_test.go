package recognition

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const (
	peer     = "https://ncp.fr.example"
	peerBody = peer + "/hdab/hdh"
)

// scene is a case of ours, and what another hub showed.
type scene struct {
	Case
	Shown
	policies Policies
}

// good is a scene in which nothing speaks against recognition.
func good() *scene {
	permit := &ehds.PermitClaims{Iss: peerBody, Jti: "DP-FR-HDH-2027-0001-v1", Permit: ehds.PermitDetail{
		Kind: ehds.KindDataPermit, DecisionID: "D-1", Purposes: []string{"e", "f"},
		Data:    ehds.PermitData{Categories: []string{"EHRS", "NRPE"}, Format: ehds.FormatPseudonymised},
		Persons: []ehds.PermitPerson{{Name: "Ada Example"}, {Name: "Ben Example"}}, Investigator: "Prof. Example",
		Duration: ehds.PermitDuration{From: "2027-02-01", To: "2029-12-31"}, Conditions: []string{"no linkage"},
		Granted: []ehds.GrantedDataset{{Holder: "Hospital", DatasetID: "ds-fr"}},
	}}
	return &scene{
		Case: Case{
			Kind: ehds.DataAccessApplication, Track: ehds.Track{CatalogID: "national", HDAB: "https://ncp.fi.example/hdab/fd"},
			Procedure: ehds.ProcedureStandard, Status: ehds.StateProcessing,
			Datasets: []Dataset{{ID: "ds-fi", Categories: []string{"EHRS"}}},
			Application: ehds.ApplicationBody{Kind: ehds.DataAccessApplication, Form: map[string]json.RawMessage{
				"section2": json.RawMessage(`{"projectLeader":"prof.  example","purposeForWhichDataWillBeUsed":[{"key":"e"}]}`),
				"section5": json.RawMessage(`{"formatOfTheElectronicHealthData":{"key":"b"}}`),
				"section8": json.RawMessage(`{"estimatedStartDatesForDataProcessing":"2027-01-01","estimatedEndDatesForDataProcessing":"2029-12-31",
					"optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b"},"peopleWhoWillBeProcessingTheData":[{"fullName":"Ada Example"}]}`),
			}},
		},
		Shown: Shown{
			Peer: peer, Track: ehds.Track{CatalogID: "national", HDAB: peerBody},
			Decision: &ehds.DecisionBody{DecisionID: "D-1", Outcome: ehds.Positive},
			Proof:    Proof{Shown: true, Valid: true, Permit: permit},
		},
		policies: Policies{ehds.ProcedureStandard: Automatic},
	}
}

func (s *scene) permit() *ehds.PermitDetail { return &s.Proof.Permit.Permit }

func (s *scene) section(name, content string) { s.Application.Form[name] = json.RawMessage(content) }

func (s *scene) section8(dates, people string) {
	s.section("section8", `{`+dates+`"peopleWhoWillBeProcessingTheData":`+people+`}`)
}

const (
	dates  = `"estimatedStartDatesForDataProcessing":"2027-01-01","estimatedEndDatesForDataProcessing":"2029-12-31",`
	people = `[{"fullName":"Ada Example"}]`
)

func (s *scene) judge() Result { return Judge(s.Case, s.Shown, s.policies) }

// against are the codes of what speaks against.
func against(r Result) []string {
	var out []string
	for _, reason := range r.Reasons {
		if reason.Against {
			out = append(out, reason.Code+" "+reason.Article)
		}
	}
	return out
}

// obstacle is one thing that keeps a permit from being recognised, and the reason it leaves.
type obstacle struct {
	name  string
	edit  func(*scene)
	codes []string
}

func obstacles() []obstacle {
	unproved := func(reason string) func(*scene) {
		return func(s *scene) { s.Proof = Proof{Shown: true, Reason: reason} }
	}
	return []obstacle{
		{"the track is decided", func(s *scene) { s.Decided = true }, []string{"already-decided 68(4)"}},
		{"the track is withdrawn", func(s *scene) { s.Status = ehds.StateWithdrawn }, []string{"already-decided 68(4)"}},
		{"a track without a state", func(s *scene) { s.Status = "" }, []string{"already-decided 68(4)"}},
		{"the applicant completes it", func(s *scene) { s.Status = ehds.StateAwaitingInformation }, []string{"information-awaited 68(4)"}},
		{"a data request", func(s *scene) { s.Kind = ehds.DataRequestApplication }, []string{"data-request 69"}},
		{"not complete", func(s *scene) { s.Missing = []string{"67(2)(a)"} }, []string{"incomplete 67(2)"}},
		{"no decision", func(s *scene) { s.Decision = nil }, []string{"no-decision 68(5)", "other-decision 68(5)"}},
		{"a refusal", func(s *scene) { s.Decision.Outcome = ehds.Negative }, []string{"foreign-refusal 68(5)"}},
		{"an outcome nobody knows", func(s *scene) { s.Decision.Outcome = "positive" }, []string{"foreign-refusal 68(5)"}},
		{"some datasets refused", func(s *scene) { s.Decision.RefusedDatasets = []ehds.RefusedDataset{{DatasetID: "x"}} }, []string{"partly-refused 68(3)"}},
		{"answered as a data request", func(s *scene) { s.Decision.ConvertedTo = ehds.DataRequestApplication }, []string{"partly-refused 68(3)"}},
		{"no permit", func(s *scene) { s.Proof = Proof{} }, []string{"permit-missing 68(5)"}},
		{"not proved", unproved("not-proved"), []string{"permit-not-proved 68(5)"}},
		{"not proved, and nobody says why", unproved(""), []string{"permit-not-proved 68(5)"}},
		{"expired", func(s *scene) { s.Proof.Valid, s.Proof.Reason = false, "expired" }, []string{"permit-expired 68(5)"}},
		{"revoked", func(s *scene) { s.Proof.Valid, s.Proof.Reason = false, "revoked" }, []string{"permit-revoked 68(5)"}},
		{"suspended", func(s *scene) { s.Proof.Valid, s.Proof.Reason = false, "suspended" }, []string{"permit-suspended 68(5)"}},
		{"not begun", func(s *scene) { s.Proof.Valid, s.Proof.Reason = false, "not-yet-valid" }, []string{"permit-not-yet-valid 68(5)"}},
		{"its status is not at hand", func(s *scene) { s.Proof.Valid, s.Proof.Reason = false, "no-status" }, []string{"permit-no-status 68(5)"}},
		{"said to be valid without content", func(s *scene) { s.Proof.Permit = nil }, []string{"permit-not-proved 68(5)"}},
		{"of another body than was said", func(s *scene) { s.Proof.Permit.Iss = peer + "/hdab/other" }, []string{"other-issuer 68(5)"}},
		{"of a body of another hub", func(s *scene) {
			s.Proof.Permit.Iss = "https://ncp.se.example/hdab/hdh"
			s.Shown.Track.HDAB = s.Proof.Permit.Iss
		}, []string{"other-issuer 68(5)"}},
		{"of a hub whose name begins alike", func(s *scene) {
			s.Proof.Permit.Iss = peer + ".evil.example/hdab/hdh"
			s.Shown.Track.HDAB = s.Proof.Permit.Iss
		}, []string{"other-issuer 68(5)"}},
		{"from nobody", func(s *scene) { s.Peer = "" }, []string{"other-issuer 68(5)"}},
		{"of another decision", func(s *scene) { s.permit().DecisionID = "D-2" }, []string{"other-decision 68(5)"}},
		{"an approval of a participant", func(s *scene) { s.permit().Kind = ehds.KindAccessApproval }, []string{"not-a-data-permit 68(8)"}},
		{"another purpose", func(s *scene) { s.permit().Purposes = []string{"f"} }, []string{"other-purposes 68(10)(b)"}},
		{"no purpose asked for", func(s *scene) { s.section("section2", `{"projectLeader":"Prof. Example"}`) }, []string{"other-purposes 68(10)(b)"}},
		{"one purpose more", func(s *scene) {
			s.section("section2", `{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"e"},{"key":"d"}]}`)
		}, []string{"other-purposes 68(10)(b)"}},
		{"a reserved purpose", func(s *scene) {
			s.permit().Purposes = []string{"a"}
			s.section("section2", `{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"a"}]}`)
		}, []string{"reserved-purpose 53(2)"}},
		{"another category", func(s *scene) { s.Datasets[0].Categories = []string{"EHRS", "EMRD"} }, []string{"other-datasets 68(10)(a)"}},
		{"a dataset nobody knows", func(s *scene) { s.Datasets[0].Categories = nil }, []string{"other-datasets 68(10)(a)"}},
		{"one dataset more", func(s *scene) { s.Datasets = append(s.Datasets, Dataset{ID: "ds-2", Categories: []string{"EMRD"}}) }, []string{"other-datasets 68(10)(a)"}},
		{"no dataset of the track", func(s *scene) { s.Datasets = nil }, []string{"other-datasets 68(10)(a)"}},
		{"a dataset without a name, and one without in the permit", func(s *scene) {
			s.Datasets, s.permit().Granted = []Dataset{{}}, []ehds.GrantedDataset{{}}
		}, []string{"other-datasets 68(10)(a)"}},
		{"only anonymised was permitted", func(s *scene) { s.permit().Data.Format = ehds.FormatAnonymised }, []string{"other-format 68(10)(a)"}},
		{"no form of data asked for", func(s *scene) { s.section("section5", `{}`) }, []string{"other-format 68(10)(a)"}},
		{"an exception from opt-outs", func(s *scene) {
			s.section8(dates+`"optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"a"},`, people)
		}, []string{"opt-out-exception 71(4)"}},
		{"another person", func(s *scene) { s.section8(dates, `[{"fullName":"Ada Example"},{"fullName":"Eve Example"}]`) }, []string{"other-persons 68(10)(d)"}},
		{"nobody is named", func(s *scene) { s.section8(dates, `[]`) }, []string{"other-persons 68(10)(d)"}},
		{"another project leader", func(s *scene) { s.permit().Investigator = "Dr. Other" }, []string{"other-persons 68(10)(d)"}},
		{"no project leader on either side", func(s *scene) {
			s.permit().Investigator = ""
			s.section("section2", `{"purposeForWhichDataWillBeUsed":[{"key":"e"}]}`)
		}, []string{"other-persons 68(10)(d)"}},
		{"a day longer", func(s *scene) { s.permit().Duration.To = "2029-12-30" }, []string{"longer-period 68(10)(e)"}},
		{"no end asked for", func(s *scene) { s.section8("", people) }, []string{"longer-period 68(10)(e)"}},
		{"a permit without a readable end", func(s *scene) { s.permit().Duration.To = "soon" }, []string{"longer-period 68(10)(e)"}},
		{"a procedure that is not covered", func(s *scene) { s.Procedure = ehds.ProcedureAccelerated }, []string{"procedure-not-covered 68(5)"}},
		{"manual", func(s *scene) { s.policies[ehds.ProcedureStandard] = Manual }, []string{"procedure-not-covered 68(5)"}},
		{"a policy nobody knows", func(s *scene) { s.policies[ehds.ProcedureStandard] = "AUTOMATIC" }, []string{"procedure-not-covered 68(5)"}},
		{"no policy", func(s *scene) { s.policies = nil }, []string{"procedure-not-covered 68(5)"}},
	}
}

// Each obstacle alone leaves the case to staff, and says why by its article: no refusal follows from any.
func TestWhatSpeaksAgainst(t *testing.T) {
	t.Parallel()
	for _, o := range obstacles() {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			s := good()
			o.edit(s)
			r := s.judge()
			if diff := cmp.Diff(o.codes, against(r)); diff != "" || r.Outcome != LeftToStaff || r.Conditions != nil {
				t.Errorf("%s%+v", diff, r)
			}
			if text := r.Text(); !strings.Contains(text, "\nagainst: ") {
				t.Errorf("the reasons do not say so: %s", text)
			}
		})
	}
}

// What may differ without speaking against.
func TestWhatMayDiffer(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*scene){
		"nothing":                           func(*scene) {},
		"before assessment":                 func(s *scene) { s.Status = ehds.StatePreScreening },
		"just received":                     func(s *scene) { s.Status = ehds.StateSubmitted },
		"named, though of another category": func(s *scene) { s.Datasets[0] = Dataset{ID: "ds-fr"} },
		"named by its central id": func(s *scene) {
			s.permit().Granted[0].CentralID, s.Datasets[0] = "c-1", Dataset{ID: "x", CentralID: "c-1"}
		},
		"anonymised where more was permitted":      func(s *scene) { s.section("section5", `{"formatOfTheElectronicHealthData":{"key":"a"}}`) },
		"fewer persons, spelt otherwise":           func(s *scene) { s.section8(dates, `[{"fullName":" ben  EXAMPLE "}]`) },
		"a shorter period":                         func(s *scene) { s.permit().Duration.To = "2031-01-01" },
		"a reserved purpose, and a public body":    public,
		"a permit that applied the exception too":  func(s *scene) { s.permit().OptOut.Applied = true },
		"an amended permit, in force as a version": func(s *scene) { s.Proof.Permit.Jti, s.permit().Version = "DP-FR-HDH-2027-0001-v2", 2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := good()
			edit(s)
			r := s.judge()
			if r.Outcome != Approved || against(r) != nil || !slices.Equal(r.Conditions, []string{"no linkage"}) || r.Permit != s.Proof.Permit.Jti || r.Issuer != peerBody {
				t.Errorf("%+v", r)
			}
		})
	}
}

func public(s *scene) {
	s.permit().Purposes = []string{"a"}
	s.section("section2", `{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"a"}]}`)
	s.section("section3", `{"applyingForDataOnBehalfOfPublicSector":{"key":"a"}}`)
}

// The policy alone says who approves what could be.
func TestPolicies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		policies  Policies
		procedure ehds.Procedure
		policy    Policy
		outcome   Outcome
	}{
		{"none", nil, ehds.ProcedureStandard, Manual, LeftToStaff},
		{"manual", Policies{ehds.ProcedureStandard: Manual}, ehds.ProcedureStandard, Manual, LeftToStaff},
		{"assist", Policies{ehds.ProcedureStandard: Assist}, ehds.ProcedureStandard, Assist, Proposed},
		{"automatic", Policies{ehds.ProcedureStandard: Automatic}, ehds.ProcedureStandard, Automatic, Approved},
		{"automatic in another procedure", Policies{ehds.ProcedureStandard: Automatic}, ehds.ProcedureAccelerated, Manual, LeftToStaff},
		{"automatic in both", Policies{ehds.ProcedureAccelerated: Automatic}, ehds.ProcedureAccelerated, Automatic, Approved},
		{"automatic on a holder's proposal", Policies{ehds.ProcedureTrustedHolder: Automatic}, ehds.ProcedureTrustedHolder, Assist, Proposed},
		{"an unknown word", Policies{ehds.ProcedureStandard: "auto"}, ehds.ProcedureStandard, Manual, LeftToStaff},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := good()
			s.policies, s.Procedure = c.policies, c.procedure
			if r := s.judge(); r.Policy != c.policy || r.Outcome != c.outcome {
				t.Errorf("%s %s, want %s %s", r.Policy, r.Outcome, c.policy, c.outcome)
			}
		})
	}
}

// Whatever obstacles meet, in whatever order: nothing is approved or proposed with one of them, nothing is
// approved but under the automatic policy with a proved permit in force and a decision in favour, and no
// outcome refuses.
func TestAutomaticNeverApprovesWithoutAProvedPermit(t *testing.T) {
	t.Parallel()
	all := obstacles()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 1))
	approved := 0
	for range 4000 {
		s := good()
		s.policies = Policies{}
		for _, p := range []ehds.Procedure{ehds.ProcedureStandard, ehds.ProcedureAccelerated, ehds.ProcedureTrustedHolder} {
			s.policies[p] = append(PolicyNames(), "", "other")[rnd.IntN(5)]
		}
		before := s.policies
		met := rnd.IntN(4)
		var names []string
		for range met {
			if s.Proof.Permit == nil || s.Decision == nil || len(s.Datasets) == 0 {
				break // nothing left for others to edit
			}
			o := all[rnd.IntN(len(all))]
			names = append(names, o.name)
			o.edit(s)
			if s.policies == nil {
				s.policies = Policies{}
			}
		}
		r := s.judge()
		clean := len(names) == 0
		inForce := s.Proof.Shown && s.Proof.Valid && s.Proof.Permit != nil && s.Decision != nil && s.Decision.Outcome == ehds.Positive
		switch {
		case !slices.Contains([]Outcome{LeftToStaff, Proposed, Approved}, r.Outcome),
			r.Outcome == Approved && (before.For(s.Procedure) != Automatic || !inForce),
			r.Outcome != LeftToStaff && (!inForce || r.Against()),
			r.Outcome == LeftToStaff && !r.Against():
			t.Fatalf("seed %d, %q: %+v", seed, names, r)
		}
		if clean && r.Outcome == Approved {
			approved++
		}
	}
	if approved == 0 {
		t.Error("nothing was ever approved: the property says nothing")
	}
}

// The reasons are told to the applicant and to the public: they name the permit and articles, and nothing
// of the form.
func TestTheTextHoldsNothingOfTheForm(t *testing.T) {
	t.Parallel()
	s := good()
	text := s.judge().Text()
	want := `Mutual recognition under Art. 68(5) of Regulation (EU) 2025/327 of the permit DP-FR-HDH-2027-0001-v1 of https://ncp.fr.example/hdab/hdh
for: the application is complete (Art. 67(2))
for: the other body decided in favour (Art. 68(5))
for: the permit is proved and in force (Art. 68(5))
for: it was issued by the body of the hub that showed it (Art. 68(5))
for: it covers the purposes asked for (Art. 68(10)(b))
for: it names the datasets asked for or covers their categories (Art. 68(10)(a))
for: it covers the form of the data (Art. 68(10)(a))
for: it names the persons who will process the data (Art. 68(10)(d))
for: it lasts as long as the processing asked for (Art. 68(10)(e))`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
	for _, o := range obstacles() {
		s := good()
		o.edit(s)
		if text := s.judge().Text(); strings.Contains(text, "Example") {
			t.Errorf("%s: %s", o.name, text)
		}
	}
}
