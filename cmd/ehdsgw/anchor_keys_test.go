package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// pinnedKeys reads a set that operators hand around.
func pinnedKeys(t *testing.T, name string) jose.KeySet {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	set, err := jose.ParseKeySet(raw)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// anchorCall runs a command about an anchor's keys and reads its report.
func anchorCall(t *testing.T, args ...string) (r anchorReport, stderr string) {
	t.Helper()
	code, stdout, stderr := call(t.Context(), append([]string{"anchor"}, append(args, "--output", "json")...)...)
	if code != exitOK {
		t.Fatalf("exit %d\n%s", code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	return r, stderr
}

// TestAnchorRevokesTheKeyThatSigns: a running anchor signs with another key from the next request on and
// lists the revoked one with its reason. Who has not renewed the pins notices; who has goes on.
func TestAnchorRevokesTheKeyThatSigns(t *testing.T) {
	f := newFronted(t)
	anchor, dir := f.srv.URL+"/anchor", filepath.Join(t.TempDir(), "anchor")
	must(t, "anchor", "init", dir, "--entity", anchor)
	f.run(t, "anchor", dir)
	before := pinnedKeys(t, filepath.Join(dir, federationSet))
	find := func(pins jose.KeySet) error {
		r := federation.NewResolver(federation.Options{
			Anchors: []federation.Anchor{{Entity: anchor, Keys: pins}}, HTTP: f.srv.Client(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		_, err := r.List(t.Context(), anchor, federation.ListFilter{})
		return err
	}
	if err := find(before); err != nil {
		t.Fatal(err)
	}
	since := time.Now().Add(-time.Minute).UTC().Truncate(time.Second)
	old := before.Keys[0].Kid
	r, stderr := anchorCall(t, "revoke-key", old, "--dir", dir, "--reason", "compromised", "--since", since.Format(time.RFC3339))
	for _, say := range []string{r.Kid + " signs now", "raises the alarm", old + " still speaks for this anchor", "another channel"} {
		if !strings.Contains(stderr, say) {
			t.Errorf("warnings without %q:\n%s", say, stderr)
		}
	}
	after := pinnedKeys(t, filepath.Join(dir, federationSet))
	if len(after.Keys) != 1 || after.Keys[0].Kid != r.Kid || r.Kid == old {
		t.Errorf("published: %+v", after.Keys)
	}
	if err := find(before); !errors.Is(err, federation.ErrAnchorMismatch) {
		t.Errorf("under the old pins: %v", err)
	}
	if err := find(after); err != nil {
		t.Errorf("under the new pins: %v", err)
	}
	resp, err := f.srv.Client().Get(anchor + "/federation/historical-keys")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", resp.StatusCode, err)
	}
	h, err := federation.ParseHistorical(string(text))
	if err == nil {
		err = h.Verify(after)
	}
	if err != nil || len(h.Keys) != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	if k := h.Keys[0]; k.Key.Kid != old || k.Revoked == nil || k.Revoked.Reason != "compromised" || !k.Revoked.At.Equal(since) {
		t.Errorf("%+v %+v", k, k.Revoked)
	}
	for want, args := range map[string][]string{
		"is revoked since":           {old, "--reason", "superseded"},
		"has no key nobody":          {"nobody", "--reason", "superseded"},
		"--reason \"stolen\"":        {r.Kid, "--reason", "stolen"},
		"--since \"2999-01-01T00:00": {r.Kid, "--reason", "compromised", "--since", "2999-01-01T00:00:00Z"},
		"--since \"yesterday\"":      {r.Kid, "--reason", "compromised", "--since", "yesterday"},
		"thumbprint is missing":      {"--reason", "compromised"},
	} {
		if code, _, stderr := call(t.Context(), append([]string{"anchor", "revoke-key", "--dir", dir}, args...)...); code == exitOK || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, %s", want, code, stderr)
		}
	}
}

// TestAnchorRotatesOntoItsPins: the first call says what to do before the second; with --pins the second looks
// whether it was done.
func TestAnchorRotatesOntoItsPins(t *testing.T) {
	base := t.TempDir()
	dir, region := filepath.Join(base, "anchor"), filepath.Join(base, "region")
	must(t, "anchor", "init", dir, "--entity", "https://anchor.example")
	must(t, "anchor", "init", region, "--entity", "https://fed.be.example", "--superior", "https://anchor.example", "--anchor-keys", filepath.Join(dir, federationSet))
	pins := filepath.Join(region, anchorKeysName)
	first, stderr := anchorCall(t, "rotate-key", "--dir", dir)
	if !strings.Contains(stderr, "before "+first.Next+" takes over, have federation.jwks.json pinned") {
		t.Errorf("the first call: %s", stderr)
	}
	publishedLongAgo(t, dir)
	code, _, stderr := call(t.Context(), "anchor", "rotate-key", "--dir", dir, "--pins", filepath.Join(dir, federationSet), "--pins", pins)
	if code != exitNegative || !strings.Contains(stderr, first.Next+" is not in "+pins+":") {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	raw, err := os.ReadFile(filepath.Join(dir, federationSet))
	if err != nil {
		t.Fatal(err)
	}
	write(t, pins, raw)
	if code, _, stderr := call(t.Context(), "anchor", "rotate-key", "--dir", dir, "--pins", filepath.Join(base, "absent")); code != exitUsage {
		t.Errorf("pins that cannot be read: exit %d, %s", code, stderr)
	}
	second, stderr := anchorCall(t, "rotate-key", "--dir", dir, "--pins", pins)
	if second.Kid != first.Next || stderr != "" {
		t.Errorf("the second call: %+v, %s", second, stderr)
	}
	anchorCall(t, "rotate-key", "--dir", dir)
	publishedLongAgo(t, dir)
	if third, stderr := anchorCall(t, "rotate-key", "--dir", dir); !strings.Contains(stderr, third.Kid+" signs now: a gateway or intermediate that has not pinned it") {
		t.Errorf("without --pins: %s", stderr)
	}
	// An intermediate is known by its superiors' word.
	again := "'ehdsgw anchor enroll https://fed.be.example --replace --jwks federation.jwks.json' there"
	next, stderr := anchorCall(t, "rotate-key", "--dir", region)
	if !strings.Contains(stderr, "have https://anchor.example state it: "+again) {
		t.Errorf("an intermediate: %s", stderr)
	}
	revoked, stderr := anchorCall(t, "revoke-key", next.Kid, "--dir", region, "--reason", "superseded")
	if revoked.Kid != next.Next || revoked.Next != "" || strings.Count(stderr, again) != 2 {
		t.Errorf("the next key takes over: %+v, %s", revoked, stderr)
	}
}

// publishedLongAgo makes the next key of a directory one that may take over.
func publishedLongAgo(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, keysName, "*"))
	if err != nil {
		t.Fatal(err)
	}
	due := regexp.MustCompile(`("not_before": ?)"[^"]*"`)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), `"next"`) {
			write(t, name, due.ReplaceAll(raw, []byte(`${1}"2026-01-01T00:00:00Z"`)))
		}
	}
}
