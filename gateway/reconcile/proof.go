package reconcile

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Proof is what is handed to auditors: the report, and the evidence bundle of its case when the
// comparison was made in messages.
type Proof struct {
	Report   Report          `json:"report"`
	Evidence json.RawMessage `json:"evidence,omitempty"`
}

// ErrProof is returned when the messages of a proof do not say what its report says.
var ErrProof = errors.New("the messages do not bear the report out")

// Check compares a report with the messages of its case, whose signatures have been verified: our
// questions state our root, the centre's answers theirs, and what the report says the centre shows is
// in the answers. entity is the gateway's.
func (p Proof) Check(entity string, messages []ehds.Envelope) error {
	r := p.Report
	questions := map[string]bool{}
	var answers []ehds.CatalogueDigestAnswer
	for _, m := range messages {
		if m.Case != r.Case {
			return fmt.Errorf("%w: a message of another case", ErrProof)
		}
		switch m.Type {
		case ehds.CatalogueDigest:
			var b ehds.CatalogueDigestBody
			if json.Unmarshal(m.Body, &b) != nil || m.Iss != entity || m.Aud != r.Centre || (Side{b.Count, b.Root}) != r.Ours {
				return fmt.Errorf("%w: a question states another catalogue", ErrProof)
			}
			questions[m.Jti] = true
		case ehds.CatalogueDigest.Response():
			var b ehds.CatalogueDigestResponse
			if json.Unmarshal(m.Body, &b) != nil || m.Iss != r.Centre || !questions[m.Ref] || b.Catalogue == nil {
				return fmt.Errorf("%w: an answer to no question", ErrProof)
			}
			answers = append(answers, *b.Catalogue)
		}
	}
	if len(answers) == 0 {
		return fmt.Errorf("%w: there is no answer", ErrProof)
	}
	return r.bornOut(answers)
}

// bornOut says whether answers show what the report says of the centre.
func (r Report) bornOut(answers []ehds.CatalogueDigestAnswer) error {
	count, root, entries, err := digest.Shown(answers)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if (Side{count, root.String()}) != r.Theirs || r.Equal != (r.Ours == r.Theirs) || r.Equal != (len(r.Differences) == 0) {
		return fmt.Errorf("%w: the answers show another catalogue", ErrProof)
	}
	shown := make(map[string]string, len(entries))
	for _, e := range entries {
		shown[e.Identifier] = e.Digest.String()
	}
	for _, d := range r.Differences {
		if shown[d.Identifier] != d.Theirs {
			return fmt.Errorf("%w: dataset %q is not shown as the report says", ErrProof, d.Identifier)
		}
	}
	return nil
}

// Messages are the questions and answers of a bundle, in its order. Their signatures are the bundle's
// to verify (evidence.VerifyBundle): here they are only read.
func Messages(b evidence.Bundle) ([]ehds.Envelope, error) {
	var out []ehds.Envelope
	for _, e := range b.Entries {
		if e.Class != evidence.ClassOut && e.Class != evidence.ClassResponse {
			continue
		}
		t, err := trust.ReadSigned([]byte(e.Token), jose.ParseOptions{Typ: []string{ehds.TypMessage}, Algs: jose.ProfileAlgs()})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProof, err)
		}
		var m ehds.Envelope
		if err := json.Unmarshal(t.Payload(), &m); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrProof, err)
		}
		out = append(out, m)
	}
	return out, nil
}
