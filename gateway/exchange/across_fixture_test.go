package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/agefile"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// The other hubs of the tests: one of Finland, and a second one that may not be listed.
const (
	finnID   = "https://ncp.fi.example"
	swedeID  = "https://ncp.se.example"
	filingID = "6a70b4d104db074a00fd0001"
	natCase  = "nat:FI:" + filingID
)

// hubSealing is the key others seal to for a hub.
func hubSealing(t testing.TB, id string) jose.SealingKey {
	t.Helper()
	k, err := jose.SealingKeyFromSeed("HPKE-3", bytes.Repeat([]byte(id[len(id)-10:]), 4)[:32])
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newHub is a contact point of a country with a gateway that speaks peer-1 with peers.
func newHub(w *world, id, country string, peers ...string) *node {
	w.t.Helper()
	n := newPeer(w, id, ehds.MarkNCP)
	n.compose.Peers = peers
	key := hubSealing(w.t, id)
	w.edit(id, func(e *federation.Entity) {
		e.Gateway.Country, e.Gateway.Profiles, e.Gateway.SealingAlgs = country, []string{ehds.ProfileR8, ehds.ProfilePeer1}, []string{"HPKE-3"}
		e.Gateway.Keys.Keys = append([]jose.PublicKey{key.Public()}, e.Gateway.Keys.Keys...)
	})
	n.open()
	n.across(country, peers...)
	return n
}

// across makes an opened node speak with peers.
func (n *node) across(country string, peers ...string) {
	key := hubSealing(n.w.t, n.id)
	n.inbox.Across = Across{Peers: peers, Country: country, Handlers: BothSides(n.apps, n.filings(country))}
	n.inbox.Open = func() ([]jose.SealingKey, error) { return []jose.SealingKey{key}, nil }
}

func (n *node) filings(country string) *Filings {
	return &Filings{Compose: n.compose, Country: country}
}

// hubs are the gateway of France and the one of Finland, where the applicant files.
func hubs(t *testing.T) (w *world, fr, fi *node) {
	t.Helper()
	w = newWorld(t)
	fr = newHub(w, ncpID, "FR", finnID)
	fi = newHub(w, finnID, "FI", ncpID)
	fr.publish("ds-1", hdabA)
	return w, fr, fi
}

// sealingSender is a sender that seals.
func (n *node) sealingSender(transport connectors.Central) *Sender {
	s := n.sender(transport)
	s.Sealing = &Sealing{Rand: rand.Reader, Algs: func(string) []string { return []string{"HPKE-3"} }}
	return s
}

// stages keeps a file in the case, as an upload would.
func (n *node) stages(content string) string {
	n.w.t.Helper()
	b, err := n.record.StageBlob(n.w.t.Context(), natCase, bytes.NewReader([]byte(content)), int64(len(content)))
	if err != nil {
		n.w.t.Fatal(err)
	}
	return b.ID
}

// files queues an application for another hub, with one attachment when there is content for it.
func (n *node) files(to *node, content string) store.Outbox {
	n.w.t.Helper()
	d := Draft{To: to.id, Type: ehds.ApplicationSubmit, Case: natCase, Body: json.RawMessage(submitBody(filingID, "ds-1"))}
	if content != "" {
		d.Attachments, d.Blobs = []ehds.Attachment{attachment("plan", content)}, map[string]string{"plan": n.stages(content)}
	}
	return n.queue(natCase, n.compose.Message(d))[0]
}

// carried is what a transport saw go by.
type carried struct {
	tokens []string
	parts  map[string][]byte
}

// tapped is the transport to a node, and a copy of what it carried.
func tapped(n *node, c *carried, before ...error) wire {
	return func(ctx context.Context, p connectors.Peer, token string, list []connectors.Outbound) (connectors.Answer, error) {
		c.tokens = append(c.tokens, token)
		c.parts = map[string][]byte{}
		for _, a := range list {
			r, err := a.Open(ctx)
			if err != nil {
				return connectors.Answer{}, err
			}
			content, err := io.ReadAll(r)
			_ = r.Close()
			if err != nil {
				return connectors.Answer{}, err
			}
			c.parts[a.ID] = content
		}
		answer, err := to(n)(ctx, p, token, list)
		if i := len(c.tokens) - 1; i < len(before) && before[i] != nil {
			return connectors.Answer{}, before[i] // it arrived, and the answer is lost
		}
		return answer, err
	}
}

// payloadOf is what anybody can read of a token.
func payloadOf(t *testing.T, token string) []byte {
	t.Helper()
	s, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypMessage}, Algs: jose.ProfileAlgs()})
	if err != nil {
		t.Fatal(err)
	}
	return s.Payload()
}

// forged is a message of a hub to another, sealed by hand: what a broken or hostile hub may send.
type forged struct {
	env   ehds.Envelope
	bind  trust.Binding
	key   jose.PublicKey
	body  json.RawMessage
	files []trust.SealedAttachment
	parts []part
}

// forge is a good message, changed by mod before it is sealed and by after once it is.
func (n *node) forge(to *node, mod func(*forged), after ...func(*ehds.Envelope)) (string, Parts) {
	t := n.w.t
	t.Helper()
	f := &forged{env: n.envelope(to), key: hubSealing(t, to.id).Public(), body: submitBody(filingID, "ds-1")}
	applied, _ := to.place(natCase, n.id)
	f.env.Profile, f.env.Case, f.env.Body, f.env.Seq = ehds.ProfilePeer1, natCase, nil, applied+1
	f.bind = trust.Binding{Iss: n.id, Aud: to.id, Jti: f.env.Jti, Type: string(f.env.Type), Case: natCase, Seq: applied + 1}
	if mod != nil {
		mod(f)
	}
	var err error
	if f.env.Sealed, f.env.SealedCommit, err = trust.Seal(rand.Reader, f.key, f.bind, f.body, f.files); err != nil {
		t.Fatal(err)
	}
	for _, m := range after {
		m(&f.env)
	}
	return n.sign(f.env), &parts{list: f.parts}
}

// carries adds an age file to a message; cut takes bytes off its end after it was sealed.
func (f *forged) carries(t *testing.T, id, content string, cut int) {
	t.Helper()
	var file bytes.Buffer
	identity, err := agefile.Seal(&file, bytes.NewReader([]byte(content)))
	if err != nil {
		t.Fatal(err)
	}
	sent := file.String()[:file.Len()-cut]
	f.env.Attachments = append(f.env.Attachments, attachment(id, sent))
	f.files = append(f.files, trust.SealedAttachment{ID: id, Name: "plan.pdf", MediaType: "application/pdf", Identity: identity})
	f.parts = append(f.parts, part{id, bytes.NewReader([]byte(sent))})
}
