package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// keyCall is a change over the operator socket that must be taken.
func (n *nation) keyCall(path, in string) KeyChange {
	n.t.Helper()
	var out KeyChange
	if status, code := n.operator("/v1/keys/"+path, in, &out); status != 200 {
		n.t.Fatalf("%s %s: %d %s", path, in, status, code)
	}
	return out
}

// keyLeaves are the changes of keys in the log, as "from>to".
func keyLeaves(t *testing.T, g *Gateway) (out []string) {
	t.Helper()
	leaves, err := g.record.Evidence(t.Context(), keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range leaves {
		var k keyLeaf
		if err := json.Unmarshal(l.Material, &k); err != nil || l.Class != evidence.ClassKey {
			t.Fatalf("%s leaf: %v", l.Class, err)
		}
		out = append(out, fmt.Sprintf("%s:%s>%s", k.Key.Purpose, k.From, k.Key.State))
	}
	return out
}

// configuration is what the gateway states of itself.
func (n *nation) configuration() *federation.Statement {
	n.t.Helper()
	resp, err := n.client().Get(n.entity + federation.WellKnown)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		n.t.Fatalf("%d %s %v", resp.StatusCode, raw, err)
	}
	s, err := federation.ParseStatement(string(raw))
	if err != nil {
		n.t.Fatal(err)
	}
	return s
}

// signedBy is the kid of the key that signed a statement.
func signedBy(t *testing.T, s *federation.Statement) string {
	t.Helper()
	token, err := jose.Parse([]byte(s.Token), jose.ParseOptions{Typ: []string{federation.TypStatement}})
	if err != nil {
		t.Fatal(err)
	}
	return token.Header.Kid
}

func kidsOf(set jose.KeySet) (out []string) {
	for _, k := range set.Keys {
		out = append(out, k.Kid)
	}
	return out
}

func (n *nation) exchangeKids() []string { n.t.Helper(); return kidsOf(n.gatewayMetadata().Keys) }

func (n *nation) gatewayMetadata() (md federation.GatewayMetadata) {
	n.t.Helper()
	if err := json.Unmarshal(n.configuration().Metadata[federation.TypeGateway], &md); err != nil {
		n.t.Fatal(err)
	}
	return md
}

// TestKeysRotateWhileRunning: a running gateway publishes and signs with new keys at once, and every
// change is in its log once.
func TestKeysRotateWhileRunning(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	before := n.exchangeKids()

	made := n.keyCall("generate", `{"purpose":"exchange"}`)
	if got := n.exchangeKids(); len(before) != 1 || len(got) != 2 || made.Key.State != keys.Next || made.Key.Owner != ownerNCP {
		t.Errorf("published %v after %v; made %+v", got, before, made)
	}
	if status, code := n.operator("/v1/keys/rotate", `{"purpose":"exchange"}`, nil); status != 409 || code != "too-early" {
		t.Errorf("a rotation before others can know the key: %d %s", status, code)
	}
	n.offset.Add(int64(25 * time.Hour))
	done := n.keyCall("rotate", `{"purpose":"exchange"}`)
	if done.Key.Kid != made.Key.Kid || done.Retired == nil || done.Retired.Kid != before[0] || len(done.Warnings) != 0 {
		t.Errorf("rotated: %+v", done)
	}
	status, receipt, body := n.deliver(strings.NewReader(n.submit("A1")))
	if status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s", status, body)
	}
	signed, err := jose.Parse([]byte(body), jose.ParseOptions{Typ: []string{ehds.TypReceipt}})
	if err != nil || signed.Header.Kid != made.Key.Kid {
		t.Errorf("the receipt is signed with %s, want the new key: %v", signed.Header.Kid, err)
	}
	if got := n.exchangeKids(); len(got) != 2 {
		t.Errorf("both keys stay published: %v", got)
	}
	n.offset.Add(int64(16 * 24 * time.Hour))
	g.keepKeys(t.Context())
	if got := n.exchangeKids(); !cmp.Equal(got, []string{made.Key.Kid}) {
		t.Errorf("in the end %v is published", got)
	}
	want := []string{"exchange:>next", "exchange:>retiring", "exchange:next>active", "exchange:retiring>historical"}
	g.keepKeys(t.Context()) // changes nothing
	if diff := cmp.Diff(want, keyLeaves(t, g)); diff != "" {
		t.Errorf("leaves (-want +got):\n%s", diff)
	}
	var rows []KeyRow
	if status, _ := n.operator("/v1/keys", "", &rows); status != 200 || len(rows) < 6 {
		t.Errorf("list: %d %+v", status, rows)
	}
	var set jose.KeySet
	if status, _ := n.operator("/v1/keys/jwks?purpose=exchange", "", &set); status != 200 || !cmp.Equal(kidsOf(set), []string{made.Key.Kid}) {
		t.Errorf("exported: %d %v", status, kidsOf(set))
	}
}

// TestCrashBetweenKeyAndLeaf: a key file changed and the power failed before its leaf was written.
func TestCrashBetweenKeyAndLeaf(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	if _, err := g.keys.Generate(keys.Exchange, ownerNCP, keys.Ed25519); err != nil { // past the desk: the crash
		t.Fatal(err)
	}
	n.stop(g)
	n.port()
	g = n.start()
	n.ready(g)
	n.until("logged", func() error {
		if got := keyLeaves(t, g); !cmp.Equal(got, []string{"exchange:>next"}) {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
	g.keepKeys(t.Context())
	if got := keyLeaves(t, g); len(got) != 1 {
		t.Errorf("told twice: %v", got)
	}
}

// TestRevokedKeyStopsTheGateway: without an active key it is not ready, starts all the same, and is
// mended over the operator socket.
func TestRevokedKeyStopsTheGateway(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	kid := n.exchangeKids()[0]
	out := n.keyCall("revoke", `{"kid":"`+kid+`","reason":"compromised"}`)
	if len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0], "keys rotate --purpose exchange --owner ncp --alg Ed25519 --now") {
		t.Errorf("warnings: %q", out.Warnings)
	}
	if err := g.Ready(t.Context()); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("ready: %v", err)
	}
	if got := n.exchangeKids(); len(got) != 0 {
		t.Errorf("a revoked key is published: %v", got)
	}
	n.stop(g)
	n.port()
	g = n.start()
	out = n.keyCall("rotate", `{"purpose":"exchange","when":"now"}`)
	if out.Key.State != keys.Active || out.Retired != nil || len(out.Warnings) != 1 {
		t.Errorf("rotated: %+v", out)
	}
	n.ready(g)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); status != 200 || receipt != ehds.Received {
		t.Errorf("%d %s", status, body)
	}
}

// TestFederationKeyWaitsForTheSuperior: our own configuration is signed with a new key only once the
// anchor states it, and both keys stay in it.
func TestFederationKeyWaitsForTheSuperior(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	old := n.configuration()
	frozen := jose.KeySet{Keys: old.JWKS.Keys}
	n.enrolled.Store(&frozen) // the anchor knows what it was told
	made := n.keyCall("generate", `{"purpose":"federation","owner":"ncp"}`)
	if len(made.Warnings) != 1 || !strings.Contains(made.Warnings[0], "enrol again") {
		t.Errorf("warnings: %q", made.Warnings)
	}
	n.offset.Add(int64(25 * time.Hour))
	for when, want := range map[string]string{"if-due": "superior-lacks-key", "when-due": "when-unfit", "soon": "when-unknown"} {
		if status, code := n.operator("/v1/keys/rotate", `{"purpose":"federation","owner":"ncp","when":"`+when+`"}`, nil); code != want {
			t.Errorf("%s: %d %s, want %s", when, status, code, want)
		}
	}
	if got := n.configuration(); signedBy(t, got) != signedBy(t, old) || len(got.JWKS.Keys) != 2 {
		t.Errorf("signed with %s, keys %v", signedBy(t, got), kidsOf(got.JWKS))
	}
	lost := n.keyCall("rotate", `{"purpose":"federation","owner":"ncp","alg":"ES256","when":"now"}`)
	if len(lost.Warnings) != 2 || !strings.Contains(lost.Warnings[0], "until a superior states it") {
		t.Errorf("warnings: %q", lost.Warnings)
	}
	n.away.Store(true)
	n.offset.Add(int64(25 * time.Hour)) // what is known of the superior is over, too
	if status, code := n.operator("/v1/keys/rotate", `{"purpose":"federation","owner":"ncp"}`, nil); status != 503 || code != "superior-unavailable" {
		t.Errorf("nobody to ask: %d %s", status, code)
	}
	n.away.Store(false)
	n.enrolled.Store(nil) // enrolled again
	n.offset.Add(int64(25 * time.Hour))
	done := n.keyCall("rotate", `{"purpose":"federation","owner":"ncp"}`)
	got := n.configuration()
	if done.Key.Kid != made.Key.Kid || signedBy(t, got) != made.Key.Kid || !slices.Contains(kidsOf(got.JWKS), signedBy(t, old)) {
		t.Errorf("signed with %s, keys %v, want %s", signedBy(t, got), kidsOf(got.JWKS), made.Key.Kid)
	}
	if got := n.exchangeKids(); len(got) != 1 || got[0] == made.Key.Kid || got[0] == signedBy(t, old) {
		t.Errorf("a federation key among the exchange keys: %v", got)
	}
}

func TestKeyRequestsRefused(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	n.start()
	made := n.keyCall("generate", `{"purpose":"permit","alg":"ES256"}`) // the only body's
	if made.Key.Owner != "hdab-hdh" || made.Key.Alg != keys.ES256 {
		t.Errorf("made %+v", made.Key)
	}
	gone := n.keyCall("revoke", `{"kid":"`+made.Key.Kid+`","reason":"superseded","since":"2020-01-01T00:00:00Z"}`)
	if gone.Key.Revoked != "2020-01-01T00:00:00Z" {
		t.Errorf("revoked %+v", gone.Key)
	}
	n.keyCall("generate", `{"purpose":"exchange"}`)
	for _, c := range []struct {
		name, path, in string
		status         int
		code           string
	}{
		{"log keys", "generate", `{"purpose":"log"}`, 422, "purpose-unknown"},
		{"record keys", "jwks?purpose=record", "", 422, "purpose-unknown"},
		{"no purpose", "generate", `{}`, 422, "purpose-unknown"},
		{"two owners", "generate", `{"purpose":"federation"}`, 422, "owner-unknown"},
		{"somebody else", "rotate", `{"purpose":"exchange","owner":"hdab-hdh"}`, 422, "owner-unknown"},
		{"alg", "generate", `{"purpose":"exchange","alg":"RS256"}`, 422, "alg-unknown"},
		{"a second next key", "generate", `{"purpose":"exchange"}`, 409, "next-key-exists"},
		{"no next key", "rotate", `{"purpose":"visa"}`, 404, "no-such-key"},
		{"revoked twice", "revoke", `{"kid":"` + made.Key.Kid + `","reason":"compromised"}`, 409, "key-revoked"},
		{"unknown key", "revoke", `{"kid":"x","reason":"compromised"}`, 404, "no-such-key"},
		{"no reason", "revoke", `{"kid":"` + made.Key.Kid + `"}`, 422, "reason-unknown"},
		{"no time", "revoke", `{"kid":"x","reason":"compromised","since":"now"}`, 422, "time-form"},
		{"a time ahead", "revoke", `{"kid":"x","reason":"compromised","since":"2999-01-01T00:00:00Z"}`, 422, "time-ahead"},
		{"unknown member", "rotate", `{"purpose":"exchange","force":true}`, 400, "request-json"},
	} {
		if status, code := n.operator("/v1/keys/"+c.path, c.in, nil); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, code, c.status, c.code)
		}
	}
}

func TestKeyChangeOfADamagedDocument(t *testing.T) {
	t.Parallel()
	if _, err := keyChange(store.State{Doc: []byte("{")}, nil); err == nil {
		t.Error("a damaged document was taken for an empty one")
	}
}
