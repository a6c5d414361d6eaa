package biennial

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const one, two = "https://one.example", "https://two.example"

func at(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return t.Add(12 * time.Hour)
}

// handCounted are three applications: one granted in part by a body and refused by another, a data request
// answered, and one before the period that was withdrawn in it.
func handCounted() []Case {
	granted := access.Track{
		Key: ehds.Track{CatalogID: "c", HDAB: one},
		Decision: &access.Decision{ID: "D1", Outcome: ehds.Positive, Issued: at("2029-04-30"), Refused: []ehds.RefusedDataset{{DatasetID: "x"}},
			Grant: &ehds.PermitDetail{Purposes: []string{"e", "a", "e"}, Data: ehds.PermitData{Categories: []string{"a"}}}},
		SetAside: []access.Decision{{ID: "D0", Outcome: ehds.Negative, Issued: at("2029-03-01")}},
		Clocks: []access.Clock{
			{Kind: access.ClockDecision, State: access.ClockMet, Start: at("2029-01-10"), End: at("2029-04-11")},
			{Kind: access.ClockDelivery, State: access.ClockMet, LastDay: "2029-08-01", End: at("2029-08-02")},
			{Kind: access.ClockDelivery, State: access.ClockRunning, LastDay: "2029-08-01", End: at("2029-08-02")},
			{Kind: access.ClockDelivery, State: access.ClockVoid, LastDay: "2029-08-01", End: at("2029-08-02")},
			{Kind: access.ClockResults, State: access.ClockRunning, LastDay: "2030-12-31", End: at("2031-01-01")},
		},
		Permits: []access.PermitVersion{{ID: "P-v1", Issued: at("2029-05-02")}, {ID: "P-v2", Previous: "P-v1", Issued: at("2030-02-02")}, {ID: "P-v3", Previous: "P-v2", Issued: at("2030-06-01")}, {ID: "P-v4", Previous: "P-v3", Issued: at("2031-01-01")}},
		History: []access.Step{
			{At: at("2029-01-10"), Axis: ehds.AxisApplication, To: "SUBMITTED"},
			{At: at("2029-09-11"), Axis: ehds.Axis(ehds.SideSPE), Subject: "s", To: string(ehds.SideAvailable)},
			{At: at("2029-10-01"), Axis: ehds.Axis(ehds.SideSPE), Subject: "t", To: string(ehds.SideAvailable)},
		},
	}
	refused := access.Track{
		Key:      ehds.Track{CatalogID: "d", HDAB: two},
		Decision: &access.Decision{ID: "D2", Outcome: ehds.Negative, Issued: at("2029-02-01")},
	}
	answered := access.Track{
		Key:      ehds.Track{CatalogID: "c", HDAB: one},
		Decision: &access.Decision{ID: "D3", Outcome: ehds.Positive, Issued: at("2030-03-01")},
		Clocks:   []access.Clock{{Kind: access.ClockDecision, State: access.ClockMet, Start: at("2030-02-01"), End: at("2030-05-02")}},
		History:  []access.Step{{At: at("2030-03-03"), Axis: ehds.Axis(ehds.SideAnswer), To: string(ehds.SideProvided)}},
	}
	old := access.Track{
		Key:     ehds.Track{CatalogID: "d", HDAB: two},
		History: []access.Step{{At: at("2029-01-01"), Axis: ehds.AxisApplication, From: "PROCESSING", To: string(ehds.StateWithdrawn)}},
	}
	return []Case{
		{
			Application: access.Application{ID: "1", Kind: ehds.DataAccessApplication, Received: at("2029-02-02"),
				Versions: []access.Version{{Number: 1, Received: at("2029-01-10")}}, Tracks: []access.Track{granted, refused}},
			Applicant: "legal person", Results: []Result{{HDAB: one, At: at("2030-12-31")}, {HDAB: one, At: at("2031-01-01")}},
			Cards: []ehds.DecisionBody{{DecisionID: "D1", Fees: &ehds.Fees{AmountCents: 12_000, Currency: "EUR"}}, {DecisionID: "D2", Fees: &ehds.Fees{AmountCents: 1, Currency: "EUR"}}},
		},
		{Application: access.Application{ID: "2", Kind: ehds.DataRequestApplication, Received: at("2030-02-01"), Tracks: []access.Track{answered}}},
		{Application: access.Application{ID: "3", Kind: ehds.DataAccessApplication, Received: at("2028-12-31"), Tracks: []access.Track{old}}, Applicant: "legal person"},
	}
}

func counted(p Period, cases []Case, list ...Measure) Report {
	c := &Counter{Period: p, Now: at("2030-12-31")}
	for _, k := range cases {
		c.Case(k)
	}
	for _, m := range list {
		c.Measure(m)
	}
	return c.Report()
}

func shown(figures []Figure) map[string]string {
	out := map[string]string{}
	for _, f := range figures {
		switch {
		case f.Value == nil:
			out[f.Name] = "unknown"
		case f.Over != nil:
			out[f.Name] = fmt.Sprint(*f.Value, " over ", *f.Over, " ", f.Parts)
		default:
			out[f.Name] = fmt.Sprint(*f.Value, " ", f.Parts)
		}
	}
	return out
}

func TestHandCounted(t *testing.T) {
	t.Parallel()
	r := counted(Period{"2029-01-01", "2030-12-31"}, handCounted(),
		Measure{HDAB: one, EnforcementBody: ehds.EnforcementBody{Measure: ehds.MeasureFine, From: "2029-06-01"}},
		Measure{EnforcementBody: ehds.EnforcementBody{Measure: ehds.MeasureExclusionUser, From: "2030-12-31"}},
		Measure{HDAB: two, EnforcementBody: ehds.EnforcementBody{Measure: ehds.MeasureFine, From: "2031-01-01"}})
	want := map[string]string{
		applications: "2 map[DATA_ACCESS_APPLICATION:1 DATA_REQUEST_APPLICATION:1]",
		applicants:   "2 map[legal person:1 not on record:1]",
		tracks:       "3 map[DATA_ACCESS_APPLICATION:2 DATA_REQUEST_APPLICATION:1]",
		withdrawn:    "1 map[]",
		decisions:    "4 map[Negative:2 Positive:1 Positive, in part:1]",
		permits:      "1 map[]",
		versions:     "2 map[]",
		purposes:     "2 map[a:1 e:1 not on record:1]",
		categories:   "2 map[a:1 not on record:1]",
		results:      "1 map[]",
		deliveries:   "2 map[in time:1 open:1]",
		publishing:   "1 map[not yet due:1]",
		measures:     "2 map[ADMIN_FINE:1 EXCLUSION_USER:1]",
		fines:        "1 map[]",
		estimates:    "12000 map[EUR:12000]",
		toAccess:     "274 over 2 map[]", // 244 from 10 January to 11 September, 30 from 1 February to 3 March
		inTime:       "4 map[in time:2 late:1 not on record:1]",
	}
	for _, f := range forms() {
		if f.Unknown != "" {
			want[f.Name] = "unknown"
		}
	}
	if diff := cmp.Diff(want, shown(r.Figures)); diff != "" {
		t.Error(diff)
	}
	var bodies []string
	for _, b := range r.Bodies {
		bodies = append(bodies, b.HDAB)
	}
	if diff := cmp.Diff([]string{"", one, two}, bodies); diff != "" {
		t.Error(diff)
	}
	of := shown(r.Of(two).Figures)
	for name, want := range map[string]string{applications: "1 map[DATA_ACCESS_APPLICATION:1]", decisions: "1 map[Negative:1]", fines: "0 map[]", withdrawn: "1 map[]"} {
		if of[name] != want {
			t.Errorf("%s of the second body: got %s, want %s", name, of[name], want)
		}
	}
	if nobody := shown(r.Of("https://three.example").Figures); nobody[decisions] != "0 map[]" || nobody["audits_of_users"] != "unknown" {
		t.Errorf("a body without cases: %v", nobody)
	}
}

func TestUnknownIsNoZero(t *testing.T) {
	t.Parallel()
	letters := map[string]bool{}
	for _, f := range counted(Period{"2029-01-01", "2030-12-31"}, nil).Figures {
		letters[f.Letter] = true
		if (f.Value == nil) != (f.Unknown != "") || f.Unit == "" || f.Value != nil && f.How == "" {
			t.Errorf("%s: value %v, unknown %q, unit %q, how %q", f.Name, f.Value, f.Unknown, f.Unit, f.How)
		}
		if f.Average != nil {
			t.Errorf("%s is an average of nothing", f.Name)
		}
	}
	for l := 'a'; l <= 'k'; l++ {
		if !letters[string(l)] {
			t.Errorf("letter (%c) is missing", l)
		}
	}
}

func TestSeveralCurrenciesAreNotAdded(t *testing.T) {
	t.Parallel()
	cases := handCounted()[:2]
	cases[1].Cards = []ehds.DecisionBody{{DecisionID: "D3", Fees: &ehds.Fees{AmountCents: 5, Currency: "SEK"}}}
	for _, f := range counted(Period{"2029-01-01", "2030-12-31"}, cases).Figures {
		if f.Name == estimates && (f.Value != nil || f.Parts["EUR"] != 12_000 || f.Parts["SEK"] != 5) {
			t.Errorf("got %+v", f)
		}
	}
}

// The day a moment has is the one of the body concerned.
func TestLocalDay(t *testing.T) {
	t.Parallel()
	east := time.FixedZone("", 3*3600)
	k := Case{Application: access.Application{Received: time.Date(2028, 12, 31, 22, 30, 0, 0, time.UTC), Tracks: []access.Track{
		{Key: ehds.Track{HDAB: one}}, {Key: ehds.Track{HDAB: two}},
	}}}
	c := &Counter{Period: Period{"2029-01-01", "2030-12-31"}, Zone: func(hdab string) *time.Location {
		if hdab == one {
			return east
		}
		return nil
	}}
	if !c.Receives(k.Application) {
		t.Error("received on New Year's Day where the first body is")
	}
	c.Case(k)
	if got := shown(c.Report().Figures)[tracks]; got != "1 map[:1]" {
		t.Errorf("got %s", got)
	}
}

// Whatever the record: bodies add up to the nation, parts to their whole, and two halves to the period.
func TestSumsHold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		cases, list := synthetic(r, 20)
		whole := counted(Period{"2029-01-01", "2030-12-31"}, cases, list...)
		cut := at("2029-01-01").AddDate(0, 0, 1+r.IntN(727))
		before := counted(Period{"2029-01-01", cut.Format(time.DateOnly)}, cases, list...)
		after := counted(Period{cut.AddDate(0, 0, 1).Format(time.DateOnly), "2030-12-31"}, cases, list...)
		var bodies [][]Figure
		for _, b := range whole.Bodies {
			bodies = append(bodies, b.Figures)
		}
		sum := func(lists ...[]Figure) map[string]string {
			t := tally{}
			for _, l := range lists {
				for _, f := range l {
					if f.Value == nil || *f.Value == 0 && f.Parts == nil {
						continue
					}
					t.add(f.Name, *f.Value)
					for p, n := range f.Parts {
						t[f.Name].parts[p] += n
					}
					if f.Over != nil {
						t[f.Name].over += *f.Over - 1
					}
				}
			}
			return shown(t.figures())
		}
		if diff := cmp.Diff(sum(whole.Figures), sum(before.Figures, after.Figures)); diff != "" {
			t.Fatalf("seed %d: the halves: %s", seed, diff)
		}
		nation, added := sum(whole.Figures), sum(bodies...)
		for _, once := range []string{applications, applicants} { // the nation counts an application once
			delete(nation, once)
			delete(added, once)
		}
		if diff := cmp.Diff(nation, added); diff != "" {
			t.Fatalf("seed %d: the bodies: %s", seed, diff)
		}
		for _, f := range whole.Figures {
			var parts int64
			for n := range maps.Values(f.Parts) {
				parts += n
			}
			if len(f.Parts) > 0 && f.Value != nil && !f.Overlap && parts != *f.Value {
				t.Fatalf("seed %d: %s is %d, its parts %v", seed, f.Name, *f.Value, f.Parts)
			}
		}
	}
}

// synthetic makes cases that need not be lawful, around the years 2029 and 2030.
func synthetic(r *rand.Rand, n int) ([]Case, []Measure) {
	day := func() time.Time { return at("2028-10-01").AddDate(0, 0, r.IntN(1000)) }
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	cases, list := make([]Case, n), []Measure{}
	for i := range cases {
		k := Case{Applicant: pick("", "legal person"), Application: access.Application{Kind: ehds.DataAccessApplication, Received: day()}}
		for j := range 1 + r.IntN(3) {
			d := access.Decision{ID: fmt.Sprint(i, j), Issued: day(), Outcome: ehds.Outcome(pick("Positive", "Negative")),
				Grant: &ehds.PermitDetail{Purposes: []string{pick("a", "b"), pick("b", "c")}}}
			k.Cards = append(k.Cards, ehds.DecisionBody{DecisionID: d.ID, Fees: &ehds.Fees{AmountCents: int64(r.IntN(9)), Currency: "EUR"}})
			start := day()
			k.Application.Tracks = append(k.Application.Tracks, access.Track{
				Key: ehds.Track{HDAB: pick(one, two)}, Decision: &d,
				Clocks: []access.Clock{
					{Kind: access.ClockDecision, State: access.ClockMet, Start: start, End: start.AddDate(0, 3, 0)},
					{Kind: access.ClockDelivery, State: access.ClockState(pick("MET", "LATE", "RUNNING", "VOID")), LastDay: day().Format(time.DateOnly)},
				},
				Permits: []access.PermitVersion{{Issued: day()}, {Previous: "x", Issued: day()}},
				History: []access.Step{
					{At: day(), Axis: ehds.Axis(ehds.SideSPE), To: string(ehds.SideAvailable)},
					{At: day(), Axis: ehds.AxisApplication, To: string(ehds.StateWithdrawn)},
				},
			})
		}
		k.Results = []Result{{HDAB: one, At: day()}}
		cases[i] = k
		list = append(list, Measure{HDAB: pick("", one), EnforcementBody: ehds.EnforcementBody{Measure: pick(ehds.MeasureFine, ehds.MeasureExclusionUser), From: day().Format(time.DateOnly)}})
	}
	return cases, list
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	now := at("2031-03-01")
	for name, c := range map[string]struct{ from, to, wantFrom, wantTo string }{
		"the two years that ended last": {"", "", "2029-01-01", "2030-12-31"},
		"from a day":                    {"2027-03-26", "", "2027-03-26", "2029-03-25"},
		"up to a day":                   {"", "2028-12-31", "2027-01-01", "2028-12-31"},
		"any":                           {"2029-02-01", "2029-02-28", "2029-02-01", "2029-02-28"},
		"backwards":                     {"2029-02-01", "2029-01-31", "", ""},
		"no day":                        {"2029-02-30", "", "", ""},
		"nor the last":                  {"", "soon", "", ""},
	} {
		got, err := NewPeriod(c.from, c.to, now)
		if (err != nil) != (c.wantFrom == "") || got != (Period{c.wantFrom, c.wantTo}) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

// BenchmarkCount reads ten thousand synthetic cases and counts the same again with a period that has none of
// them: "looks" is what a case that counts costs, in cases that do not.
func BenchmarkCount(b *testing.B) {
	cases, _ := synthetic(rand.New(rand.NewPCG(1, 2)), 10_000)
	start := time.Now()
	counted(Period{"1999-01-01", "2000-12-31"}, cases)
	none := time.Since(start)
	for b.Loop() {
		counted(Period{"2029-01-01", "2030-12-31"}, cases)
	}
	per := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(per)/float64(none), "looks")
	b.ReportMetric(float64(per.Microseconds())/10_000, "µs/case")
}
