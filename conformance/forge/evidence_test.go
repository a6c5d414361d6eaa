package forge

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const origin = "peer.example/log"

func newLog(t *testing.T) (*Log, LogOf) {
	t.Helper()
	k, err := NewLogKey(origin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLog(origin, k)
	if err != nil {
		t.Fatal(err)
	}
	return l, LogOf{Origin: origin, VKeys: []string{k.Verifier}}
}

var salt = []byte("0123456789abcdef")

func TestLogProvesEveryLeaf(t *testing.T) {
	l, of := newLog(t)
	var leaves [][]byte
	for i := range 20 {
		leaf := Leaf(ClassIn, salt, strings.Repeat("x", i))
		if _, err := l.Append(leaf); err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
		for j, leaf := range leaves {
			p, err := l.Prove(int64(j))
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParseProof(p.Marshal())
			if err != nil {
				t.Fatal(err)
			}
			if size, err := back.Verify(leaf, of.Origin, of.VKeys); err != nil || size != int64(i+1) {
				t.Fatalf("leaf %d of %d: size %d, %v", j, i+1, size, err)
			}
			if _, err := back.Verify(Leaf(ClassOut, salt, "x"), of.Origin, of.VKeys); !errors.Is(err, ErrProof) {
				t.Fatalf("another leaf: %v", err)
			}
		}
	}
	before, err := l.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(leaves[0]); err != nil {
		t.Fatal(err)
	}
	l.Truncate(20)
	if after, err := l.Checkpoint(); err != nil || string(after) != string(before) {
		t.Errorf("truncation leaves another tree: %v", err)
	}
}

func TestEvidenceRefuses(t *testing.T) {
	l, of := newLog(t)
	e, err := l.Evidence(ClassIn, salt, "token")
	if err != nil {
		t.Fatal(err)
	}
	if class, err := CheckEvidence(*e, "token", of); err != nil || class != ClassIn {
		t.Fatal(class, err)
	}
	_, otherLog := newLog(t)
	for name, c := range map[string]struct {
		change func(*ehds.ReceiptEvidence)
		token  string
		log    LogOf
	}{
		"another token": {func(*ehds.ReceiptEvidence) {}, "other", of},
		"another key":   {func(*ehds.ReceiptEvidence) {}, "token", otherLog},
		"another log":   {func(*ehds.ReceiptEvidence) {}, "token", LogOf{"x.example/log", of.VKeys}},
		"no key":        {func(*ehds.ReceiptEvidence) {}, "token", LogOf{Origin: origin}},
		"salt":          {func(e *ehds.ReceiptEvidence) { e.Salt = "AAAA" }, "token", of},
		"leaf class":    {func(e *ehds.ReceiptEvidence) { e.Leaf = strings.Replace(e.Leaf, "\nin\n", "\nodd\n", 1) }, "token", of},
		"another class": {func(e *ehds.ReceiptEvidence) { e.Leaf = strings.Replace(e.Leaf, "\nin\n", "\nout\n", 1) }, "token", of},
		"index":         {func(e *ehds.ReceiptEvidence) { e.Proof = strings.Replace(e.Proof, "index 0", "index 1", 1) }, "token", of},
		"index form":    {func(e *ehds.ReceiptEvidence) { e.Proof = strings.Replace(e.Proof, "index 0", "index 00", 1) }, "token", of},
		"header":        {func(e *ehds.ReceiptEvidence) { e.Proof = "x" + e.Proof }, "token", of},
		"size":          {func(e *ehds.ReceiptEvidence) { e.Proof = strings.Replace(e.Proof, "\n1\n", "\n2\n", 1) }, "token", of},
	} {
		changed := *e
		c.change(&changed)
		if _, err := CheckEvidence(changed, c.token, c.log); !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckReceipt(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	k, other := newKey(t, AlgEd25519), newKey(t, AlgEd25519)
	l, of := newLog(t)
	sent := Sent{Jti: "j1", From: "https://us.example", To: "https://peer.example", Tokens: []string{"first", "second"},
		Attachments: []ehds.Attachment{{ID: "a1", Name: "n", MediaType: "text/plain", Size: 3, SHA256: SHA256Hex("abc")}}}
	e, err := l.Evidence(ClassIn, salt, "second")
	if err != nil {
		t.Fatal(err)
	}
	good := ehds.Receipt{
		Iss: sent.To, Aud: sent.From, Iat: now.Unix(), Ref: "j1", TokenSHA256: SHA256Hex("second"),
		Attachments: []ehds.ReceiptAttachment{{ID: "a1", SHA256: SHA256Hex("abc"), Size: 3}},
		ReceivedAt:  "2026-11-24T02:00:00.000Z", Status: ehds.Received, Evidence: e,
	}
	sign := func(r ehds.Receipt) string {
		raw, err := Sign(k, ehds.TypReceipt, r)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	dup := good
	dup.Status, dup.Evidence, dup.Attachments, dup.Original = ehds.Duplicate, nil, nil, sign(good)
	problem, _ := json.Marshal(ehds.Problem{Type: "x", Title: "x", Status: 409, Code: "jti-conflict"})
	for name, c := range map[string]struct {
		change func(*ehds.Receipt)
		want   ehds.ReceiptStatus // of the receipt that decides; "" for an error
	}{
		"received":  {func(*ehds.Receipt) {}, ehds.Received},
		"duplicate": {func(r *ehds.Receipt) { *r = dup }, ehds.Received},
		"rejected": {func(r *ehds.Receipt) {
			r.Status, r.Evidence, r.Attachments, r.Problem = ehds.Rejected, nil, nil, problem
		}, ehds.Rejected},
		"rejected without reason": {func(r *ehds.Receipt) { r.Status = ehds.Rejected }, ""},
		"another issuer":          {func(r *ehds.Receipt) { r.Iss = sent.From }, ""},
		"another addressee":       {func(r *ehds.Receipt) { r.Aud = sent.To }, ""},
		"another message":         {func(r *ehds.Receipt) { r.Ref = "j2" }, ""},
		"another token":           {func(r *ehds.Receipt) { r.TokenSHA256 = SHA256Hex("third") }, ""},
		"evidence of the first":   {func(r *ehds.Receipt) { r.TokenSHA256 = SHA256Hex("first") }, ""},
		"future":                  {func(r *ehds.Receipt) { r.Iat += 61 }, ""},
		"no evidence":             {func(r *ehds.Receipt) { r.Evidence = nil }, ""},
		"no attachments":          {func(r *ehds.Receipt) { r.Attachments = nil }, ""},
		"duplicate of nothing":    {func(r *ehds.Receipt) { r.Status = ehds.Duplicate }, ""},
		"duplicate of duplicate":  {func(r *ehds.Receipt) { *r = dup; r.Original = sign(dup) }, ""},
	} {
		r := good
		c.change(&r)
		_, final, err := CheckReceipt(sign(r), sent, NewJWKS(k), of, now)
		if c.want == "" && !errors.Is(err, ErrReceipt) || c.want != "" && (err != nil || final.Status != c.want) {
			t.Errorf("%s: %s, %v", name, final.Status, err)
		}
	}
	if _, _, err := CheckReceipt(sign(good), sent, NewJWKS(other), of, now); !errors.Is(err, ErrReceipt) {
		t.Errorf("another key: %v", err)
	}
}
