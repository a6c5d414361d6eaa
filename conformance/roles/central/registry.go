package central

import "github.com/ehdsgw/ehdsgw/gateway/ehds"

// maxPermitBytes bounds the permits of one answer, in bytes; the rest is named without the permit itself.
const maxPermitBytes = 512 << 10

// permitsAsked handles permit.query (ext-1, TEHDAS2 D6.4 R11.0.1): the permits of an application, for a
// nation that it was sent to. A permit itself goes back to the nation it came from only.
func (h *handling) permitsAsked() []ehds.Finding {
	var b ehds.PermitQueryBody
	if f := h.body(&b); f != nil {
		return f
	}
	a := h.forwarded()
	if a == nil {
		return unknownCase()
	}
	if b.ApplicationID != a.ID {
		return violation("/body/application_id", "case-mismatch", "application_id and case name different applications")
	}
	size := 0
	for _, t := range a.Tracks {
		for _, p := range t.Permits {
			known := ehds.RegisteredPermit{Track: t.Track, Nation: t.Nation, PermitID: p.ID, Status: p.Status}
			if t.Nation == h.nation && size+len(p.Token) <= maxPermitBytes {
				size += len(p.Token)
				known.Permit = p.Token
			}
			h.known = append(h.known, known)
		}
	}
	h.record(a, nil, step{What: string(h.env.Type)})
	return nil
}
