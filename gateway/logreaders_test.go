package gateway

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// pull is a signed pull of the centre's, changed.
func (n *nation) pull(key string, change func(map[string]any)) string {
	n.t.Helper()
	claims := map[string]any{
		"iss": n.server.URL + "/centre", "aud": n.entity, "iat": n.now().Unix(), "exp": n.now().Add(time.Minute).Unix(),
		"jti": uuid.Must(uuid.NewV7()).String(), "ask": "log",
	}
	typ := "ehds-pull+jwt"
	if change != nil {
		change(claims)
		if t, ok := claims["typ"].(string); ok {
			typ = t
			delete(claims, "typ")
		}
	}
	token, err := jose.Sign(trusttest.Key(key), typ, jose.SignOptions{}, n.json(claims))
	if err != nil {
		n.t.Fatal(err)
	}
	return token
}

// readLog gets a path of the log with a bearer token.
func (n *nation) readLog(path, token string) ([]byte, int) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, n.entity+"/log/"+path, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := n.client().Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return body, resp.StatusCode
}

// A peer reads checkpoint and tiles over HTTP and proves with nothing else that the log only grew.
func TestPeerAuditsTheLogOverHTTP(t *testing.T) {
	n := newNation(t)
	g := n.running()
	token := n.pull("centre exchange", nil)
	head := func() evidence.Checkpoint {
		t.Helper()
		raw, status := n.readLog("checkpoint", token)
		if status != 200 {
			t.Fatalf("status %d", status)
		}
		key, err := evidence.VerifierFor(g.logKey.VKey)
		if err != nil {
			t.Fatal(err)
		}
		cp, err := evidence.OpenCheckpoint(raw, LogOrigin(n.entity), key)
		if err != nil {
			t.Fatal(err)
		}
		return cp
	}
	tiles := func(path string) ([]byte, error) {
		data, status := n.readLog(path, token)
		if status == 404 {
			return nil, fs.ErrNotExist
		}
		if status != 200 {
			return nil, fmt.Errorf("status %d", status)
		}
		return data, nil
	}
	before := head()
	if err := g.record.Erase(t.Context(), "app:A1"); err != nil {
		t.Fatal(err)
	}
	after := head()
	if after.Size <= before.Size {
		t.Fatalf("the log did not grow: %d, %d", before.Size, after.Size)
	}
	proof, err := evidence.ProveConsistency(before, after, tiles)
	if err == nil {
		err = evidence.Consistent(before, after, proof)
	}
	if err != nil {
		t.Errorf("across an erasing: %v", err)
	}
	if _, err := evidence.ProveInclusion(after, 0, tiles); err != nil {
		t.Error(err)
	}
	if _, err := tiles("tile/entries/000"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an entry bundle: %v", err)
	}
}

// shows R15.5.3 R15.6.2-3
func TestWhoMayReadTheLog(t *testing.T) {
	n := newNation(t)
	n.running()
	for _, c := range []struct {
		name   string
		token  string
		status int
	}{
		{"the centre", n.pull("centre exchange", nil), 200},
		{"nobody", "", 401},
		{"rubbish", "a.b.c", 401},
		{"another key", n.pull("anchor", nil), 401},
		{"another audience", n.pull("centre exchange", func(c map[string]any) { c["aud"] = "https://elsewhere.example" }), 401},
		{"another type", n.pull("centre exchange", func(c map[string]any) { c["typ"] = "ehds-receipt+jwt" }), 401},
		{"a pull of messages", n.pull("centre exchange", func(c map[string]any) { c["ask"] = map[string]any{"messages": map[string]any{}} }), 401},
		{"without jti", n.pull("centre exchange", func(c map[string]any) { delete(c, "jti") }), 401},
		{"without exp", n.pull("centre exchange", func(c map[string]any) { delete(c, "exp") }), 401},
		{"for an hour", n.pull("centre exchange", func(c map[string]any) { c["exp"] = n.now().Add(time.Hour).Unix() }), 401},
		{"over", n.pull("centre exchange", func(c map[string]any) {
			c["iat"], c["exp"] = n.now().Add(-10*time.Minute).Unix(), n.now().Add(-9*time.Minute).Unix()
		}), 401},
		{"of the future", n.pull("centre exchange", func(c map[string]any) {
			c["iat"], c["exp"] = n.now().Add(10*time.Minute).Unix(), n.now().Add(11*time.Minute).Unix()
		}), 401},
		{"a stranger", n.pull("centre exchange", func(c map[string]any) { c["iss"] = n.server.URL + "/stranger" }), 401},
	} {
		if _, status := n.readLog("checkpoint", c.token); status != c.status {
			t.Errorf("%s: %d", c.name, status)
		}
	}
}
