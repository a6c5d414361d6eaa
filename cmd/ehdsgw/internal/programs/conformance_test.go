package programs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// The released gateway is conformant by the whole suite, run as any tester would. Size S leaves out what starts
// many gateways.
func TestProgramConformance(t *testing.T) {
	s := programSize(t)
	file := filepath.Join(t.TempDir(), "report.json")
	args := []string{"conformance", "run", "--report", file}
	if s.name == "S" {
		args = append(args, "--case", "META", "--case", "PRIVACY")
	}
	out, runErr := exec.CommandContext(t.Context(), binary, append(args, "--exec", "--", binary, "serve")...).CombinedOutput()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("no report: %v\n%s", err, out)
	}
	var r conformance.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if runErr != nil || r.Verdict != conformance.Conformant || r.Counts.Error > 0 || r.Counts.Skip > 0 {
		t.Errorf("%v\n%s", runErr, out)
	}
	t.Logf("conformance, size %s: %s, %d cases in %.1f s", s.name, r.Verdict, len(r.Results), r.Took.Seconds())
	for _, p := range r.Profiles {
		t.Logf("  %s: %s, %+v", p.Profile, p.Verdict, p.Counts)
	}
}
