package roles

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const (
	anchorID = "https://anchor.example"
	peerID   = "https://peer.example"
)

// federation is an anchor and one peer, answered by a transport without sockets.
type federation struct {
	t                      *testing.T
	mu                     sync.Mutex
	now                    time.Time
	anchorKey, peerKey, ex *forge.Key
	calls                  map[string]int // by host
	down                   map[string]bool
	status                 forge.MarkStatus

	// changes to what is served
	anchor, about, leaf func(*forge.Statement)
	answer              func(*http.Request) *http.Response // instead of everything, when it returns one
}

func newFederation(t *testing.T) *federation {
	f := &federation{
		t: t, now: time.Unix(1_800_000_000, 0), calls: map[string]int{}, down: map[string]bool{}, status: forge.MarkActive,
		anchor: func(*forge.Statement) {}, about: func(*forge.Statement) {}, leaf: func(*forge.Statement) {},
		answer: func(*http.Request) *http.Response { return nil },
	}
	for _, k := range []**forge.Key{&f.anchorKey, &f.peerKey, &f.ex} {
		*k = newKey(t)
	}
	return f
}

func newKey(t *testing.T) *forge.Key {
	t.Helper()
	k, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (f *federation) clock() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now }
func (f *federation) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *federation) resolver() *Resolver {
	return &Resolver{
		Anchor: Anchor{anchorID, forge.NewJWKS(f.anchorKey)}, HTTP: &http.Client{Transport: f}, Clock: f.clock,
		Logger: slog.New(slog.DiscardHandler),
	}
}

func (f *federation) sign(k *forge.Key, typ string, claims any) string {
	token, err := forge.Sign(k, typ, claims)
	if err != nil {
		f.t.Error(err)
	}
	return token
}

func (f *federation) statement(iss, sub string, keys *forge.Key, change func(*forge.Statement)) forge.Statement {
	now := f.clock()
	s := forge.Statement{Iss: iss, Sub: sub, Iat: now.Unix(), Exp: now.Add(12 * time.Hour).Unix(), JWKS: forge.NewJWKS(keys)}
	change(&s)
	return s
}

func (f *federation) anchorConfig() string {
	return f.sign(f.anchorKey, forge.TypStatement, f.statement(anchorID, anchorID, f.anchorKey, func(s *forge.Statement) {
		meta, _ := json.Marshal(forge.FederationMetadata{
			Fetch: anchorID + "/fetch", MarkStatus: anchorID + "/status", Mark: anchorID + "/mark",
		})
		s.Metadata = map[string]json.RawMessage{TypeFederation: meta}
		f.anchor(s)
	}))
}

func (f *federation) aboutPeer() string {
	return f.sign(f.anchorKey, forge.TypStatement, f.statement(anchorID, peerID, f.peerKey, func(s *forge.Statement) {
		s.Metadata = StateGateway("NL")
		f.about(s)
	}))
}

func (f *federation) mark() string {
	now := f.clock()
	return f.sign(f.anchorKey, forge.TypMark, forge.Mark{
		Iss: anchorID, Sub: peerID, Type: forge.MarkType(anchorID, "ncp"), Iat: now.Unix(), Exp: now.Add(forge.MaxMarkLife).Unix(),
	})
}

func (f *federation) peerConfig() string {
	return f.sign(f.peerKey, forge.TypStatement, f.statement(peerID, peerID, f.peerKey, func(s *forge.Statement) {
		meta, _ := json.Marshal(GatewayMetadata{ExchangeEndpoint: peerID + "/x", JWKS: forge.NewJWKS(f.ex), Country: "NL"})
		s.AuthorityHints, s.Metadata = []string{anchorID}, map[string]json.RawMessage{TypeGateway: meta}
		s.TrustMarks = []forge.MarkEntry{{Type: forge.MarkType(anchorID, "ncp"), Mark: f.mark()}}
		f.leaf(s)
	}))
}

func (f *federation) chain() []string {
	return []string{f.peerConfig(), f.aboutPeer(), f.anchorConfig()}
}

func respond(status int, media, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {media}}, Body: io.NopCloser(bytes.NewBufferString(body)),
	}
}

// RoundTrip answers as the two hosts would.
func (f *federation) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.calls[r.URL.Host]++
	down := f.down[r.URL.Host]
	f.mu.Unlock()
	if down {
		return nil, &url.Error{Op: r.Method, URL: r.URL.Host, Err: io.ErrUnexpectedEOF}
	}
	if resp := f.answer(r); resp != nil {
		return resp, nil
	}
	switch r.URL.Host + r.URL.Path {
	case "anchor.example" + WellKnown:
		return respond(200, MediaStatement, f.anchorConfig()), nil
	case "anchor.example/fetch":
		if r.URL.Query().Get("sub") == peerID {
			return respond(200, MediaStatement, f.aboutPeer()), nil
		}
	case "peer.example" + WellKnown:
		return respond(200, MediaStatement, f.peerConfig()), nil
	case "anchor.example/mark":
		return respond(200, MediaMark, f.mark()), nil
	case "anchor.example/status":
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		return respond(200, MediaMarkStatus, f.sign(f.anchorKey, forge.TypMarkStatus, forge.MarkStatusResponse{
			Iss: anchorID, Iat: f.clock().Unix(), Mark: r.PostForm.Get("trust_mark"), Status: f.status,
		})), nil
	}
	return respond(404, "application/json", "{}"), nil
}

func (f *federation) called(host string) int { f.mu.Lock(); defer f.mu.Unlock(); return f.calls[host] }

// message is a token of the peer to us.
func (f *federation) message(k *forge.Key, change func(map[string]any)) string {
	now := f.clock()
	claims := map[string]any{"iss": peerID, "aud": "https://us.example", "iat": now.Unix(), "exp": now.Unix() + 60, "jti": "j"}
	change(claims)
	return f.sign(k, ehds.TypMessage, claims)
}
