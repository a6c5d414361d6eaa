package filing

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

const body = "https://ncp.fr.example/hdab/hdh"

var (
	key = ehds.Track{CatalogID: "national", HDAB: body}
	now = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
)

// stage is a step in the life of a filing, and whether it succeeds.
type stage func(Filing) (Filing, error)

func acked(f Filing) (Filing, error) { return f.Acknowledged(key, now), nil }

func status(axis ehds.Axis, s string) stage {
	return func(f Filing) (Filing, error) { return f.Status(key, ehds.StatusBody{Axis: axis, Status: s}, now) }
}

func state(s ehds.ApplicationState) stage { return status(ehds.AxisApplication, string(s)) }

func decided(o ehds.Outcome, id, replaces string) stage {
	return func(f Filing) (Filing, error) {
		return f.Decided(key, Ref{Jti: "m-" + id}, ehds.DecisionBody{DecisionID: id, Outcome: o, Replaces: replaces}, now)
	}
}

func asked(f Filing) (Filing, error) {
	return f.InfoRequested(key, Ref{Jti: "ask"}, ehds.InfoRequestBody{Sections: []ehds.InfoSection{{Number: 2}}}, now)
}

func permit(id, decision string) stage {
	return func(f Filing) (Filing, error) {
		return f.PermitIssued(key, ehds.PermitIssuedBody{PermitID: id, DecisionID: decision, Permit: "token of " + id}, now)
	}
}

func changed(b ehds.PermitChangedBody) stage {
	return func(f Filing) (Filing, error) { return f.PermitChanged(key, b, now) }
}

func answer(a ehds.Answer) stage {
	return func(f Filing) (Filing, error) { out, _, err := f.Answer("", a, "m", now); return out, err }
}

func appeal(f Filing) (Filing, error) {
	out, _, err := f.Appealed("", "ap-1", "m", now)
	return out, err
}
func complete(f Filing) (Filing, error) { out, _, err := f.Completed("", "m", now); return out, err }
func withdraw(f Filing) (Filing, error) { return f.Withdrawn("m", now) }

func amend(version int) stage {
	return func(f Filing) (Filing, error) {
		return f.Amended(ehds.ApplicationBody{ApplicationID: "a", Kind: ehds.DataAccessApplication, Version: version}, "m2", now)
	}
}

func said(message string, r ehds.Validation) stage {
	return func(f Filing) (Filing, error) { return f.Answered(message, ehds.ResponseBody{Result: r}, now), nil }
}

func amendAs(id string, k ehds.ApplicationKind) stage {
	return func(f Filing) (Filing, error) {
		return f.Amended(ehds.ApplicationBody{ApplicationID: id, Kind: k, Version: 2}, "m2", now)
	}
}

func refused(f Filing) (Filing, error) {
	return f.Answered("m1", ehds.ResponseBody{Result: ehds.NotValidated}, now), nil
}

func filed() Filing {
	return New("https://ncp.fr.example", ehds.ApplicationBody{ApplicationID: "a", Version: 1, Kind: ehds.DataAccessApplication}, "m1", now)
}

// after goes through stages that must succeed.
func after(t *testing.T, stages ...stage) Filing {
	t.Helper()
	f := filed()
	for i, s := range stages {
		var err error
		if f, err = s(f); err != nil {
			t.Fatalf("stage %d: %v", i, err)
		}
	}
	return f
}

var toDecision = []stage{acked, state(ehds.StatePreScreening), state(ehds.StateProcessing), state(ehds.StateDecisionIssued)}

func with(more ...stage) []stage { return append(slices.Clone(toDecision), more...) }

// What the applicant can do is what the state allows; a refusal says the state and changes nothing.
func TestActs(t *testing.T) {
	t.Parallel()
	pos, neg := decided(ehds.Positive, "d1", ""), decided(ehds.Negative, "d1", "")
	for name, c := range map[string]struct {
		before []stage
		act    stage
		code   string
	}{
		"withdraw before the ack":         {nil, withdraw, ""},
		"withdraw while processing":       {[]stage{acked, state(ehds.StatePreScreening)}, withdraw, ""},
		"withdraw when refused":           {[]stage{refused}, withdraw, CodeNotPossible},
		"withdraw when decided":           {toDecision, withdraw, CodeNotPossible},
		"amend":                           {[]stage{acked}, amend(2), ""},
		"amend with the same version":     {[]stage{acked}, amend(1), "version-not-newer"},
		"amend when decided":              {toDecision, amend(2), CodeNotPossible},
		"amend when turned away":          {[]stage{refused}, amend(2), CodeNotPossible},
		"amend before the hub answered":   {nil, amend(2), CodeNotPossible},
		"amend before it answered this":   {[]stage{acked, amend(2)}, amend(3), CodeNotPossible},
		"amend when it answered":          {[]stage{acked, amend(2), said("m2", ehds.Validated)}, amend(3), ""},
		"amend after one was refused":     {[]stage{acked, amend(2), said("m2", ehds.NotValidated)}, amend(3), ""},
		"amend with the number refused":   {[]stage{acked, amend(2), said("m2", ehds.NotValidated)}, amend(2), "version-not-newer"},
		"withdraw after one was refused":  {[]stage{acked, amend(2), said("m2", ehds.NotValidated)}, withdraw, ""},
		"amend another application":       {[]stage{acked}, amendAs("b", ehds.DataAccessApplication), "another-application"},
		"amend to another kind":           {[]stage{acked}, amendAs("a", ehds.DataRequestApplication), "another-application"},
		"complete what was asked":         {[]stage{acked, state(ehds.StatePreScreening), asked}, complete, ""},
		"complete what was not asked":     {[]stage{acked}, complete, CodeNotPossible},
		"complete after it went on":       {[]stage{acked, state(ehds.StatePreScreening), asked, state(ehds.StatePreScreening)}, complete, CodeNotPossible},
		"complete without a track":        {nil, complete, CodeUnknownTrack},
		"accept a positive decision":      {with(pos), answer(ehds.AnswerAccept), ""},
		"reject a positive decision":      {with(pos), answer(ehds.AnswerReject), ""},
		"appeal against a positive one":   {with(pos), answer(ehds.AnswerAppeal), "answer-does-not-fit"},
		"say that nobody answered":        {with(pos), answer(ehds.AnswerNoResponse), "answer-does-not-fit"},
		"reject a refusal":                {with(neg), answer(ehds.AnswerReject), "answer-does-not-fit"},
		"accept a refusal":                {with(neg), answer(ehds.AnswerAccept), ""},
		"answer twice":                    {with(pos, answer(ehds.AnswerAccept)), answer(ehds.AnswerAccept), CodeNotPossible},
		"answer before a decision":        {[]stage{acked}, answer(ehds.AnswerAccept), CodeNotPossible},
		"answer without a track":          {nil, answer(ehds.AnswerAccept), CodeUnknownTrack},
		"appeal against a refusal":        {with(neg), appeal, ""},
		"the text after the answer":       {with(neg, answer(ehds.AnswerAppeal)), appeal, ""},
		"a second text":                   {with(neg, appeal), appeal, CodeNotPossible},
		"an appeal when it was accepted":  {with(neg, answer(ehds.AnswerAccept)), appeal, CodeNotPossible},
		"an appeal against a grant":       {with(pos), appeal, CodeNotPossible},
		"an appeal before a decision":     {[]stage{acked}, appeal, CodeNotPossible},
		"an answer after a new decision":  {with(neg, appeal, status(ehds.AxisDecision, "APPEAL_APPROVED"), decided(ehds.Positive, "d2", "d1")), answer(ehds.AnswerAccept), ""},
		"another after an appeal decided": {with(neg, appeal, status(ehds.AxisDecision, "APPEAL_REJECTED")), appeal, CodeNotPossible},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := after(t, c.before...)
			was, _ := json.Marshal(f)
			next, err := c.act(f)
			if (err == nil) != (c.code == "") || err != nil && fault.CodeOf(err) != c.code {
				t.Fatalf("%v, want %q", err, c.code)
			}
			if is, _ := json.Marshal(f); !slices.Equal(was, is) {
				t.Error("the filing it was called on changed")
			}
			if err != nil {
				if diff := cmp.Diff(f, next); diff != "" {
					t.Errorf("a refusal changed something:\n%s", diff)
				}
			}
		})
	}
}

// What was done or told moves the decision where the tables lead.
func TestDecisionsMove(t *testing.T) {
	t.Parallel()
	pos, neg := decided(ehds.Positive, "d1", ""), decided(ehds.Negative, "d1", "")
	for name, c := range map[string]struct {
		stages []stage
		want   ehds.DecisionState
	}{
		"accepted":                     {with(pos, answer(ehds.AnswerAccept)), ehds.DecisionPositiveAccepted},
		"rejected":                     {with(pos, answer(ehds.AnswerReject)), ehds.DecisionPositiveRejected},
		"a refusal accepted":           {with(neg, answer(ehds.AnswerAccept)), ehds.DecisionNegativeAccepted},
		"an appeal announced":          {with(neg, answer(ehds.AnswerAppeal)), ehds.DecisionNegativeAppealed},
		"an appeal sent":               {with(neg, appeal), ehds.DecisionNegativeAppealed},
		"an appeal announced and sent": {with(neg, answer(ehds.AnswerAppeal), appeal), ehds.DecisionNegativeAppealed},
		"a permit before the answer":   {with(pos, permit("p1", "d1")), ehds.DecisionPositiveAccepted},
	} {
		f := after(t, c.stages...)
		if got := f.Tracks[0].Decision.Status; got != c.want || len(f.Notes) > 0 {
			t.Errorf("%s: %s, notes %v", name, got, f.Notes)
		}
	}
}

// A filing ends with the last thing that comes by itself.
func TestOpen(t *testing.T) {
	t.Parallel()
	pos := decided(ehds.Positive, "d1", "")
	request := func(f Filing) (Filing, error) {
		f.Application.Kind = ehds.DataRequestApplication
		return f, nil
	}
	for name, c := range map[string]struct {
		stages []stage
		want   bool
	}{
		"just filed":                {nil, true},
		"refused":                   {[]stage{refused}, false},
		"acknowledged":              {[]stage{acked}, true},
		"asked":                     {[]stage{acked, state(ehds.StatePreScreening), asked}, true},
		"withdrawn":                 {[]stage{acked, state(ehds.StateWithdrawn)}, false},
		"decided":                   {with(pos), false},
		"accepted, no permit yet":   {with(pos, answer(ehds.AnswerAccept)), true},
		"with its permit":           {with(pos, answer(ehds.AnswerAccept), permit("p1", "d1")), false},
		"a request that was agreed": {with(request, pos, answer(ehds.AnswerAccept)), false},
		"rejected":                  {with(pos, answer(ehds.AnswerReject), state(ehds.StateWithdrawn)), false},
	} {
		if got := after(t, c.stages...).Open(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The deciding side is right about its own states; what contradicts what was told is refused, and a way
// the tables do not know is noted.
func TestTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before []stage
		told   stage
		code   string
		notes  int
	}{
		"every edge":             {[]stage{acked}, state(ehds.StatePreScreening), "", 0},
		"a repetition":           {[]stage{acked}, state(ehds.StateSubmitted), "", 0},
		"a leap":                 {[]stage{acked}, state(ehds.StateProcessing), "", 1},
		"back from the end":      {[]stage{acked, state(ehds.StateWithdrawn)}, state(ehds.StateSubmitted), "", 1},
		"no status":              {[]stage{acked}, state("DREAMING"), "unknown-status", 0},
		"no axis":                {[]stage{acked}, status("dream", "GRANTED"), "unknown-status", 0},
		"a track never opened":   {nil, state(ehds.StatePreScreening), CodeUnknownTrack, 0},
		"a decision not there":   {[]stage{acked}, status(ehds.AxisDecision, "APPEAL_APPROVED"), "unknown-status", 0},
		"a permit not there":     {[]stage{acked}, status(ehds.AxisPermit, "GRANTED"), "unknown-status", 0},
		"a decision twice":       {with(decided(ehds.Positive, "d1", "")), decided(ehds.Positive, "d1", ""), CodeOtherSubject, 0},
		"a decision from aside":  {with(decided(ehds.Negative, "d1", "")), decided(ehds.Positive, "d2", "x"), "", 1},
		"a permit of another":    {with(decided(ehds.Positive, "d1", "")), permit("p1", "d9"), CodeOtherSubject, 0},
		"a change of no permit":  {with(decided(ehds.Positive, "d1", "")), changed(ehds.PermitChangedBody{PermitID: "p1", Status: ehds.PermitStatusRevoked}), CodeOtherSubject, 0},
		"a permit lost":          {with(decided(ehds.Positive, "d1", ""), permit("p1", "d1")), changed(ehds.PermitChangedBody{PermitID: "p1", Status: ehds.PermitStatusRevoked}), "", 0},
		"a permit's new version": {with(decided(ehds.Positive, "d1", ""), permit("p1", "d1")), changed(ehds.PermitChangedBody{PermitID: "p2", Status: ehds.PermitStatusAmended, Permit: "t"}), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := after(t, c.before...)
			next, err := c.told(f)
			if (err == nil) != (c.code == "") || err != nil && fault.CodeOf(err) != c.code || len(next.Notes) != c.notes {
				t.Errorf("%v, notes %v", err, next.Notes)
			}
		})
	}
	f := after(t, with(decided(ehds.Positive, "d1", ""), answer(ehds.AnswerAccept), permit("p1", "d1"))...)
	if got := f.Tracks[0]; got.Permits[0].Token != "token of p1" || got.Permits[0].Status != ehds.PermitStatusGranted || len(got.History) != 7 || len(f.Notes) != 0 {
		t.Errorf("%+v %v", got, f.Notes)
	}
	if f = f.Answered("m", ehds.ResponseBody{Result: ehds.NotValidated}, now); f.Acts[0].Result != ehds.NotValidated || len(f.Notes) != 1 {
		t.Errorf("an act that was not validated: %+v", f.Acts)
	}
	if _, err := f.Of("https://elsewhere.example"); fault.CodeOf(err) != CodeUnknownTrack {
		t.Error(err)
	}
	two := f.Acknowledged(ehds.Track{CatalogID: "c", HDAB: body + "2"}, now)
	if _, err := two.Of(""); fault.CodeOf(err) != CodeTwoTracks {
		t.Error(err)
	}
}

// A version that the other hub refuses changes nothing there: the one before is in force, and the filing
// goes on.
func TestRefusedVersionLeavesTheOneBefore(t *testing.T) {
	f := filed()
	for _, s := range []stage{acked, said("m1", ehds.Validated), amend(2)} {
		var err error
		if f, err = s(f); err != nil {
			t.Fatal(err)
		}
	}
	if f.Application.Version != 2 || f.Before == nil || f.Before.Version != 1 || !f.Open() {
		t.Errorf("on its way: %+v", f)
	}
	kept, _ := said("m2", ehds.Validated)(f)
	if kept.Application.Version != 2 || kept.Before != nil {
		t.Errorf("validated: %+v", kept)
	}
	back, _ := said("m2", ehds.NotValidated)(f)
	if back.Application.Version != 1 || back.Before != nil || !back.Open() || back.TurnedAway() || len(back.Versions) != 2 {
		t.Errorf("refused: %+v", back)
	}
	if f.Application.Version != 2 || f.Before == nil {
		t.Error("an answer changed the filing before it")
	}
}
