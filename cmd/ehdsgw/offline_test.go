package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestEvidenceVerifyWithoutNetwork judges a bundle in a process that has no network at all: an empty
// network namespace, in which every connection and every name fails.
func TestEvidenceVerifyWithoutNetwork(t *testing.T) {
	t.Parallel()
	unshare, err := exec.LookPath("unshare")
	if err != nil || exec.CommandContext(t.Context(), unshare, "--map-root-user", "--net", "true").Run() != nil {
		t.Skip("this system gives no empty network namespace")
	}
	dir := t.TempDir()
	for name, content := range makeFixtures(t) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "ehdsgw")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for bundle, want := range map[string]int{"bundle.json": 0, "bundle-flipped.json": 1} {
		out, err := exec.CommandContext(t.Context(), unshare, "--map-root-user", "--net", binary,
			"evidence", "verify", filepath.Join(dir, bundle), "--trust", filepath.Join(dir, "trust.json")).Output()
		var exit *exec.ExitError
		code := 0
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != want || !bytes.Contains(out, []byte("verdict")) {
			t.Errorf("%s: exit %d\n%s", bundle, code, out)
		}
	}
}
