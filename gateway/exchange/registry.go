package exchange

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Registry is what the centre knows of the permits of an application (permit.query, profile ext-1;
// TEHDAS2 D6.4 R11.0.1). It moves nothing here. It shows what the other nations granted, and what a
// record restored from a backup no longer knows.
type Registry struct {
	Waiting string       `json:"waiting,omitempty"` // id of the question whose answer is due
	Asked   time.Time    `json:"asked"`
	At      time.Time    `json:"at,omitzero"`       // of the answer
	Message string       `json:"message,omitempty"` // id of the answer, which carries our own permits whole
	Refused string       `json:"refused,omitempty"` // code of the centre's first finding
	Permits []Registered `json:"permits,omitempty"`
}

// Registered is a permit version as the centre knows it, with the digest of the permit where it told it.
type Registered struct {
	Track    ehds.Track             `json:"track"`
	Nation   string                 `json:"nation"`
	PermitID string                 `json:"permit_id"`
	Status   ehds.PermitStatusValue `json:"status"`
	SHA256   string                 `json:"sha256,omitempty"` // of the token, lower-case hex
}

// Difference is where the centre's registry and our record disagree about a permit of ours.
type Difference struct {
	PermitID string `json:"permit_id"`
	Code     string `json:"code"` // one of the codes below
	Ours     string `json:"ours,omitempty"`
	Theirs   string `json:"theirs,omitempty"`
}

// Codes of differences.
const (
	DifferenceNotThere = "not-at-centre"  // we issued it; the centre does not know it
	DifferenceNotHere  = "not-on-record"  // the centre has it from us; our record does not
	DifferenceStatus   = "status-differs" // of the newest version, the only one whose status is told
	DifferenceToken    = "permit-differs" // the same name for two different permits
)

// AskPermits is the question to the centre, and the case as it waits for the answer.
func (a *Applications) AskPermits(s store.State) (store.Change, string, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, "", errUnknownCase()
	}
	if a.Compose.across(doc.Counterpart) {
		return store.Change{}, "", fault.New(fault.Conflict, "not-at-centre", "another hub filed this application here; the centre does not know it")
	}
	row := a.Compose.Message(Draft{To: doc.Counterpart, Type: ehds.PermitQuery, Case: s.Case, Body: ehds.PermitQueryBody{ApplicationID: doc.Application.ID}})
	doc.Registry = &Registry{Waiting: row.Jti, Asked: s.Now}
	return store.Change{Doc: mustJSON(doc), Send: []store.Outgoing{row}}, row.Jti, nil
}

// permitsTold keeps the centre's answer to the question that waits. An answer to an older question changes
// nothing.
func (a *Applications) permitsTold(h *Handling) []ehds.Finding {
	var b ehds.PermitQueryResponse
	var doc ApplicationDoc
	if f := h.Body(&b); f != nil {
		return f
	}
	if f := h.application(&doc); f != nil {
		return f
	}
	r := doc.Registry
	if r == nil || r.Waiting != h.Env.Ref {
		return nil
	}
	r.Waiting, r.At, r.Message = "", h.Now, h.Env.Jti
	if b.Result != ehds.Validated {
		r.Refused = "not-validated"
		if len(b.Findings) > 0 {
			r.Refused = safeCode(b.Findings[0].Code)
		}
	}
	for _, p := range b.Permits {
		known := Registered{Track: p.Track, Nation: p.Nation, PermitID: p.PermitID, Status: p.Status}
		if p.Permit != "" {
			known.SHA256 = sha256Hex(p.Permit)
		}
		r.Permits = append(r.Permits, known)
	}
	if len(doc.RegistryDifferences(nil)) > 0 {
		doc.Flags = append(doc.Flags, Flag{At: h.Now, Code: "permits-differ", Note: h.Env.Jti})
	}
	h.Doc = mustJSON(doc)
	return nil
}

// RegistryDifferences compares the centre's answer with the case, track by track of our own. token gives a
// permit of the record, "" for one that is not there; nil compares no tokens.
func (d ApplicationDoc) RegistryDifferences(token func(permitID string) string) []Difference {
	r := d.Registry
	if r == nil || r.At.IsZero() || r.Refused != "" {
		return nil
	}
	theirs := map[string]Registered{}
	for _, p := range r.Permits {
		theirs[p.PermitID] = p
	}
	var out []Difference
	ours := map[string]bool{}
	for _, t := range d.Application.Tracks {
		for i, v := range t.Permits {
			ours[v.ID] = true
			p, ok := theirs[v.ID]
			status := v.Phase.Export()
			switch {
			case !ok:
				out = append(out, Difference{PermitID: v.ID, Code: DifferenceNotThere, Ours: string(status)})
				continue
			case i == len(t.Permits)-1 && p.Status != status:
				out = append(out, Difference{PermitID: v.ID, Code: DifferenceStatus, Ours: string(status), Theirs: string(p.Status)})
			}
			if token == nil || p.SHA256 == "" {
				continue
			}
			if here := sha256Hex(token(v.ID)); here != p.SHA256 {
				out = append(out, Difference{PermitID: v.ID, Code: DifferenceToken, Ours: here, Theirs: p.SHA256})
			}
		}
	}
	for _, p := range r.Permits {
		if _, our := d.Application.Track(p.Track); our && !ours[p.PermitID] {
			out = append(out, Difference{PermitID: p.PermitID, Code: DifferenceNotHere, Theirs: string(p.Status)})
		}
	}
	return out
}
