package evidence

import "fmt"

// receipts checks the listed receipts and every receipt that is only an entry.
func (v *verification) receipts() {
	for i, r := range v.bundle.Receipts {
		where := fmt.Sprintf("receipts[%d]", i)
		v.report.Counts.Receipts++
		v.seen[r.Receipt] = true
		v.receipt(where, r.TokenSHA256, r.Receipt, r.Receipt, 1)
	}
	for i, e := range v.bundle.Entries {
		if e.Class != ClassReceipt || e.Token == "" || v.seen[e.Token] {
			continue
		}
		v.report.Counts.Receipts++
		v.receipt(fmt.Sprintf("entries[%d]", i), "", e.Token, e.Token, 1)
	}
}

// receipt checks one peer receipt: signature, the token it is about, and its evidence in the peer's
// log. A DUPLICATE carries no evidence of its own but the first receipt, verbatim, which is checked
// instead; nested counts how often that may be followed.
func (v *verification) receipt(where, listed, receipt, logged string, nested int) {
	claims, ok := v.signature(where, receipt, logged, typReceipt)
	if !ok {
		return
	}
	if claims.Aud != v.bundle.Entity {
		v.report.add(SeverityError, "party-differs", where, "the receipt is not addressed to the bundle's entity")
	}
	if listed != "" && claims.TokenSHA256 != listed {
		v.report.add(SeverityError, "receipt-differs", where, "the receipt is about another token than listed")
		return
	}
	sent, ok := v.tokens[claims.TokenSHA256]
	switch {
	case !ok && v.report.Counts.Erased > 0:
		v.report.add(SeverityUnknown, "receipt-dangling", where, "the token it is about may have been erased")
		return
	case !ok:
		v.report.add(SeverityError, "receipt-dangling", where, "the token it is about is not in the bundle")
		return
	case !sent.outgoing || sent.checked && sent.claims.Aud != claims.Iss:
		v.report.add(SeverityError, "receipt-party", where, "the token was not sent to the receipt's issuer")
		return
	}
	if claims.Original != "" && claims.Status == "DUPLICATE" {
		if nested == 0 {
			v.report.add(SeverityError, "receipt-nested", where, "a duplicate of a duplicate")
			return
		}
		v.receipt(where+".original", "", claims.Original, logged, nested-1)
		return
	}
	v.peerEvidence(where, claims, v.bundle.Entries[sent.entry].Token)
}

// peerEvidence checks the receiver's leaf over our token in the receiver's own log.
func (v *verification) peerEvidence(where string, claims tokenClaims, token string) {
	e := claims.Evidence
	if e == nil {
		v.report.add(SeverityUnknown, "receipt-no-evidence", where, "the receipt proves no entry in the peer's log")
		return
	}
	class, _, err := ParseLeaf([]byte(e.Leaf))
	if err != nil {
		v.report.addErr(where, err)
		return
	}
	switch class {
	case ClassIn, ClassResponse, ClassReceipt, ClassRefused:
	default:
		v.report.add(SeverityError, "class-differs", where, "the peer's leaf is not about something received")
		return
	}
	if err := e.matches(class, []byte(token)); err != nil {
		v.report.addErr(where, err)
		return
	}
	v.prove(where, claims.Iss, e.Leaf, e.Proof)
}
