package cases

import (
	c "github.com/ehdsgw/ehdsgw/conformance"
)

// privacy are the cases of group PRIVACY: canary strings go through the target and must not surface where
// they have no business.
func privacy() []c.Case {
	log, both := []c.Need{c.NeedOutput, c.NeedDispatcher}, []c.Need{c.NeedDispatcher}
	common := c.Case{Level: c.Must, Profiles: []c.Profile{c.Privacy}, Mend: "Log identifiers, codes and counts; never what was said."}
	return group(common,
		c.Case{
			ID: "EHG-PRIVACY-001", Title: "Nothing of an application is in the log, however talkative", Polarity: c.Negative, Needs: log,
			Why:     "Logs are read by people and machines that may not read applications.",
			Clauses: []string{"wire §3"}, Run: logSilent,
		},
		c.Case{
			ID: "EHG-PRIVACY-002", Title: "Refusals do not repeat what was refused", Polarity: c.Negative,
			Why:     "Problem details end up in logs of proxies and senders.",
			Clauses: []string{"wire §3", "RFC 9457 §3.1.4"}, Mend: "Name the rule and the place, not the value.", Run: refusalsSilent,
		},
		c.Case{
			ID: "EHG-PRIVACY-003", Title: "Metadata, health and metrics name nobody", Polarity: c.Negative, Needs: both,
			Why:     "Metrics leave the machine for systems nobody thinks of when data protection is discussed.",
			Clauses: []string{"wire §3"}, Mend: "Labels of metrics come from closed sets.", Run: pagesSilent,
		},
		c.Case{
			ID: "EHG-PRIVACY-004", Title: "No address the target asks for carries content", Polarity: c.Negative, Needs: both,
			Why:     "Addresses stand in the access logs of everybody on the way.",
			Clauses: []string{"wire §3"}, Run: addressesSilent,
		},
		c.Case{
			ID: "EHG-PRIVACY-005", Title: "Hubs that are not concerned hear nothing", Polarity: c.Negative, Needs: both,
			Why:     "A message sent to one hub too many is a breach that cannot be taken back.",
			Clauses: []string{"wire §3", "D7.3 §5.2 use case 4"}, Run: neighboursHearNothing,
		},
		c.Case{
			ID: "EHG-PRIVACY-006", Title: "The public register names no person", Polarity: c.Negative,
			Why:     "The law asks to publish who may use which data for what, not who works there.",
			Clauses: []string{"Art. 57(1)(j)", "Art. 58"}, Run: registerNamesNobody,
		},
		c.Case{
			ID: "EHG-PRIVACY-007", Title: "The state folder holds nothing of an application in clear", Polarity: c.Negative,
			Needs:   []c.Need{c.NeedOutput, c.NeedDispatcher, c.NeedAlone},
			Why:     "Disks are replaced, copied and sold.",
			Clauses: []string{"R16.0.1"}, Mend: "Encrypt records and attachments under a key of the case.", Run: stateUnreadable,
		},
		c.Case{
			ID: "EHG-PRIVACY-008", Title: "National identifiers are in the log as keyed hash only", Polarity: c.Negative, Needs: []c.Need{c.NeedOutput},
			Why:     "A national number of an application may lead to the person who filed it.",
			Clauses: []string{"wire §3"}, Mend: "Log nat: cases as a keyed hash.", Run: nationalIDsHashed,
		},
		c.Case{
			ID: "EHG-PRIVACY-009", Title: "Keys of the national interface surface nowhere", Polarity: c.Negative,
			Needs:   []c.Need{c.NeedOutput, c.NeedDispatcher, c.NeedAlone},
			Why:     "Who reads a key in a log decides about applications.",
			Clauses: []string{"R16.0.1"}, Mend: "Keep a digest of the key, and log no header.", Run: keysHidden,
		},
	)
}
