package demo

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func walk(t *testing.T, catalogue string) (Report, string) {
	t.Helper()
	var lines bytes.Buffer
	report, err := Run(t.Context(), Options{
		Dir: t.TempDir(), Catalogue: catalogue, Progress: &Progress{Out: &lines},
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, lines.String()
}

// The whole house, once: every step holds, what is bad is quarantined with its place.
func TestEveryStepHolds(t *testing.T) {
	t.Parallel()
	report, lines := walk(t, "")
	if !report.OK() {
		t.Fatalf("not all steps hold:\n%s", lines)
	}
	if len(report.Steps) != len(stepNames) || len(report.Published) != 9 {
		t.Errorf("%d steps, %d published", len(report.Steps), len(report.Published))
	}
	codes := map[string]int{}
	for _, q := range report.Quarantined {
		codes[q.Code]++
		if q.File == "" || q.Line == 0 || q.Message == "" {
			t.Errorf("a finding without its place: %+v", q)
		}
	}
	if codes["undefined-prefix"] != 1 || codes["missing-property"] != 4 {
		t.Errorf("findings = %v", codes)
	}
	for _, id := range []string{"application", "decision FR", "decision FI", "permit FR", "permit FI", "permit now", "central_id"} {
		if report.IDs[id] == "" {
			t.Errorf("no %s among the ids", id)
		}
	}
	var out bytes.Buffer
	if err := report.WriteJSON(&out); err != nil || !json.Valid(out.Bytes()) {
		t.Errorf("the report is no JSON document: %v", err)
	}
}

// A catalogue in which nothing is publishable stops the walk at its third step.
func TestNothingPublishableFailsAtStepThree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<https://x.example/d> a dcat:Dataset ; other:p 1 .\n"
	if err := os.WriteFile(filepath.Join(dir, "bad.ttl"), []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	report, _ := walk(t, dir)
	if report.OK() || len(report.Steps) != 3 || report.Steps[2].OK {
		t.Fatalf("steps = %+v", report.Steps)
	}
	if len(report.Quarantined) != 1 || report.Quarantined[0].Line != 2 || report.Quarantined[0].Code != "undefined-prefix" {
		t.Errorf("quarantined = %+v", report.Quarantined)
	}
	if len(report.Published) != 0 {
		t.Errorf("published %v", report.Published)
	}
}

// Public samples, when they are at hand: the real Release 8 example is published, the four German
// files of an older profile are quarantined, and together exactly one is published.
func TestRealSamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("EHDSGW_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "..", "..", "shared", "data")
	}
	samples := filepath.Join(shared, "catalogue", "samples")
	r8, de := filepath.Join(samples, "healthdcat-r8"), filepath.Join(samples, "healthdcat-de")
	if _, err := os.Stat(r8); err != nil {
		t.Skip("the public samples are not at hand:", err)
	}
	mixed := t.TempDir()
	for _, from := range []string{r8, de} {
		if err := copyTree(os.DirFS(from), mixed); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, path      string
		ok              bool
		french, refused int // datasets of FR published; files with a finding
	}{
		{"release 8", r8, true, 1, 0},
		{"german files", de, false, 0, 4},
		{"mixed", mixed, true, 1, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			report, lines := walk(t, c.path)
			if report.OK() != c.ok {
				t.Fatalf("ok = %v\n%s", report.OK(), lines)
			}
			french := 0
			for _, p := range report.Published {
				if p.Nation == "FR" {
					french++
				}
			}
			files := map[string]bool{}
			for _, q := range report.Quarantined {
				files[q.File] = true
			}
			if french != c.french || len(files) != c.refused {
				t.Errorf("%d published, %d files quarantined", french, len(files))
			}
		})
	}
}
