package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Names of the files a holder keeps.
const (
	filePermit = "permit.jwt"
	fileStatus = "status.jwt"
	fileAfter  = "status-after.jwt" // the same list once the permit was revoked
	fileBundle = "evidence.json"
	fileTrust  = "trust.json"
	fileProof  = "reconciliation.json"
)

// keep writes a file among those that are needed after the gateways have stopped.
func (r *run) keep(name string, content []byte) error {
	path := filepath.Join(r.dir, name)
	r.files[name] = path
	return os.WriteFile(path, content, 0o600)
}

// collect takes what a holder would keep: the permit, the status list as served to everybody, the
// evidence bundle of the French gateway, and a trust file with the pinned keys.
func (r *run) collect(ctx context.Context, permit string, ref ehds.StatusRef) error {
	if err := r.keep(filePermit, []byte(permit)); err != nil {
		return err
	}
	roots, err := r.roots()
	if err != nil {
		return err
	}
	hc, err := client(roots)
	if err != nil {
		return err
	}
	r.list = ref.URI
	status, err := get(ctx, hc, ref.URI)
	if err != nil {
		return err
	}
	if err := r.keep(fileStatus, status); err != nil {
		return err
	}
	return r.keepTrust(ctx, hc)
}

// collectAfter takes the status list once more: it is public, and says what became of the permit. A list
// is signed again every two seconds at most.
func (r *run) collectAfter(ctx context.Context) error {
	roots, err := r.roots()
	if err != nil {
		return err
	}
	hc, err := client(roots)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(r.files[fileStatus])
	if err != nil {
		return err
	}
	return eventually(ctx, "the status list is signed again", func(ctx context.Context) error {
		status, err := get(ctx, hc, r.list)
		if err != nil {
			return err
		}
		if bytes.Equal(status, before) {
			return notYet("it is that of before")
		}
		return r.keep(fileAfter, status)
	})
}

func get(ctx context.Context, hc *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %d", req.URL.Path, resp.StatusCode)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}

// keepTrust writes the trust file: the anchor's keys, and the log keys of the two parties whose logs
// the bundle shows, as their verified metadata names them today.
func (r *run) keepTrust(ctx context.Context, hc *http.Client) error {
	raw, err := json.Marshal(r.anchor.role.JWKS())
	if err != nil {
		return err
	}
	keys, err := jose.ParseKeySet(raw)
	if err != nil {
		return err
	}
	resolver := federation.NewResolver(federation.Options{
		Anchors: []federation.Anchor{{Entity: r.anchor.entity, Keys: keys}}, Onboarded: []string{r.fr.entity, r.centre.entity},
		HTTP: hc, Clock: r.o.Clock, Logger: r.o.Logger,
	})
	t := evidence.TrustFile{Version: 1, Anchors: []evidence.TrustAnchor{{Entity: r.anchor.entity, JWKS: raw}}, Witnesses: []string{}}
	for _, entity := range []string{r.fr.entity, r.centre.entity} {
		e, err := resolver.Resolve(ctx, entity, nil)
		if err != nil {
			return err
		}
		for _, vkey := range e.Gateway.EvidenceLog.VKeys {
			t.Logs = append(t.Logs, evidence.TrustedLog{Entity: entity, Origin: e.Gateway.EvidenceLog.Origin, VKey: vkey})
		}
	}
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return r.keep(fileTrust, text)
}

// keepBundle asks the French operator's socket for the evidence of the case.
func (r *run) keepBundle(ctx context.Context) error {
	bundle, err := r.fr.operator.Evidence(ctx, r.caseID)
	if err != nil {
		return err
	}
	return r.keep(fileBundle, bundle)
}

// readTrust reads the trust file back: nothing but files counts from here on.
func (r *run) readTrust() (evidence.TrustFile, []federation.Anchor, error) {
	raw, err := os.ReadFile(r.files[fileTrust])
	if err != nil {
		return evidence.TrustFile{}, nil, err
	}
	t, err := evidence.ParseTrustFile(raw)
	if err != nil {
		return t, nil, err
	}
	var anchors []federation.Anchor
	for _, a := range t.Anchors {
		keys, err := jose.ParseKeySet(a.JWKS)
		if err != nil {
			return t, nil, err
		}
		anchors = append(anchors, federation.Anchor{Entity: a.Entity, Keys: keys})
	}
	return t, anchors, nil
}

// verifyPermit is step 16: with both gateways stopped, the permit and its status are proved from files:
// valid by the list of then, not valid by the list after the revocation. A permit with one byte changed
// is never.
func (r *run) verifyPermit(ctx context.Context) (string, error) {
	if err := errors.Join(r.fr.stop(ctx), r.fi.stop(ctx)); err != nil {
		return "", err
	}
	_, anchors, err := r.readTrust()
	if err != nil {
		return "", err
	}
	permit, err := os.ReadFile(r.files[filePermit])
	if err != nil {
		return "", err
	}
	status, err := os.ReadFile(r.files[fileStatus])
	if err != nil {
		return "", err
	}
	o := permits.Options{Anchors: anchors, Status: string(status), At: r.o.Clock()}
	result := permits.Verify(string(permit), o)
	if result.Verdict != permits.Valid {
		return "", fmt.Errorf("the permit is %s: %s %s", result.Verdict, result.Reason, result.Detail)
	}
	if v := permits.Verify(flipped(string(permit)), o).Verdict; v != permits.Invalid {
		return "", fmt.Errorf("a permit with one byte changed is %s", v)
	}
	after, err := os.ReadFile(r.files[fileAfter])
	if err != nil {
		return "", err
	}
	o.Status = string(after)
	if v := permits.Verify(string(permit), o); v.Verdict != permits.Invalid {
		return "", fmt.Errorf("after its revocation the permit is %s", v.Verdict)
	}
	return fmt.Sprintf("%s valid, then revoked; one byte changed: invalid", result.Permit.Jti), nil
}

// flipped changes one character in the middle of a token.
func flipped(token string) string {
	b := []byte(token)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// verifyEvidence is step 17: the bundle of the case is proved from files alone, and so is that the
// centre shows exactly what France holds.
func (r *run) verifyEvidence(ctx context.Context) (string, error) {
	raw, err := os.ReadFile(r.files[fileBundle])
	if err != nil {
		return "", err
	}
	_, report, err := r.verifyBundle(ctx, raw)
	if err != nil {
		return "", err
	}
	if raw, err = os.ReadFile(r.files[fileProof]); err != nil {
		return "", err
	}
	var proof reconcile.Proof
	if err := json.Unmarshal(raw, &proof); err != nil {
		return "", err
	}
	b, _, err := r.verifyBundle(ctx, proof.Evidence)
	if err != nil {
		return "", err
	}
	messages, err := reconcile.Messages(b)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d leaves, %d signatures, %d peer receipts proved; %d datasets on both sides",
		report.Counts.Entries, report.Counts.Signatures, report.Counts.Receipts, proof.Report.Theirs.Count), proof.Check(b.Entity, messages)
}

func (r *run) verifyBundle(ctx context.Context, raw []byte) (evidence.Bundle, evidence.Report, error) {
	t, anchors, err := r.readTrust()
	if err != nil {
		return evidence.Bundle{}, evidence.Report{}, err
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return b, evidence.Report{}, err
	}
	report := evidence.VerifyBundle(ctx, b, t, &trust.Offline{Anchors: anchors, Chains: b.Chains, Historical: b.HistoricalKeys})
	if !report.OK {
		return b, report, fmt.Errorf("the bundle is %s: %v", report.Verdict, report.Findings)
	}
	return b, report, nil
}
