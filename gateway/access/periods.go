package access

import "github.com/ehdsgw/ehdsgw/gateway/ehds"

// Statutory is one row of the table of periods: what the law gives how much time for.
type Statutory struct {
	Kind   ClockKind
	Starts string // the event whose day is not counted
	Stops  string // the act that meets it
	Length Period
	// Accelerated is the length in the accelerated procedure (Art. 68(6)); zero means the same.
	Accelerated Period
	// More is what an extension adds, zero where the law knows none; MoreAccelerated the same in the
	// accelerated procedure.
	More, MoreAccelerated Period
	Effect                string // what happens when it runs out
	// Automatic says that the effect happens by itself. Otherwise the duty stays: the clock shows as
	// overdue until the act, and staff are flagged.
	Automatic bool
	Source    string // the article
}

// Periods is the table of all clocks of a track (Regulation (EU) 2025/327 chapter IV; TEHDAS2 D6.4
// §8). The yearly check of a dataset's description (Art. 60(3)) belongs to the catalogue and is
// counted there.
func Periods() []Statutory {
	return append(periodsUntilDecision(), periodsAfterDecision()...)
}

func periodsUntilDecision() []Statutory {
	return []Statutory{
		{Kind: ClockDecision, Starts: "receipt of the complete application by the national side; again in full at the receipt of what was asked for",
			Stops: "the decision", Length: Period{Months: 3}, More: Period{Months: 3},
			Accelerated: Period{Months: 2}, MoreAccelerated: Period{Months: 1}, Effect: "staff are told", Source: "Art. 68(4), 68(6), 69"},
		{Kind: ClockCompletion, Starts: "the information request", Stops: "the applicant's answer or a new version",
			Length: Period{Days: 28}, Effect: "the application is withdrawn", Automatic: true, Source: "Art. 68(4)"},
		{Kind: ClockAssessment, Starts: "forwarding to the trusted data holder", Stops: "its proposal",
			Length: Period{Months: 2}, Effect: "staff are told", Source: "Art. 72"},
		{Kind: ClockProposal, Starts: "the trusted data holder's proposal", Stops: "the decision",
			Length: Period{Months: 2}, Effect: "staff are told", Source: "Art. 72"},
		{Kind: ClockAnswer, Starts: "the positive decision", Stops: "the applicant's answer",
			Length: Period{Days: 28}, Effect: "the application is withdrawn", Automatic: true, Source: "TEHDAS2 D6.4 §8"},
		{Kind: ClockPublication, Starts: "the decision", Stops: "its entry in the public register",
			Length: Period{WorkingDays: 30}, Effect: "staff are told", Source: "Art. 57(1)(j)"},
	}
}

func periodsAfterDecision() []Statutory {
	return []Statutory{
		{Kind: ClockDataAnswer, Starts: "the approval of a data request", Stops: "the answer",
			Length: Period{Months: 3}, Effect: "staff are told", Source: "Art. 69(4)"},
		{Kind: ClockFees, Starts: "the permit, while fees are not agreed", Stops: "the agreement",
			Length: Period{Months: 1}, Effect: "staff are told: the body may set the fees", Source: "Art. 62"},
		{Kind: ClockDelivery, Starts: "the body's request to the data holder", Stops: "the delivery",
			Length: Period{Months: 3}, More: Period{Months: 3}, Effect: "staff are told", Source: "Art. 60"},
		{Kind: ClockSPE, Starts: "receipt of the data from the holder", Stops: "the user's access in the environment",
			Length: Period{Months: 2}, Effect: "staff are told", Source: "Art. 68(7)"},
		{Kind: ClockPermit, Starts: "the start of the permit's newest version", Stops: "revocation",
			Effect: "the permit expires; it says itself when, ten years at most, renewed once for ten at most", Automatic: true, Source: "Art. 68(10)(e), 68(12)"},
		{Kind: ClockDeletion, Starts: "the end of the permit", Stops: "deletion of the data in the environment",
			Length: Period{Months: 6}, Effect: "staff are told", Source: "Art. 68(12)"},
		{Kind: ClockResults, Starts: "the end of the processing, or the answer to a data request", Stops: "the publication of the results",
			Length: Period{Months: 18}, Effect: "staff are told", Source: "Art. 61(4)"},
		{Kind: ClockHearing, Starts: "the body's notice of its findings", Stops: "the views of user or holder",
			Length: Period{Days: 28}, Effect: "staff are told: the body may go on", Source: "Art. 63"},
	}
}

// row finds the row of a kind.
func (k ClockKind) row() (Statutory, bool) {
	for _, s := range Periods() {
		if s.Kind == k {
			return s, true
		}
	}
	return Statutory{}, false
}

// Automatic says whether the end of the clock has an effect by itself.
func (k ClockKind) Automatic() bool {
	s, _ := k.row()
	return s.Automatic
}

// Length is the length of a kind of clock under a procedure, extended or not. It is zero for the
// duration of a permit, which the permit itself says, and for an unknown kind.
func Length(kind ClockKind, proc ehds.Procedure, extended bool) Period {
	s, ok := kind.row()
	if !ok {
		return Period{}
	}
	p, more := s.Length, s.More
	if proc == ehds.ProcedureAccelerated && s.Accelerated != (Period{}) {
		p, more = s.Accelerated, s.MoreAccelerated
	}
	if extended {
		p.Months, p.Days, p.WorkingDays = p.Months+more.Months, p.Days+more.Days, p.WorkingDays+more.WorkingDays
	}
	return p
}
