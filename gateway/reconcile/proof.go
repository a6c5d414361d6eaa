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
// questions state our root, the centre's answers theirs, and what the report says the centre shows, or
// does not show, is in the answers, and with the differences listed, no fewer and no others, the centre's
// root becomes ours, wherever the answers tell that (digest.Showing.Other). entity is the gateway's.
func (p Proof) Check(entity string, messages []ehds.Envelope) error {
	r := p.Report
	if r.Centre == entity {
		return fmt.Errorf("%w: the gateway answers itself", ErrProof)
	}
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
			if json.Unmarshal(m.Body, &b) != nil || m.Iss != r.Centre || !questions[m.Ref] || b.Result != ehds.Validated || b.Catalogue == nil {
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
	shown, err := digest.Shown(answers)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	if (Side{shown.Count, shown.Root.String()}) != r.Theirs || r.Equal != (r.Ours == r.Theirs) || r.Equal != (len(r.Differences) == 0) {
		return fmt.Errorf("%w: the answers show another catalogue", ErrProof)
	}
	digests := make(map[string]string, len(shown.Entries))
	for _, e := range shown.Entries {
		digests[e.Identifier] = e.Digest.String()
	}
	counts, told := map[digest.Kind]int{}, map[string]bool{}
	found := make([]digest.Difference, 0, len(r.Differences))
	for _, d := range r.Differences {
		if digests[d.Identifier] != d.Theirs || !shown.Covers(d.Identifier) {
			return fmt.Errorf("%w: dataset %q is not shown as the report says", ErrProof, d.Identifier)
		}
		if d.kind() != d.Kind || told[d.Identifier] {
			return fmt.Errorf("%w: dataset %q is not what the report calls it", ErrProof, d.Identifier)
		}
		ours, err := digest.ParseSum(d.Ours)
		if err != nil && d.Kind != digest.Orphan {
			return fmt.Errorf("%w: dataset %q: %w", ErrProof, d.Identifier, err)
		}
		found = append(found, digest.Difference{Kind: d.Kind, Identifier: d.Identifier, Ours: ours})
		counts[d.Kind]++
		told[d.Identifier] = true
	}
	if r.Missing != counts[digest.Missing] || r.Stale != counts[digest.Stale] || r.Orphan != counts[digest.Orphan] {
		return fmt.Errorf("%w: the report counts other differences than it lists", ErrProof)
	}
	count, root, known := shown.Other(found)
	if r.Ours.Count-r.Missing != r.Theirs.Count-r.Orphan || known && (Side{count, root.String()}) != r.Ours {
		return fmt.Errorf("%w: the differences do not make the one catalogue of the other", ErrProof)
	}
	return nil
}

// kind is what the digests of a difference say it is; empty when they are no difference.
func (d Difference) kind() digest.Kind {
	switch {
	case d.Ours == d.Theirs:
		return ""
	case d.Theirs == "":
		return digest.Missing
	case d.Ours == "":
		return digest.Orphan
	}
	return digest.Stale
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
