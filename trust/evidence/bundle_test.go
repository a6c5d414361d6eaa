package evidence

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	us   = "https://ncp.example"
	peer = "https://centre.example"
)

// signedTokens is a SignatureChecker that knows exactly which tokens were signed, by whom, as what.
type signedTokens struct {
	issuer, typ map[string]string
	unknown     map[string]bool // issuers without known keys
	asked       map[string]time.Time
}

func newSignedTokens() *signedTokens {
	return &signedTokens{map[string]string{}, map[string]string{}, map[string]bool{}, map[string]time.Time{}}
}

func (s *signedTokens) sign(t *testing.T, typ string, claims map[string]any) string {
	t.Helper()
	claims["iat"] = 1_790_000_000
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"`+typ+`"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload) + ".c2ln"
	s.issuer[token], s.typ[token] = claims["iss"].(string), typ
	return token
}

func (s *signedTokens) Check(_ context.Context, token, typ string, at time.Time) (string, []byte, error) {
	s.asked[token] = at
	iss, ok := s.issuer[token]
	switch {
	case ok && s.unknown[iss]:
		return "", nil, fmt.Errorf("no chain: %w", ErrCannotTell)
	case !ok || s.typ[token] != typ:
		return "", nil, errors.New("bad signature")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	return iss, payload, err
}

// world is two logs, a witness and a bundle about one message out, its receipt, one message in and
// one local transition.
type world struct {
	signed   *signedTokens
	ours     *testLog
	theirs   *testLog
	bundle   Bundle
	trust    TrustFile
	outgoing string
	receipt  string
}

func entryOf(l *testLog, class Class, direction, token string, s []byte) Entry {
	leaf := NewLeaf(class, s, []byte(token))
	l.add(leaf)
	return Entry{Class: class, Direction: direction, Token: token,
		Salt: base64.StdEncoding.EncodeToString(s), Leaf: string(leaf.Bytes())}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{signed: newSignedTokens(), ours: newTestLog(t, "log.ncp.example/e", 1), theirs: newTestLog(t, "log.centre.example/e", 2)}
	wit := newTestWitness("witness.example/w", 3)
	w.outgoing = w.signed.sign(t, typMessage, map[string]any{"iss": us, "aud": peer, "case": "app:1"})
	incoming := w.signed.sign(t, typMessage, map[string]any{"iss": peer, "aud": us, "case": "app:1"})

	w.theirs.add(NewLeaf(ClassIn, salt(50), []byte("someone else's")))
	leaf := NewLeaf(ClassIn, salt(51), []byte(w.outgoing))
	at := w.theirs.add(leaf)
	w.receipt = w.signed.sign(t, typReceipt, map[string]any{"iss": peer, "aud": us, "status": "RECEIVED",
		"token_sha256": sha256Hex(w.outgoing), "evidence": NewReceiptEvidence(salt(51), leaf, w.theirs.proof(at, 2))})

	w.bundle = Bundle{Version: BundleVersion, Case: "app:1", Entity: us, MadeAt: time.Unix(1_790_001_000, 0).UTC(),
		Entries: []Entry{
			entryOf(w.ours, ClassOut, DirectionOut, w.outgoing, salt(1)),
			entryOf(w.ours, ClassReceipt, DirectionIn, w.receipt, salt(2)),
			entryOf(w.ours, ClassIn, DirectionIn, incoming, salt(3)),
			entryOf(w.ours, ClassState, DirectionLocal, `{"to":"VALIDATED"}`, salt(4)),
		},
		Receipts:       []PeerReceipt{{TokenSHA256: sha256Hex(w.outgoing), Receipt: w.receipt}},
		Chains:         map[string][]string{peer: {"statement"}},
		HistoricalKeys: map[string]string{},
	}
	for i := range w.bundle.Entries {
		w.bundle.Entries[i].Proof = string(w.ours.proof(i, 4).Marshal())
	}
	w.bundle.Checkpoints = []string{string(w.ours.checkpoint(2)), string(wit.cosign(w.ours.checkpoint(4), 1_790_000_500))}
	w.bundle.Consistency = []ConsistencyProof{NewConsistencyProof(w.ours.origin, 2, 4, rfcConsistency(2, w.ours.leaves, true))}
	w.trust = TrustFile{Version: 1, Witnesses: []string{wit.vkey()}, Logs: []TrustedLog{
		{Entity: us, Origin: w.ours.origin, VKey: w.ours.vkey},
		{Entity: peer, Origin: w.theirs.origin, VKey: w.theirs.vkey}}}
	return w
}

func (w *world) verify(t *testing.T) Report {
	t.Helper()
	return VerifyBundle(t.Context(), w.bundle, w.trust, w.signed)
}

func TestVerifyBundleValid(t *testing.T) {
	w := newWorld(t)
	got := w.verify(t)
	want := Report{OK: true, Verdict: Valid,
		Counts: Counts{Entries: 4, Signatures: 4, Receipts: 1, Checkpoints: 3, Cosigned: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if at := w.signed.asked[w.outgoing]; !at.Equal(time.Unix(1_790_000_000, 0)) {
		t.Errorf("signature checked as of %v, not of the token's iat", at)
	}
	w.bundle.Receipts = nil // the receipt is still among the entries
	if got := w.verify(t); !got.OK || got.Counts.Receipts != 1 {
		t.Errorf("receipt as entry only: %+v", got)
	}
}

func TestVerifyBundleVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(t *testing.T, w *world)
		verdict Verdict
		code    string
	}{
		"unknown own log":  {func(_ *testing.T, w *world) { w.trust.Logs = w.trust.Logs[1:] }, CannotTell, "unknown-log"},
		"unknown peer log": {func(_ *testing.T, w *world) { w.trust.Logs = w.trust.Logs[:1] }, CannotTell, "unknown-log"},
		"peer log listed for another entity": {func(_ *testing.T, w *world) { w.trust.Logs[1].Entity = "https://other.example" },
			CannotTell, "unknown-log"},
		"another key for the log": {func(t *testing.T, w *world) {
			w.trust.Logs[0].VKey = newTestLog(t, w.ours.origin, 9).vkey
		}, Invalid, "checkpoint-signature"},
		"trust file of another version": {func(_ *testing.T, w *world) { w.trust.Version = 2 }, CannotTell, "trust-file"},
		"unknown signer":                {func(_ *testing.T, w *world) { w.signed.unknown[peer] = true }, CannotTell, "keys-unknown"},
		"false signature":               {func(_ *testing.T, w *world) { delete(w.signed.issuer, w.outgoing) }, Invalid, "signature"},
		"message signed as a receipt":   {func(_ *testing.T, w *world) { w.signed.typ[w.outgoing] = typReceipt }, Invalid, "signature"},
		"class that is not the leaf's":  {func(_ *testing.T, w *world) { w.bundle.Entries[0].Class = ClassIn }, Invalid, "class-differs"},
		"direction that is not the class's": {func(_ *testing.T, w *world) { w.bundle.Entries[0].Direction = DirectionIn },
			Invalid, "class-differs"},
		"proof of another entry": {func(_ *testing.T, w *world) { w.bundle.Entries[0].Proof = w.bundle.Entries[1].Proof },
			Invalid, "not-included"},
		"token of another entry": {func(_ *testing.T, w *world) { w.bundle.Entries[3].Token = "{}" }, Invalid, "token-differs"},
		"another entity's message": {func(t *testing.T, w *world) {
			w.bundle.Entity = "https://other.example"
			w.trust.Logs[0].Entity = w.bundle.Entity
		}, Invalid, "party-differs"},
		"empty": {func(_ *testing.T, w *world) {
			w.bundle = Bundle{Version: BundleVersion, Entity: us}
		}, CannotTell, "nothing-proven"},
		"all erased": {func(_ *testing.T, w *world) {
			for i := range w.bundle.Entries {
				w.bundle.Entries[i].Token, w.bundle.Entries[i].Salt = "", ""
			}
			w.bundle.Receipts = nil
		}, CannotTell, "nothing-proven"},
		"one erased": {func(_ *testing.T, w *world) {
			w.bundle.Entries[3].Token, w.bundle.Entries[3].Salt = "", ""
		}, Valid, "erased"},
		"erased entry with a false proof": {func(_ *testing.T, w *world) {
			w.bundle.Entries[3].Token, w.bundle.Entries[3].Salt = "", ""
			w.bundle.Entries[3].Proof = w.bundle.Entries[2].Proof
		}, Invalid, "not-included"},
		"a message of two cases, by the reader": {func(t *testing.T, w *world) {
			token := w.signed.sign(t, typMessage, map[string]any{"iss": peer, "aud": us, "case": "app:2", "ca\u017fe": "app:1"})
			e := entryOf(w.ours, ClassIn, DirectionIn, token, salt(9))
			e.Proof = string(w.ours.proof(4, 5).Marshal())
			w.bundle.Entries = append(w.bundle.Entries, e)
		}, Invalid, "token-malformed"},
		"another case": {func(_ *testing.T, w *world) { w.bundle.Case = "app:2" }, Invalid, "case-differs"},
		"another case, one message in": {func(_ *testing.T, w *world) {
			w.bundle.Case, w.bundle.Entries, w.bundle.Receipts = "app:2", w.bundle.Entries[2:], nil
		}, Invalid, "case-differs"},
		"relabelled as the peer's": {func(_ *testing.T, w *world) { w.bundle.Entity = peer }, Invalid, "party-differs"},
		"relabelled as a stranger's": {func(_ *testing.T, w *world) { w.bundle.Entity = "https://other.example" },
			Invalid, "party-differs"},
		"relabelled, nothing signed in it": {func(_ *testing.T, w *world) {
			w.bundle.Entity, w.bundle.Entries, w.bundle.Receipts = peer, w.bundle.Entries[3:], nil
		}, CannotTell, "unknown-log"},
		"made before what is in it": {func(_ *testing.T, w *world) { w.bundle.MadeAt = time.Unix(1_789_999_000, 0) },
			Invalid, "made-before"},
		"made within the clocks' leeway of it": {func(t *testing.T, w *world) {
			w.bundle.MadeAt, w.bundle.Consistency = time.Unix(1_790_000_000-60, 0), nil
		}, Valid, "not-connected"},
		"made at no time": {func(_ *testing.T, w *world) { w.bundle.MadeAt = time.Time{} }, Invalid, "made-before"},
		"receipt for a token not here": {func(_ *testing.T, w *world) { w.bundle.Entries = w.bundle.Entries[1:] },
			Invalid, "receipt-dangling"},
		"receipt for an erased token": {func(_ *testing.T, w *world) {
			w.bundle.Entries[0].Token, w.bundle.Entries[0].Salt = "", ""
		}, CannotTell, "receipt-dangling"},
		"receipt listed under another token": {func(_ *testing.T, w *world) {
			w.bundle.Receipts[0].TokenSHA256 = sha256Hex(w.bundle.Entries[2].Token)
		}, Invalid, "receipt-differs"},
		"consistency without checkpoint": {func(_ *testing.T, w *world) { w.bundle.Checkpoints = w.bundle.Checkpoints[1:] },
			Invalid, "consistency-dangling"},
		"no consistency proof": {func(_ *testing.T, w *world) { w.bundle.Consistency = nil }, Valid, "not-connected"},
		"checkpoint of an unknown log": {func(t *testing.T, w *world) {
			w.bundle.Checkpoints = append(w.bundle.Checkpoints, string(newTestLog(t, "log.other.example", 8).checkpoint(0)))
		}, CannotTell, "unknown-log"},
		"equivocation": {func(_ *testing.T, w *world) {
			w.ours.leaves[3] = NewLeaf(ClassState, salt(77), nil).Bytes()
			w.bundle.Checkpoints = append(w.bundle.Checkpoints, string(w.ours.checkpoint(4)))
		}, Invalid, "equivocation"},
		"two leaves at one index": {func(t *testing.T, w *world) {
			w.ours.leaves[3] = NewLeaf(ClassState, salt(77), []byte("{}")).Bytes()
			w.ours.add(NewLeaf(ClassState, salt(78), nil))
			w.bundle.Entries = append(w.bundle.Entries, Entry{Class: ClassState, Direction: DirectionLocal, Token: "{}",
				Salt: base64.StdEncoding.EncodeToString(salt(77)), Leaf: string(w.ours.leaves[3]),
				Proof: string(w.ours.proof(3, 5).Marshal())})
		}, Invalid, "index-conflict"},
		"history rewritten between checkpoints": {func(_ *testing.T, w *world) {
			w.ours.leaves[0] = NewLeaf(ClassState, salt(77), nil).Bytes()
			w.bundle.Checkpoints[0] = string(w.ours.checkpoint(2))
		}, Invalid, "inconsistent"},
		"unknown version": {func(_ *testing.T, w *world) { w.bundle.Version = "ehds-evidence-bundle/v2" }, Invalid, "bundle-malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.change(t, w)
			got := w.verify(t)
			if got.Verdict != c.verdict || got.OK != (c.verdict == Valid) || !hasCode(got, c.code) {
				t.Errorf("verdict %s, want %s with %s; findings %+v", got.Verdict, c.verdict, c.code, got.Findings)
			}
		})
	}
}

func hasCode(r Report, code string) bool {
	for _, f := range r.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

func TestVerifyBundleReceipts(t *testing.T) {
	for name, c := range map[string]struct {
		claims  func(t *testing.T, w *world) map[string]any
		verdict Verdict
		code    string
	}{
		"duplicate with the original": {func(_ *testing.T, w *world) map[string]any {
			return map[string]any{"status": "DUPLICATE", "original": w.receipt}
		}, Valid, ""},
		"duplicate of a duplicate": {func(t *testing.T, w *world) map[string]any {
			inner := w.signed.sign(t, typReceipt, map[string]any{"iss": peer, "aud": us, "status": "DUPLICATE",
				"token_sha256": sha256Hex(w.outgoing), "original": w.receipt})
			return map[string]any{"status": "DUPLICATE", "original": inner}
		}, Invalid, "receipt-nested"},
		"no evidence": {func(*testing.T, *world) map[string]any {
			return map[string]any{"status": "REJECTED"}
		}, CannotTell, "receipt-no-evidence"},
		"addressed to another": {func(*testing.T, *world) map[string]any {
			return map[string]any{"status": "REJECTED", "aud": "https://other.example"}
		}, Invalid, "party-differs"},
		"from one it was not sent to": {func(*testing.T, *world) map[string]any {
			return map[string]any{"status": "RECEIVED", "iss": "https://other.example"}
		}, Invalid, "receipt-party"},
		"evidence about another token": {func(_ *testing.T, w *world) map[string]any {
			leaf := NewLeaf(ClassIn, salt(50), []byte("someone else's"))
			return map[string]any{"evidence": NewReceiptEvidence(salt(50), leaf, w.theirs.proof(0, 2))}
		}, Invalid, "token-differs"},
		"evidence of something not received": {func(_ *testing.T, w *world) map[string]any {
			leaf := NewLeaf(ClassOut, salt(52), []byte(w.outgoing))
			i := w.theirs.add(leaf)
			return map[string]any{"evidence": NewReceiptEvidence(salt(52), leaf, w.theirs.proof(i, 3))}
		}, Invalid, "class-differs"},
		"evidence in our own log": {func(_ *testing.T, w *world) map[string]any {
			leaf := NewLeaf(ClassIn, salt(52), []byte(w.outgoing))
			i := w.ours.add(leaf)
			return map[string]any{"evidence": NewReceiptEvidence(salt(52), leaf, w.ours.proof(i, 5))}
		}, CannotTell, "unknown-log"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			claims := map[string]any{"iss": peer, "aud": us, "token_sha256": sha256Hex(w.outgoing)}
			for k, v := range c.claims(t, w) {
				claims[k] = v
			}
			w.bundle.Receipts = append(w.bundle.Receipts, PeerReceipt{sha256Hex(w.outgoing), w.signed.sign(t, typReceipt, claims)})
			got := w.verify(t)
			if got.Verdict != c.verdict || c.code != "" && !hasCode(got, c.code) {
				t.Errorf("verdict %s, want %s with %s; findings %+v", got.Verdict, c.verdict, c.code, got.Findings)
			}
		})
	}
}

func TestVerifyBundleInterruptedOrWithoutChecker(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := VerifyBundle(ctx, w.bundle, w.trust, w.signed); got.Verdict != CannotTell || !hasCode(got, "interrupted") {
		t.Errorf("interrupted: %+v", got)
	}
	if got := VerifyBundle(t.Context(), w.bundle, w.trust, nil); got.Verdict != CannotTell {
		t.Errorf("no checker: %+v", got)
	}
}

// TestEveryByteCounts changes every byte of everything that is evidence, one at a time. One change may
// leave a bundle valid: a witness's line under a name or key nobody knows is to be ignored, and then
// the report must say so and count the checkpoint as not cosigned.
// shows R15.4.3-5
func TestEveryByteCounts(t *testing.T) {
	w := newWorld(t)
	type part struct {
		name string
		at   *string
	}
	var parts []part
	for i := range w.bundle.Entries {
		e := &w.bundle.Entries[i]
		where := fmt.Sprintf("entries[%d].", i)
		parts = append(parts, part{where + "token", &e.Token}, part{where + "salt", &e.Salt}, part{where + "leaf", &e.Leaf},
			part{where + "proof", &e.Proof}, part{where + "direction", &e.Direction}, part{where + "class", (*string)(&e.Class)})
	}
	parts = append(parts, part{"receipts[0].receipt", &w.bundle.Receipts[0].Receipt},
		part{"receipts[0].token_sha256", &w.bundle.Receipts[0].TokenSHA256},
		part{"entity", &w.bundle.Entity}, part{"version", &w.bundle.Version},
		part{"checkpoints[0]", &w.bundle.Checkpoints[0]}, part{"checkpoints[1]", &w.bundle.Checkpoints[1]},
		part{"consistency[0].origin", &w.bundle.Consistency[0].Origin})
	for i := range w.bundle.Consistency[0].Hashes {
		parts = append(parts, part{"consistency[0].hashes", &w.bundle.Consistency[0].Hashes[i]})
	}
	for _, p := range parts {
		good := *p.at
		for i := 0; i < len(good); i += everyByte {
			changed := []byte(good)
			changed[i] ^= 1 << (i % 8)
			*p.at = string(changed)
			if got := w.verify(t); got.OK && !(got.Counts.Cosigned == 0 && hasCode(got, "unknown-signature")) {
				t.Fatalf("%s: byte %d of %d changed from %q to %q and the bundle is still valid", p.name, i, len(good), good[i], changed[i])
			}
		}
		for _, changed := range []string{good + "\n", good + "=", good + " ", good[:len(good)-1], good[1:]} {
			*p.at = changed
			if got := w.verify(t); got.OK {
				t.Fatalf("%s: lengthened or shortened, and the bundle is still valid", p.name)
			}
		}
		*p.at = good
	}
	if !w.verify(t).OK {
		t.Fatal("the untouched bundle must still be valid")
	}
}

func TestSignedAt(t *testing.T) {
	enc := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	inner := "x." + enc(`{"iat":5}`) + ".y"
	for name, c := range map[string]struct {
		token string
		want  int64
	}{
		"plain": {inner, 5}, "nested": {"x." + enc(inner) + ".y", 5}, "nested twice": {"x." + enc("x."+enc(inner)+".y") + ".y", -1},
		"no iat": {"x." + enc(`{}`) + ".y", -1}, "two segments": {"x.y", -1}, "fraction": {"x." + enc(`{"iat":1.5}`) + ".y", -1},
		"padded": {"x." + enc(`{"iat":5}`) + "=.y", -1}, "empty payload": {"x..y", -1},
	} {
		at, err := signedAt(c.token)
		if (c.want < 0) != (err != nil) || err == nil && at.Unix() != c.want {
			t.Errorf("%s: %v, %v", name, at, err)
		}
	}
}
