package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// fronted is hosts on this machine behind one TLS server, as behind a proxy: an entity's name is known
// before the server for it listens.
type fronted struct {
	srv *httptest.Server
	ca  string

	mu    sync.Mutex
	hosts map[string]http.Handler // by first segment of the path
}

func newFronted(t *testing.T) *fronted {
	t.Helper()
	f := &fronted{hosts: map[string]http.Handler{}, ca: filepath.Join(t.TempDir(), "ca.pem")}
	f.srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		h := f.hosts[strings.Split(r.URL.Path, "/")[1]]
		f.mu.Unlock()
		if h == nil {
			http.Error(w, "nobody", http.StatusBadGateway)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(f.srv.Close)
	write(t, f.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.srv.Certificate().Raw}))
	return f
}

func (f *fronted) put(name string, h http.Handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hosts[name] = h
}

// reach are the flags to reach it.
func (f *fronted) reach() []string {
	return []string{"--ca-file", f.ca, "--allow-network", "127.0.0.0/8"}
}

// run starts 'anchor serve' for a directory and puts it behind its name. stop ends it.
func (f *fronted) run(t *testing.T, name, dir string) (stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	log := newLog()
	code := make(chan int, 1)
	go func() {
		args := append([]string{"ehdsgw", "anchor", "serve", "--dir", dir, "--listen", "127.0.0.1:0"}, f.reach()...)
		code <- run(ctx, args, strings.NewReader(""), w, log, nil)
		_ = w.Close()
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatalf("anchor serve ended with exit %d before it was ready\n%s", <-code, log)
	}
	address := regexp.MustCompile(`listen=(\S+)`).FindStringSubmatch(line)
	if address == nil {
		t.Fatalf("ready line: %q", line)
	}
	f.put(name, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address[1]}))
	once := sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() {
		if got := once(); got != exitOK {
			t.Errorf("anchor serve ended with exit %d\n%s", got, log)
		}
	})
	return once
}

// TestAnchorServes: two real servers, an anchor and an intermediate; a hub under the intermediate
// resolves to the anchor, and what the other commands change counts without a restart.
func TestAnchorServes(t *testing.T) {
	f := newFronted(t)
	base, dir := f.srv.URL, t.TempDir()
	anchor, region, hub := base+"/anchor", base+"/region", base+"/hub"
	anchorDir, regionDir := filepath.Join(dir, "anchor"), filepath.Join(dir, "region")
	must(t, "anchor", "init", anchorDir, "--entity", anchor)
	must(t, "anchor", "init", regionDir, "--entity", region, "--superior", anchor, "--anchor-keys", filepath.Join(anchorDir, federationSet))
	f.run(t, "anchor", anchorDir)
	f.run(t, "region", regionDir)

	// The region by its thumbprint, which comes from its own operator.
	var report anchorReport
	if err := json.Unmarshal([]byte(must(t, "anchor", "rotate-key", "--dir", regionDir, "--output", "json")), &report); err != nil {
		t.Fatal(err)
	}
	enroll := append([]string{"anchor", "enroll", region, "--dir", anchorDir, "--country", "BE", "--intermediate", "--issues", "ncp"}, f.reach()...)
	if code, _, stderr := call(t.Context(), append(enroll, "--thumbprint", "wrong")...); code != exitNegative || !strings.Contains(stderr, "no key with this thumbprint") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	must(t, append(enroll, "--thumbprint", report.Kid)...)

	keys := newFederationKeys(t)
	var mux http.ServeMux
	head := federation.NewSelf(federation.SelfOptions{
		Entity: hub, Hints: []string{region}, Keys: keys, Clock: time.Now, Marks: fetchedMark(f, region, anchor, hub),
		Metadata: func() (map[string]any, error) {
			return map[string]any{
				federation.TypeFederationEntity: federation.EndpointsOf(hub, "Hub"),
				federation.TypeGateway:          map[string]any{"country": "BE", "jwks": trusttest.KeySet(trusttest.Key("x"))},
			}, nil
		},
	})
	house := &federation.House{Head: head}
	if err := house.Register(&mux); err != nil {
		t.Fatal(err)
	}
	f.put("hub", &mux)
	set := filepath.Join(dir, "hub.jwks.json")
	write(t, set, marshal(t, trusttest.KeySet(keys.key)))
	must(t, "anchor", "enroll", hub, "--dir", regionDir, "--country", "BE", "--mark", "ncp", "--jwks", set)

	trust := filepath.Join(dir, "trust.json")
	pinned, err := os.ReadFile(filepath.Join(anchorDir, federationSet))
	if err != nil {
		t.Fatal(err)
	}
	write(t, trust, marshal(t, evidence.TrustFile{
		Version: 1, Anchors: []evidence.TrustAnchor{{Entity: anchor, JWKS: pinned}}, Logs: []evidence.TrustedLog{}, Witnesses: []string{},
	}))
	resolve := func() (code int, v chainView, stdout string) {
		t.Helper()
		head.Renew()
		code, stdout, stderr := call(t.Context(), append([]string{"trust", "resolve", hub, "--trust", trust, "--output", "json"}, f.reach()...)...)
		if err := json.Unmarshal([]byte(stdout), &v); err != nil {
			t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
		}
		return code, v, stdout
	}
	code, v, out := resolve()
	if code != exitOK || len(v.Chain) != 4 || v.Anchor != anchor || len(v.Marks) != 1 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	must(t, "anchor", "suspend", hub, "--dir", regionDir)
	if code, v, out := resolve(); code != exitOK || len(v.Marks) != 0 {
		t.Errorf("suspended: exit %d\n%s", code, out)
	}
	must(t, "anchor", "withdraw", region, "--dir", anchorDir)
	if code, _, out := resolve(); code != exitNegative {
		t.Errorf("withdrawn: exit %d\n%s", code, out)
	}
}

// fetchedMark gets a hub's mark from the intermediate, as a hub does.
func fetchedMark(f *fronted, issuer, anchor, hub string) func() []federation.MarkEntry {
	return func() []federation.MarkEntry {
		name := federation.MarkType(anchor, "ncp")
		resp, err := f.srv.Client().Get(issuer + "/federation/trust-mark?" + url.Values{"trust_mark_type": {name}, "sub": {hub}}.Encode())
		if err != nil {
			return nil
		}
		defer resp.Body.Close()
		token, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			return nil
		}
		return []federation.MarkEntry{{Type: name, Token: string(token)}}
	}
}
