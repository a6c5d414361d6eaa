package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// witnessProgram is 'witness serve' in a process of its own, with TLS.
type witnessProgram struct {
	cmd *exec.Cmd
	url string
	log *locked
}

func startWitness(t *testing.T, dir, cert, key string) *witnessProgram {
	t.Helper()
	p := &witnessProgram{log: newLog()}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0])
	p.cmd.Args = []string{"ehdsgw", "witness", "serve", dir, "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key} // see TestMain
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // most often gone already
	line, err := bufio.NewReader(out).ReadString('\n')
	ready := regexp.MustCompile(`^ready witness=witness\.test/w1 listen=(\S+)\n$`).FindStringSubmatch(line)
	if ready == nil {
		t.Fatalf("ready line %q, %v\n%s", line, err, p.log)
	}
	p.url = "https://" + ready[1]
	return p
}

// stop ends it as a service manager does.
func (p *witnessProgram) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("witness serve: %v\n%s", err, p.log)
	}
}

// serverFiles are a certificate for this machine, its key, and a client that believes it.
func serverFiles(t *testing.T) (cert, key string, client *http.Client) {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	write(t, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	return cert, key, s.Client()
}

// TestWitnessServes: a witness in another process learns of a log while it serves, cosigns it, and
// an auditor who pinned its key sees that in the bundle. A witness started again remembers.
func TestWitnessServes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "w")
	var made witnessReport
	if err := json.Unmarshal([]byte(must(t, "witness", "init", dir, "--name", "witness.test/w1", "--output", "json")), &made); err != nil {
		t.Fatal(err)
	}
	const origin = "ncp.fr.test/log"
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, client := serverFiles(t)
	p := startWitness(t, dir, cert, key)
	if code, _, stderr := call(t.Context(), "witness", "serve", dir, "--listen", "127.0.0.1:0"); code != exitNegative || !strings.Contains(stderr, "in use by another witness") {
		t.Errorf("two serve from one directory: exit %d, %s", code, stderr)
	}

	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	hdab := f.HDAB(fr, "hdh")
	permit := hdab.SignWithChain(ehds.TypPermit, permitClaims(f.Clock.Now(), hdab.ID))
	var request witness.Request
	bundle := permitBundle(t, f, fr, skey, permit, func(checkpoint []byte) []byte {
		request.Checkpoint = checkpoint
		if _, err := witness.Ask(t.Context(), client, p.url, request); !errors.Is(err, witness.ErrUnknownLog) {
			t.Errorf("before the log was added: %v", err)
		}
		must(t, "witness", "add-log", dir, "--origin", origin, "--vkey", vkey)
		line, err := witness.Ask(t.Context(), client, p.url, request)
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
		return append(checkpoint[:len(checkpoint):len(checkpoint)], line...)
	})
	var rows []watchedRow
	if err := json.Unmarshal([]byte(must(t, "witness", "list", dir, "--output", "json")), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || rows[0].Size != 1 || rows[0].Cosigned.IsZero() {
		t.Errorf("listed while it serves: %+v", rows)
	}
	work := t.TempDir()
	verify := func(name string, witnesses []string) (int, string) {
		t.Helper()
		trust := filepath.Join(work, name)
		write(t, trust, marshal(t, evidence.TrustFile{
			Version: 1, Anchors: []evidence.TrustAnchor{{Entity: f.Anchor.ID, JWKS: marshal(t, f.Anchors()[0].Keys)}},
			Logs: []evidence.TrustedLog{{Entity: fr.ID, Origin: origin, VKey: vkey}}, Witnesses: witnesses,
		}))
		code, stdout, _ := call(t.Context(), "evidence", "verify", filepath.Join(work, "case.json"), "--trust", trust)
		return code, stdout
	}
	write(t, filepath.Join(work, "case.json"), bundle)
	at := rows[0].Cosigned.Format("2006-01-02T15:04:05Z")
	if code, out := verify("trust.json", []string{made.VKey}); code != exitOK || !strings.Contains(out, "by 1, at "+at) || !strings.Contains(out, "1, of which 1 cosigned") {
		t.Errorf("exit %d, want witnessed at %s\n%s", code, at, out)
	}
	if code, out := verify("nobody.json", []string{fixtureWitness().vkey}); code != exitOK || !strings.Contains(out, "by none of the trust file's witnesses") {
		t.Errorf("with another witness pinned: exit %d\n%s", code, out)
	}

	p.stop(t)
	p = startWitness(t, dir, cert, key)
	var conflict *witness.ConflictError
	if _, err := witness.Ask(t.Context(), client, p.url, request); !errors.As(err, &conflict) || conflict.Size != 1 {
		t.Errorf("started again, asked as if it had seen nothing: %v", err)
	}
	p.stop(t)
	if !strings.Contains(p.log.String(), witness.ErrConflict.Error()) {
		t.Errorf("log: %s", p.log)
	}
}
