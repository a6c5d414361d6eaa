package main

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A portal is tried before it is configured: with a token, over its own authority, as far as asked.
func TestConnectorTestOfAPortal(t *testing.T) {
	full, err := os.ReadFile("../../gateway/catalogue/profile/testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		if r.Header.Get("Authorization") != "hush" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/turtle")
		_, _ = fmt.Fprintf(w, "@prefix hydra: <http://www.w3.org/ns/hydra/core#> . <> a hydra:PagedCollection .\n") // the client may have gone
		if page == "1" {
			_, _ = fmt.Fprintf(w, "<> hydra:next <catalog.ttl?page=2> .\n%s", full)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	ca, token := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "token")
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	write(t, token, []byte("hush\n"))
	try := func(want int, args ...string) trial {
		t.Helper()
		args = append([]string{"connector", "test", "--driver", "ckan", "--location", server.URL, "--development", "--ca-file", ca, "--output", "json"}, args...)
		code, stdout, stderr := call(t.Context(), args...)
		var got trial
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != want || stderr != "" {
			t.Errorf("%v: exit %d, want %d: %v\n%s%s", args, code, want, err, stdout, stderr)
		}
		if strings.Contains(stdout, "hush") {
			t.Errorf("the token shows:\n%s", stdout)
		}
		return got
	}
	if got := try(exitOK, "--token-file", token); !got.Complete || got.Pages != 2 || got.Valid != 1 || !got.Capabilities.Since {
		t.Errorf("%+v", got)
	}
	if got := try(exitOK, "--token-file", token, "--max-pages", "1"); got.Complete || !got.Stopped || got.Pages != 1 || got.Valid != 1 {
		t.Errorf("stopped: %+v", got)
	}
	if got := try(exitCannotTell); got.Complete || got.Stopped || !strings.Contains(got.Error, "status 403") {
		t.Errorf("without a token: %+v", got)
	}
}
