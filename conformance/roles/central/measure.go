package central

import (
	"maps"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// measureTaken handles enforcement.record. A measure of Art. 63 against a health data user is told to the
// other nations, with its origin (Art. 63(6)). Those against data holders, and fines, are only kept: other
// bodies learn of them by the common tool (Art. 63(7)), which is no message.
//
// Modelled: TEHDAS2 D7.3 has the message from a nation to the centre, and does not say how the centre tells
// the others. A nation that is heard of later is not told of what was before.
func (h *handling) measureTaken() []ehds.Finding {
	if f := h.ownCase(); f != nil {
		return f
	}
	var b ehds.EnforcementBody
	if f := h.body(&b); f != nil {
		return f
	}
	if id, _ := ehds.ParseCaseID(h.env.Case); id.ID != b.ID {
		return violation("/body/id", "case-mismatch", "id and case name different measures")
	}
	if !ehds.ToldOtherBodies(b.Measure) {
		return nil
	}
	for _, n := range slices.Sorted(maps.Keys(h.c.state.nations)) {
		if n == h.nation {
			continue
		}
		h.queue(draft{to: h.c.state.nations[n], typ: ehds.EnforcementRecord, caseID: h.env.Case, body: h.env.Body, origin: h.origin()})
	}
	return nil
}
