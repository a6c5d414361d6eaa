package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// Types of the attestation.
const (
	TypAttestation = "ehds-conformance+jwt" // of the JWS around the in-toto statement
	statementType  = "https://in-toto.io/Statement/v1"
	predicateType  = "https://in-toto.io/attestation/test-result/v0.1"
)

// ErrAttestation means that a run cannot be attested, or that an attestation does not hold.
var ErrAttestation = errors.New("report: attestation")

// statement is an in-toto Statement v1.
type statement struct {
	Type          string     `json:"_type"`
	Subject       []resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     testResult `json:"predicate"`
}

// resource is an in-toto ResourceDescriptor.
type resource struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// testResult is the predicate test-result v0.1, with what a reader has to know of the tester's word.
type testResult struct {
	Result        string     `json:"result"` // PASSED | WARNED | FAILED
	Configuration []resource `json:"configuration"`
	PassedTests   []string   `json:"passedTests"`
	WarnedTests   []string   `json:"warnedTests"`
	FailedTests   []string   `json:"failedTests"`
	// Extensions, as the in-toto parsing rules allow.
	Standing string              `json:"ehds_standing"`
	Verdict  conformance.Verdict `json:"ehds_verdict"`
	RunID    string              `json:"ehds_run_id"`
	Report   string              `json:"ehds_report_sha256"` // of the report's canonical JSON (RFC 8785)
}

// stated makes the statement of a report.
func stated(r conformance.Report) (statement, error) {
	implementation, ok := strings.CutPrefix(r.Target.About.Digest, "sha256:")
	manifest, is := strings.CutPrefix(r.Suite.Manifest, "sha256:")
	switch {
	case !r.Attestable:
		return statement{}, fmt.Errorf("%w: the run is not attestable: %s", ErrAttestation, strings.Join(r.Why, "; "))
	case !ok || !is:
		return statement{}, fmt.Errorf("%w: the target announced no digest of its program", ErrAttestation)
	}
	digest, err := Digest(r)
	if err != nil {
		return statement{}, err
	}
	p := testResult{
		Result: "FAILED", PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}, Standing: r.Standing, Verdict: r.Verdict, RunID: r.RunID, Report: digest,
		Configuration: []resource{{Name: "ehds-conformance-suite " + r.Suite.Version, Digest: map[string]string{"sha256": manifest}}},
	}
	for _, res := range r.Results {
		switch res.Outcome {
		case conformance.Pass:
			p.PassedTests = append(p.PassedTests, res.ID)
		case conformance.Warn:
			p.WarnedTests = append(p.WarnedTests, res.ID)
		case conformance.Fail, conformance.Err:
			p.FailedTests = append(p.FailedTests, res.ID)
		}
	}
	switch {
	case r.Verdict != conformance.Conformant: // stays FAILED: nothing short of all is called passed
	case len(p.WarnedTests) > 0:
		p.Result = "WARNED"
	default:
		p.Result = "PASSED"
	}
	return statement{
		Type: statementType, PredicateType: predicateType, Predicate: p,
		Subject: []resource{{Name: r.Target.About.Name + " " + r.Target.About.Version, Digest: map[string]string{"sha256": implementation}}},
	}, nil
}

// Digest is the hex SHA-256 over a report's RFC 8785 form.
func Digest(r conformance.Report) (string, error) {
	raw, err := json.Marshal(whole(r))
	if err != nil {
		return "", err
	}
	canonical, err := forge.Canonical(raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrAttestation, err)
	}
	return forge.SHA256Hex(canonical), nil
}

// whole leaves out figures, the one place of a report with fractions, which RFC 8785's integers here do not
// cover: they decide nothing.
func whole(r conformance.Report) conformance.Report {
	results := make([]conformance.Result, len(r.Results))
	copy(results, r.Results)
	for i := range results {
		results[i].Figures = nil
	}
	r.Results = results
	return r
}

// Attest signs what a run found. Whoever reads it knows the key's thumbprint, and decides what it is worth.
func Attest(r conformance.Report, key *forge.Key) (string, error) {
	s, err := stated(r)
	if err != nil {
		return "", err
	}
	return forge.Sign(key, TypAttestation, s)
}

// CheckAttestation holds an attestation against its report and the key it should be signed with.
func CheckAttestation(token string, r conformance.Report, keys forge.JWKS) error {
	t, err := forge.Parse(token, TypAttestation)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAttestation, err)
	}
	if err := t.Verify(keys); err != nil {
		return fmt.Errorf("%w: %w", ErrAttestation, err)
	}
	want, err := stated(r)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(want)
	if err != nil {
		return err
	}
	if string(raw) != string(t.Payload) {
		return fmt.Errorf("%w: it is about another report", ErrAttestation)
	}
	return nil
}
