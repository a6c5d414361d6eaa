package cases

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// lost is how many answers to each message are lost.
const lost = 2

func answersLost(ctx context.Context, t *c.T) {
	env := drafted(t, nil)
	tried := &attempts{}
	t.Cleanup(t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if r.Env.Case == env.Case && tried.add(t, r) <= lost {
			return &peer.Behaviour{ResetAfter: true}
		}
		return nil
	}))
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the application is received", s.Received(), ehds.Received, answered(s))
	for _, match := range []func(peer.Received) bool{answers(env), acknowledges(env)} {
		first := t.Await(ctx, t.Centre, "wire §4", "what the application is owed", match)
		again := t.Await(ctx, t.Centre, "wire §3", "the same message again after its answer was lost", func(r peer.Received) bool {
			return r.Env.Jti == first.Env.Jti && r.Attempt > lost
		})
		t.Check("wire §3", "it says the same", again.Digest == first.Digest, first.Digest, again.Digest)
		t.Check("wire §3", "it has the same number", again.Env.Seq == first.Env.Seq, first.Env.Seq, again.Env.Seq)
	}
	t.Trouble(t.Alive(ctx))
	inOrder(t, t.Centre, env.Case)
	for _, jti := range jtis(t.Centre.Heard(func(r peer.Received) bool { return r.Env.Case == env.Case })) {
		n := len(t.Centre.Heard(func(r peer.Received) bool { return r.Env.Jti == jti }))
		t.Check("wire §4", "a message whose receipt came is not sent again", n == lost+1, lost+1, n)
	}
}

// spoilage is one wrong answer.
type spoilage struct {
	name string
	how  func(t *c.T) peer.Behaviour
}

// spoilt runs a case over wrong answers: the first delivery of everything owed to an application is answered
// so, the second rightly. Each is an application of its own; one more, answered rightly at once, is the control.
func spoilt(rows []spoilage) func(ctx context.Context, t *c.T) {
	return func(ctx context.Context, t *c.T) {
		control := drafted(t, nil)
		s := t.Send(ctx, t.Centre, control)
		t.Require("wire §4", "the application is received", s.Received(), ehds.Received, answered(s))
		settled(ctx, t, control)
		for _, row := range rows {
			spoil(ctx, t, row)
		}
		t.Trouble(t.Alive(ctx))
		once := t.Centre.Heard(func(r peer.Received) bool { return r.Env.Case == control.Case })
		t.Control("what was receipted rightly came once", len(once) == len(jtis(once)), len(once))
	}
}

func spoil(ctx context.Context, t *c.T, row spoilage) {
	env := drafted(t, nil)
	tried, wrong := &attempts{}, row.how(t)
	undo := t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if r.Env.Case == env.Case && tried.add(t, r) == 1 {
			return &wrong
		}
		return nil
	})
	defer undo()
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the application is received", s.Received(), ehds.Received, answered(s))
	for _, match := range []func(ehds.Envelope) bool{
		func(e ehds.Envelope) bool { return e.Ref == env.Jti && e.Type.IsResponse() },
		func(e ehds.Envelope) bool { return e.Type == ehds.ApplicationAck },
	} {
		again := func() bool { return secondOf(tried.of(env.Case), match) }
		came := until(ctx, t.Patience(c.Wait), again)
		if !came {
			t.Trouble(t.Alive(ctx))
			came = again()
		}
		t.Require("wire §4", "answered with "+row.name+", the message comes again", came, "the same jti, twice", len(tried.of(env.Case)))
	}
	inOrder(t, t.Centre, env.Case)
}

// secondOf says whether a message that matches was tried twice under one jti.
func secondOf(all []attempt, match func(ehds.Envelope) bool) bool {
	n := map[string]int{}
	for _, a := range all {
		if match(a.env) {
			n[a.env.Jti]++
		}
	}
	for _, times := range n {
		if times >= 2 {
			return true
		}
	}
	return false
}

// resigned signs a receipt's claims once more, with a key that is nobody's.
func resigned(t *c.T, header func(own, forged *forge.Key) any) peer.Behaviour {
	other, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	t.Trouble(err)
	own := t.Centre.Keys().Exchange
	return peer.Behaviour{Receipt: func(token string) string {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		if err != nil {
			return ""
		}
		out, err := forge.SignHeader(other, header(own, other), json.RawMessage(payload))
		if err != nil {
			return ""
		}
		return out
	}}
}

// badSignatures are receipts that nobody signed whose key is known.
func badSignatures() []spoilage {
	return []spoilage{
		{"a receipt of another key under the right key's name", func(t *c.T) peer.Behaviour {
			return resigned(t, func(own, _ *forge.Key) any { return forge.Header{Alg: own.Alg, Kid: own.Kid, Typ: ehds.TypReceipt} })
		}},
		{"a receipt of a key nobody published", func(t *c.T) peer.Behaviour {
			return resigned(t, func(_, other *forge.Key) any {
				return forge.Header{Alg: other.Alg, Kid: other.Kid, Typ: ehds.TypReceipt}
			})
		}},
		{"a receipt that brings its key along", func(t *c.T) peer.Behaviour {
			return resigned(t, func(_, other *forge.Key) any {
				return map[string]any{"alg": other.Alg, "kid": other.Kid, "typ": ehds.TypReceipt, "jwk": other.Public()}
			})
		}},
		{"an unsigned receipt", func(*c.T) peer.Behaviour {
			return peer.Behaviour{Receipt: func(token string) string {
				head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"` + ehds.TypReceipt + `"}`))
				return head + "." + strings.Split(token, ".")[1] + "."
			}}
		}},
		{"a receipt whose last signature byte is another", func(*c.T) peer.Behaviour {
			return peer.Behaviour{Receipt: func(token string) string {
				parts := strings.Split(token, ".")
				sig, err := base64.RawURLEncoding.DecodeString(parts[2])
				if err != nil || len(sig) == 0 {
					return ""
				}
				sig[len(sig)-1] ^= 1
				return parts[0] + "." + parts[1] + "." + base64.RawURLEncoding.EncodeToString(sig)
			}}
		}},
	}
}

// wrongReceipts are well signed, and about something else.
func wrongReceipts() []spoilage {
	claims := func(change func(*ehds.Receipt)) func(*c.T) peer.Behaviour {
		return func(*c.T) peer.Behaviour { return peer.Behaviour{Claims: change} }
	}
	return []spoilage{
		{"a receipt of another jti", claims(func(r *ehds.Receipt) { r.Ref = "01900000-0000-7000-8000-000000000000" })},
		{"a receipt of another token", claims(func(r *ehds.Receipt) { r.TokenSHA256 = forge.SHA256Hex("another token") })},
		{"a receipt for another party", claims(func(r *ehds.Receipt) { r.Aud = "https://somebody.example" })},
		{"a receipt of another party", claims(func(r *ehds.Receipt) { r.Iss = "https://somebody.example" })},
		{"a receipt with a status that does not exist", claims(func(r *ehds.Receipt) { r.Status = "STORED" })},
	}
}

// nonsense are answers no neighbour should give, and every proxy does.
func nonsense() []spoilage {
	answer := func(media, body string) func(*c.T) peer.Behaviour {
		return func(*c.T) peer.Behaviour {
			return peer.Behaviour{Answer: func(w http.ResponseWriter, _ *http.Request) { roles.WriteToken(w, http.StatusOK, media, body) }}
		}
	}
	return []spoilage{
		{"a page with status 200", answer("text/html", "<html><body>It works!</body></html>")},
		{"an empty receipt", answer(roles.MediaReceipt, "")},
		{"a receipt that is none", answer(roles.MediaReceipt, "a.b.c")},
		{"an object instead of a receipt", answer(roles.MediaReceipt, `{"status":"RECEIVED"}`)},
		{"an answer without an end", func(*c.T) peer.Behaviour { return peer.Behaviour{Answer: endless} }},
		{"an answer of one byte at a time", func(*c.T) peer.Behaviour { return peer.Behaviour{Answer: trickle} }},
	}
}

// tooMuch bounds an answer without an end, for readers that take everything.
const tooMuch = 1 << 30

func endless(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", roles.MediaReceipt)
	w.WriteHeader(http.StatusOK)
	block := strings.Repeat("A", 64<<10)
	for sent := 0; sent < tooMuch; sent += len(block) {
		if _, err := io.WriteString(w, block); err != nil {
			return // the reader had enough
		}
	}
}

// trickle ends by itself: how long a target listens is its own affair.
func trickle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", roles.MediaReceipt)
	w.WriteHeader(http.StatusOK)
	for range 10 {
		if _, err := io.WriteString(w, "A"); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush() // the reader is gone: seen at the next byte
		select {
		case <-r.Context().Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}
