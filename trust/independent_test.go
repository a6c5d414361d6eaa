package trust_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

type judged struct {
	Name    string `json:"name"`
	Typ     string `json:"typ"`
	Compact string `json:"compact"`
}

// TestIndependentVerifier has another library, in another language, verify what this one signs: npm
// jose, in the version of testdata/node/package-lock.json. It must accept every honest token and none
// of the altered ones.
func TestIndependentVerifier(t *testing.T) {
	t.Parallel()
	dir := installNode(t)
	keys, honest := honestTokens(t)
	tokens := honest
	for _, h := range honest {
		tokens = append(tokens, altered(h)...)
	}
	var answer struct {
		Results []struct {
			Name  string `json:"name"`
			OK    bool   `json:"ok"`
			Error string `json:"error"`
		} `json:"results"`
		Thumbprints []string `json:"thumbprints"`
	}
	runNode(t, dir, map[string]any{"keys": keys, "tokens": tokens}, &answer)
	if len(answer.Results) != len(tokens) || len(answer.Thumbprints) != len(keys.Keys) {
		t.Fatalf("%d of %d tokens judged", len(answer.Results), len(tokens))
	}
	accepted := 0
	for i, r := range answer.Results {
		if want := i < len(honest); r.OK != want {
			t.Errorf("%s: accepted %v (%s), want %v", r.Name, r.OK, r.Error, want)
		}
		if r.OK {
			accepted++
		}
	}
	written, err := json.Marshal(keys)
	if err != nil {
		t.Fatal(err)
	}
	var set jose.KeySet
	if err := json.Unmarshal(written, &set); err != nil {
		t.Fatal(err)
	}
	for i, k := range set.Keys { // the written order, by kid
		if answer.Thumbprints[i] != k.Kid {
			t.Errorf("thumbprint of %s is %s", k.Kid, answer.Thumbprints[i])
		}
	}
	t.Logf("npm jose: %d of %d honest tokens accepted, %d altered ones refused", accepted, len(honest), len(tokens)-len(honest))
}

// honestTokens are one of each kind, signed by the code that signs them in service.
func honestTokens(t *testing.T) (jose.KeySet, []judged) {
	t.Helper()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	signer := trust.NewSigner(fr)
	exchange, err := fr.SigningKey()
	if err != nil {
		t.Fatal(err)
	}
	es256 := pqKey(t, "ES256")
	list := statuslist.New(64)
	status, err := list.Encode()
	if err != nil {
		t.Fatal(err)
	}
	claims := checkClaims(f.Clock.Now())
	var out []judged
	for _, kind := range []struct {
		typ    string
		claims any
	}{
		{"ehds-message+jwt", claims}, {"ehds-receipt+jwt", claims}, {"ehds-permit+jwt", claims},
		{"statuslist+jwt", map[string]any{"iss": fr.ID, "sub": fr.ID + "/status", "iat": f.Clock.Unix(), "status_list": status}},
	} {
		token, err := signer.Sign(kind.typ, kind.claims, fr.Chain())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, judged{"Ed25519 " + kind.typ, kind.typ, token})
	}
	own, err := fr.Self().Configuration()
	if err != nil {
		t.Fatal(err)
	}
	out = append(out,
		judged{"ES256 ehds-message+jwt", "ehds-message+jwt", trusttest.Sign(t, es256, "ehds-message+jwt", claims)},
		judged{"entity configuration", "entity-statement+jwt", own},
		judged{"subordinate statement", "entity-statement+jwt", fr.Statement()},
		judged{"trust mark", "trust-mark+jwt", fr.MarkToken("ncp")},
	)
	return trusttest.KeySet(exchange, es256, fr.Federation, f.Anchor.Federation), out
}

// altered are copies that nobody may accept.
func altered(h judged) []judged {
	parts := strings.Split(h.Compact, ".")
	with := func(what, compact string) judged { return judged{h.Name + ", " + what, h.Typ, compact} }
	none := "eyJhbGciOiJub25lIiwidHlwIjoiZWhkcy1tZXNzYWdlK2p3dCJ9"
	return []judged{
		with("signature altered", parts[0]+"."+parts[1]+"."+flipLetter(parts[2][:2])+parts[2][2:]),
		with("payload altered", parts[0]+"."+parts[1]+flipLetter("AA")+"."+parts[2]),
		with("alg none", none+"."+parts[1]+"."),
		with("signature missing", parts[0]+"."+parts[1]+"."),
	}
}

// installNode installs the library from its lock file into a folder that is thrown away.
func installNode(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the independent verifier was not asked", program)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "node"))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm jose could not be installed, the independent verifier was not asked: %v\n%s", err, out)
	}
	return dir
}

func runNode(t *testing.T, dir string, question, answer any) {
	t.Helper()
	text, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "verify.mjs")
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
