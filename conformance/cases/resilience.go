package cases

import (
	c "github.com/ehdsgw/ehdsgw/conformance"
)

// resilience are the cases of group RESILIENCE: power cuts, neighbours that are away or talk nonsense, and
// clients that take what is there for all.
func resilience() []c.Case {
	restart, alone := []c.Need{c.NeedRestart}, []c.Need{c.NeedAlone}
	common := c.Case{Level: c.Must, Profiles: []c.Profile{c.Resilience}}
	return group(common,
		c.Case{
			ID: "EHG-RESILIENCE-001", Title: "What was receipted is there after a power cut", Polarity: c.Positive, Needs: restart,
			Why:     "A receipt that comes before the message is on disk makes the sender forget what nobody has.",
			Clauses: []string{"wire §4", "wire §3"}, Mend: "Commit message and receipt in one transaction, synced, before the answer.",
			Run: cutAfterReceipt,
		},
		c.Case{
			ID: "EHG-RESILIENCE-002", Title: "What waits for the centre survives a power cut and is delivered once", Polarity: c.Positive, Needs: restart,
			Why:     "An outbox in memory loses acknowledgements; one that draws new identifiers delivers them twice.",
			Clauses: []string{"wire §3", "wire §4"}, Mend: "Keep the claims with jti and seq in the outbox row; sign each attempt.",
			Run: cutWhileWaiting,
		},
		c.Case{
			ID: "EHG-RESILIENCE-003", Title: "SIGTERM under load keeps what was acknowledged and ends with exit code 0", Polarity: c.Positive, Needs: restart,
			Why:     "Every update of a gateway is such a stop; one that loses messages loses them every month.",
			Clauses: []string{"wire §4"}, Mend: "Stop listening, finish what is under way, then close the record.",
			Run: stoppedUnderLoad,
		},
		c.Case{
			ID: "EHG-RESILIENCE-004", Title: "A centre that drops connections gets everything once and in order when it is back", Polarity: c.Positive, Needs: alone,
			Why:     "The centre will be away; what was owed meanwhile must neither be lost nor arrive out of order.",
			Clauses: []string{"wire §3", "wire §4"}, Run: centreAway,
		},
		c.Case{
			ID: "EHG-RESILIENCE-005", Title: "Retry-After of a 503 is honoured", Polarity: c.Negative, Needs: alone,
			Why:     "A centre that recovers is pressed down again by senders that do not wait as they are told.",
			Clauses: []string{"wire §5", "RFC 9110 §10.2.3"}, Run: retryAfter,
		},
		c.Case{
			ID: "EHG-RESILIENCE-006", Title: "A message the centre hangs on does not hold up others", Polarity: c.Negative, Needs: alone,
			Why:     "One request that hangs must not be the end of all exchange.",
			Clauses: []string{"wire §4"}, Mend: "Bound the attempts a neighbour can hold, and give each a deadline.", Run: centreHangs,
		},
		c.Case{
			ID: "EHG-RESILIENCE-007", Title: "When an answer is lost, the same message comes again", Polarity: c.Positive, Needs: alone,
			Why:     "A sender that makes a new message of it files everything twice.",
			Clauses: []string{"wire §3"}, Mend: "Only iat and exp change from attempt to attempt.", Run: answersLost,
		},
		c.Case{
			ID: "EHG-RESILIENCE-008", Title: "A receipt whose signature does not hold is not believed", Polarity: c.Negative, Needs: alone,
			Why:     "Whoever can answer in the centre's place could make messages vanish.",
			Clauses: []string{"wire §4"}, Run: spoilt(badSignatures()),
		},
		c.Case{
			ID: "EHG-RESILIENCE-009", Title: "A receipt of another message is not believed", Polarity: c.Negative, Needs: alone,
			Why:     "A mixed-up answer would pass for the proof that this message was stored.",
			Clauses: []string{"wire §4"}, Run: spoilt(wrongReceipts()),
		},
		c.Case{
			ID: "EHG-RESILIENCE-010", Title: "Answers that are no receipts are bounded and not believed", Polarity: c.Negative, Needs: alone,
			Why:     "A proxy's page with status 200 is no receipt, and one without an end must not fill the memory.",
			Clauses: []string{"wire §4", "wire §5"}, Run: spoilt(nonsense()),
		},
		c.Case{
			ID: "EHG-RESILIENCE-011", Title: "A catalogue source that is away stops no exchange and unpublishes nothing", Polarity: c.Negative, Needs: alone,
			Why:     "An outage of the national catalogue would empty the European one.",
			Clauses: []string{"wire §4", "D7.3 §5.2 use case 3"}, Mend: "What cannot be read is not what is gone.", Run: catalogueAway,
		},
		c.Case{
			ID: "EHG-RESILIENCE-012", Title: "While the anchor is away, known neighbours go on", Polarity: c.Positive, Needs: alone,
			Why:     "The anchor is asked every few minutes; its outage must not be everybody's.",
			Clauses: []string{"wire §1"}, Mend: "The last answer about a mark may be used for an hour.", Run: anchorAway,
		},
		c.Case{
			ID: "EHG-RESILIENCE-013", Title: "Clients that never finish a request block no others", Polarity: c.Negative, Needs: alone,
			Why:     "A few hundred slow connections would take a nation off the network.",
			Clauses: []string{"wire §5"}, Mend: "Take a slot when the message is read, and bound the time of reading.", Run: dripping,
		},
		c.Case{
			ID: "EHG-RESILIENCE-014", Title: "Two hundred idle connections block no others", Polarity: c.Negative, Needs: alone,
			Why:     "Neighbours keep connections open; each must cost next to nothing.",
			Clauses: []string{"wire §5"}, Run: idling,
		},
		c.Case{
			ID: "EHG-RESILIENCE-015", Title: "One noisy hub does not starve another", Polarity: c.Negative, Needs: alone,
			Why:     "A neighbour with a broken loop would stop the centre's messages.",
			Clauses: []string{"wire §5"}, Mend: "Bound what one sender may have under way.", Run: noisy,
		},
	)
}
