package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// makeFixtures signs, in a throw-away federation that begins at trusttest.Start (2027-03-01T12:00:00Z):
// a permit, status lists about it, an evidence bundle, and files of those who trust, or do not.
func makeFixtures(t *testing.T) map[string][]byte {
	t.Helper()
	f := trusttest.NewFederation(t)
	fr, centre := f.NCP("FR"), f.Centre()
	hdab := f.HDAB(fr, "hdh")
	out := map[string][]byte{
		"anchor.jwks.json":  marshal(t, f.Anchors()[0].Keys),
		"message.jwks.json": marshal(t, trusttest.KeySet(trusttest.Key("messages"))),
		"message.jwt": []byte(trusttest.Sign(t, trusttest.Key("messages"), ehds.TypMessage, map[string]any{
			"iss": fr.ID, "aud": "https://centre.test", "iat": f.Clock.Now().Unix(), "exp": f.Clock.Now().Add(time.Hour).Unix(),
		}) + "\n"),
		"decision.jwt": []byte(hdab.SignWithChain(ehds.TypDecision, ehds.DecisionClaims{
			Iss: hdab.ID, Sub: "app:A1", Jti: "D-7", Iat: f.Clock.Now().Unix(),
			Decision: &ehds.DecisionBody{ApplicationID: "A1", DecisionID: "D-7", Outcome: ehds.Negative, Timestamp: "2027-03-01T11:00:00Z", Reasons: "why"},
		}) + "\n"),
		"permit.jwt": []byte(hdab.SignWithChain(ehds.TypPermit, permitClaims(f.Clock.Now(), hdab.ID)) + "\n"),
	}
	for name, value := range map[string]int{"status.jwt": ehds.StatusValid, "status-revoked.jwt": ehds.StatusInvalid, "status-suspended.jwt": ehds.StatusSuspended} {
		out[name] = []byte(hdab.SignWithChain(ehds.TypStatusList, statusClaims(t, f.Clock.Now(), hdab.ID, value)))
	}
	revoked := &federation.Revocation{At: f.Clock.Now().Add(30 * time.Minute), Reason: "compromised"}
	out["historical.jwt"], out["historical-revoked.jwt"] = pastKeys(t, f, hdab, nil), pastKeys(t, f, hdab, revoked)
	skey, vkey, err := note.GenerateKey(nil, "ncp.fr.test/log")
	if err != nil {
		t.Fatal(err)
	}
	seenAfter := func(d time.Duration) cosigning {
		return func(checkpoint []byte) []byte { return fixtureWitness().cosign(checkpoint, f.Clock.Now().Add(d)) }
	}
	alone := func(checkpoint []byte) []byte { return checkpoint }
	out["bundle.json"] = makeBundle(t, f, fr, centre, skey, alone, "")
	out["bundle-witnessed.json"] = makeBundle(t, f, fr, centre, skey, seenAfter(10*time.Minute), "")
	gone := revokedExchange(t, centre, revoked)
	out["bundle-revoked.json"] = makeBundle(t, f, fr, centre, skey, alone, gone)
	out["bundle-revoked-seen.json"] = makeBundle(t, f, fr, centre, skey, seenAfter(10*time.Minute), gone)
	out["bundle-revoked-late.json"] = makeBundle(t, f, fr, centre, skey, seenAfter(30*time.Minute), gone)
	trust := evidence.TrustFile{
		Version: 1, Anchors: []evidence.TrustAnchor{{Entity: f.Anchor.ID, JWKS: out["anchor.jwks.json"]}},
		Logs: []evidence.TrustedLog{{Entity: fr.ID, Origin: "ncp.fr.test/log", VKey: vkey}}, Witnesses: []string{},
	}
	out["trust.json"] = marshal(t, trust)
	other := trust
	other.Anchors = []evidence.TrustAnchor{{Entity: f.Anchor.ID, JWKS: marshal(t, trusttest.KeySet(trusttest.Key("somebody else")))}}
	out["trust-other-anchor.json"] = marshal(t, other)
	other = trust
	other.Logs = []evidence.TrustedLog{}
	out["trust-no-log.json"] = marshal(t, other)
	out["permit-bundle.json"] = permitBundle(t, f, fr, skey, strings.TrimSpace(string(out["permit.jwt"])), seenAfter(10*time.Minute))
	other = trust
	other.Witnesses = []string{fixtureWitness().vkey}
	out["trust-witness.json"] = marshal(t, other)
	logFixtures(t, skey, out)
	flip(t, out)
	chainFixtures(t, fr, hdab, out)
	// After the revocation: the status by the body's next key.
	hdab.Rotate(false)
	f.Clock.Advance(45 * time.Minute)
	out["status-after.jwt"] = []byte(hdab.SignWithChain(ehds.TypStatusList, statusClaims(t, f.Clock.Now(), hdab.ID, ehds.StatusValid)))
	maps.Copy(out, applicationFixtures(t))
	return out
}

// cosigning adds a witness's line to a checkpoint, or none.
type cosigning func(checkpoint []byte) []byte

// revokedExchange is an entity's list of historical keys, in which the key of its messages is revoked.
func revokedExchange(t *testing.T, e *trusttest.Entity, revoked *federation.Revocation) string {
	t.Helper()
	key, err := e.SigningKey()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	token, err := federation.SignHistorical(e.Federation, federation.Historical{Issuer: e.ID, IssuedAt: revoked.At.Add(time.Hour), Keys: []federation.HistoricalKey{
		{Key: public, EntityType: federation.TypeGateway, IssuedAt: revoked.At.Add(-time.Hour), Expires: revoked.At, Revoked: revoked},
	}}, e.Chain())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// pastKeys is the body's list of historical keys, with the key of its permits in it.
func pastKeys(t *testing.T, f *trusttest.Federation, hdab *trusttest.Entity, revoked *federation.Revocation) []byte {
	t.Helper()
	public, err := hdab.Permit.Public()
	if err != nil {
		t.Fatal(err)
	}
	now := f.Clock.Now()
	token, err := federation.SignHistorical(hdab.Federation, federation.Historical{Issuer: hdab.ID, IssuedAt: now.Add(time.Hour), Keys: []federation.HistoricalKey{
		{Key: public, EntityType: federation.TypeHDAB, IssuedAt: now.Add(-time.Hour), Expires: now, Revoked: revoked},
	}}, hdab.Chain())
	if err != nil {
		t.Fatal(err)
	}
	return []byte(token + "\n")
}

// permitBundle is a bundle whose log has the permit, under a checkpoint that cosign has signed too.
func permitBundle(t *testing.T, f *trusttest.Federation, fr *trusttest.Entity, skey, permit string, cosign cosigning) []byte {
	t.Helper()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	salt := bytes.Repeat([]byte{9}, evidence.SaltSize)
	leaf := evidence.NewLeaf(evidence.ClassDecision, salt, []byte(permit))
	checkpoint, err := evidence.SignCheckpoint("ncp.fr.test/log", 1, leaf.Hash(), signer)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint = cosign(checkpoint)
	raw, err := evidence.Bundle{
		Case: "app:6a70b4d104db074a00fd9101", Entity: fr.ID, MadeAt: f.Clock.Now().Add(time.Hour), Receipts: []evidence.PeerReceipt{},
		Entries: []evidence.Entry{{
			Class: evidence.ClassDecision, Direction: evidence.DirectionLocal, Token: permit, Salt: base64Of(salt), Leaf: string(leaf.Bytes()),
			Proof: string(evidence.Proof{Checkpoint: checkpoint}.Marshal()),
		}},
		Checkpoints: []string{string(checkpoint)}, HistoricalKeys: map[string]string{}, Chains: map[string][]string{fr.ID: fr.Chain()},
	}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// cosigner is a witness made of the words of C2SP tlog-cosignature and nothing of ours.
type cosigner struct {
	key  ed25519.PrivateKey
	id   []byte
	vkey string
}

func fixtureWitness() cosigner {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	public := append([]byte{4}, key.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte("witness.test\n"), public...))
	return cosigner{key, sum[:4], fmt.Sprintf("witness.test+%x+%s", sum[:4], base64Of(public))}
}

func (c cosigner) cosign(checkpoint []byte, at time.Time) []byte {
	text := checkpoint[:bytes.Index(checkpoint, []byte("\n\n"))+1]
	sig := ed25519.Sign(c.key, append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at.Unix()), text...))
	line := binary.BigEndian.AppendUint64(bytes.Clone(c.id), uint64(at.Unix()))
	return fmt.Appendf(bytes.Clone(checkpoint), "— witness.test %s\n", base64Of(append(line, sig...)))
}

// flip adds copies with one byte changed: in the signature of the permit, in the salt of an entry.
func flip(t *testing.T, out map[string][]byte) {
	t.Helper()
	permit := bytes.Clone(out["permit.jwt"])
	at := bytes.LastIndexByte(permit, '.') + 10
	permit[at] = other(permit[at])
	out["permit-flipped.jwt"] = permit
	bundle := bytes.Clone(out["bundle.json"])
	mark := []byte(`"salt": "`)
	at = bytes.Index(bundle, mark)
	if at < 0 {
		t.Fatal("the bundle has no salt to change")
	}
	at += len(mark)
	bundle[at] = other(bundle[at])
	out["bundle-flipped.json"] = bundle
	out["bundle-cut.json"] = out["bundle.json"][:len(out["bundle.json"])/2]
}

// other is a different character of the same alphabet.
func other(b byte) byte {
	if b == 'A' {
		return 'B'
	}
	return 'A'
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

const statusIndex = 4711

func permitClaims(now time.Time, hdab string) ehds.PermitClaims {
	return ehds.PermitClaims{
		Iss: hdab, Sub: "holder-1", Jti: "DP-FR-HDH-2027-0001-v1", Iat: now.Unix(), Nbf: now.Unix(), Exp: now.AddDate(2, 0, 0).Unix(),
		Permit: ehds.PermitDetail{
			Kind: ehds.KindDataPermit, ApplicationID: "6a70b4d104db074a00fd9101", DecisionID: "D-1", Version: 1,
			Purposes: []string{"e"}, Conditions: []string{}, Persons: []ehds.PermitPerson{}, Granted: []ehds.GrantedDataset{},
		},
		Status: ehds.PermitStatus{StatusList: ehds.StatusRef{Idx: statusIndex, URI: hdab + "/status/2027"}},
	}
}

func statusClaims(t *testing.T, now time.Time, hdab string, value int) statuslist.Token {
	t.Helper()
	list := statuslist.New(131072)
	if err := list.Set(statusIndex, value); err != nil {
		t.Fatal(err)
	}
	encoded, err := list.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return statuslist.Token{
		Iss: hdab, Sub: hdab + "/status/2027", Iat: now.Unix(), Exp: now.Add(24 * time.Hour).Unix(), TTL: 300, StatusList: encoded,
	}
}

// makeBundle is the bundle of a case with one message out and one in, in a log of two leaves, and the
// centre's list of historical keys if there is one.
func makeBundle(t *testing.T, f *trusttest.Federation, fr, centre *trusttest.Entity, skey string, cosign cosigning, historical string) []byte {
	t.Helper()
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	const caseID = "ds:FR:national-1"
	message := func(from, to *trusttest.Entity, jti string) string {
		return from.Sign(ehds.TypMessage, map[string]any{
			"iss": from.ID, "aud": to.ID, "iat": f.Clock.Unix(), "exp": f.Clock.Unix() + 3600, "jti": jti,
			"type": "dataset.create", "case": caseID, "seq": 1, "body": map[string]any{},
		})
	}
	entries := []evidence.Entry{
		{Class: evidence.ClassOut, Direction: evidence.DirectionOut, Token: message(fr, centre, "01960000-0000-7000-8000-000000000001")},
		{Class: evidence.ClassIn, Direction: evidence.DirectionIn, Token: message(centre, fr, "01960000-0000-7000-8000-000000000002")},
	}
	var log hashes
	leaves := make([]evidence.Leaf, len(entries))
	for i := range entries {
		salt := bytes.Repeat([]byte{byte(i + 1)}, evidence.SaltSize)
		leaves[i] = evidence.NewLeaf(entries[i].Class, salt, []byte(entries[i].Token))
		stored, err := evidence.StoredHashes(int64(i), leaves[i].Bytes(), &log)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, stored...)
		entries[i].Salt, entries[i].Leaf = base64Of(salt), string(leaves[i].Bytes())
	}
	size := int64(len(entries))
	root, err := tlog.TreeHash(size, &log)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := evidence.SignCheckpoint("ncp.fr.test/log", size, root, signer)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint = cosign(checkpoint)
	for i := range entries {
		path, err := tlog.ProveRecord(size, int64(i), &log)
		if err != nil {
			t.Fatal(err)
		}
		entries[i].Proof = string(evidence.Proof{Index: int64(i), Hashes: path, Checkpoint: checkpoint}.Marshal())
	}
	past := map[string]string{}
	if historical != "" {
		past[centre.ID] = historical
	}
	raw, err := evidence.Bundle{
		Case: caseID, Entity: fr.ID, MadeAt: f.Clock.Now(), Entries: entries, Receipts: []evidence.PeerReceipt{},
		Checkpoints: []string{string(checkpoint)}, HistoricalKeys: past,
		Chains: map[string][]string{fr.ID: fr.Chain(), centre.ID: centre.Chain()},
	}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// hashes is a log's storage.
type hashes []tlog.Hash

// ReadHashes reads them.
func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = (*h)[at]
	}
	return out, nil
}

func base64Of(b []byte) string {
	raw, _ := json.Marshal(b) // bytes always have a JSON form
	return strings.Trim(string(raw), `"`)
}

// write makes a file and the directories above it.
func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
