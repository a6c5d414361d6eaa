package report

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a small report with one case of each outcome. What the target answered is hostile.
func sample() conformance.Report {
	const hostile = "<script>alert(1)</script>\x00|`*_[x](y)"
	res := func(id string, o conformance.Outcome, more func(*conformance.Result)) conformance.Result {
		r := conformance.Result{
			ID: id, Title: "Case " + id, Why: "Because.", Group: strings.Split(id, "-")[1], Level: conformance.Must, Polarity: conformance.Positive,
			Profiles: []conformance.Profile{conformance.Core}, Clauses: []string{"wire §3"}, Outcome: o, Took: 1500 * time.Millisecond,
			Assertions: []conformance.Assertion{{What: "it holds", Clause: "wire §3", Held: o == conformance.Pass, Expected: "200", Actual: hostile}},
		}
		if more != nil {
			more(&r)
		}
		return r
	}
	r := conformance.Report{
		RunID: "run-1", Began: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), Took: 3 * time.Second, Attestable: true,
		Suite:  conformance.Suite{Version: "v1", Manifest: "sha256:" + strings.Repeat("ab", 32), Cases: 5},
		Target: conformance.Target{Entity: "https://127.0.0.1:1", Driver: "exec", About: lab.AnnouncedProduct{Name: "hub", Version: "1.2", Digest: "sha256:" + strings.Repeat("cd", 32)}},
		Results: []conformance.Result{
			res("EHG-META-001", conformance.Pass, func(r *conformance.Result) {
				r.Figures = []conformance.Figure{{Name: "rate", Value: 12.5, Unit: "/s"}}
			}),
			res("EHG-JOSE-001", conformance.Fail, func(r *conformance.Result) {
				r.Reason, r.Mend, r.Fidelity = "it holds", "Look at the reader.", conformance.Modelled
				r.Transcript = []conformance.Exchange{{At: r0, Direction: "to-target", What: "application.submit", Status: 200, Header: map[string]any{"alg": "none"}}}
			}),
			res("EHG-JOSE-002", conformance.Warn, func(r *conformance.Result) { r.Level, r.Reason = conformance.Should, "it holds" }),
			res("EHG-JOSE-003", conformance.Err, func(r *conformance.Result) { r.Reason = hostile }),
			res("EHG-TRUST-001", conformance.Skip, func(r *conformance.Result) { r.Reason, r.Assertions = "not observable: needs a virtual clock", nil }),
		},
	}
	r.Conclude()
	return r
}

var r0 = time.Date(2027, 3, 1, 12, 0, 1, 0, time.UTC)

func TestForms(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(io.Writer, conformance.Report) error{
		"report.html": HTML, "report.md": Markdown, "junit.xml": JUnit, "earl.jsonld": EARL, "badge.svg": Badge,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := write(&b, sample()); err != nil {
				t.Fatal(err)
			}
			// Markdown shows what stands in a code span as it is.
			if name != "report.md" && strings.Contains(b.String(), "<script>") || strings.Contains(b.String(), "\x00") {
				t.Error("what the target answered is markup, or breaks the form")
			}
			golden := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Programs read the forms back: what they count is what the report counts.
func TestFormsAreRead(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := JUnit(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, s := range suites.Suites {
		cases += len(s.Cases)
	}
	if suites.Tests != 5 || cases != 5 || suites.Failures != 1 || suites.Errors != 1 || suites.Skipped != 1 {
		t.Errorf("%+v", suites)
	}
	b.Reset()
	if err := EARL(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Graph []struct {
			Result struct{ Outcome string } `json:"result"`
		} `json:"@graph"`
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, n := range doc.Graph {
		counts[n.Result.Outcome]++
	}
	if diff := cmp.Diff(map[string]int{"": 7, "earl:passed": 2, "earl:failed": 1, "earl:cantTell": 1, "earl:untested": 1}, counts); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := Badge(&b, sample()); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(b.Bytes(), new(struct{ XMLName xml.Name })); err != nil || !strings.Contains(b.String(), "self-declared by the tester") {
		t.Errorf("badge: %v\n%s", err, &b)
	}
}

// A page opened in a real browser shows the verdict and unfolds what failed.
func TestPageInABrowser(t *testing.T) {
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("there is no Chromium here: the page is not opened in a browser")
	}
	dir := t.TempDir()
	var b bytes.Buffer
	if err := HTML(&b, sample()); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "report.html")
	if err := os.WriteFile(page, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "p"), "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<title>EHDS conformance: non-conformant</title>", `<details id="EHG-JOSE-001" open="">`, `<details id="EHG-META-001">`, "self-declared"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the browser's page does not hold %s", want)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	if d := Diff(sample(), sample()); len(d) != 0 {
		t.Errorf("a report differs from itself: %+v", d)
	}
	after := sample()
	after.Results[0].Outcome, after.Results[1].Outcome = conformance.Skip, conformance.Pass
	after.Results = after.Results[:4]
	after.Conclude()
	want := []Change{
		{"core", "non-conformant", "partial", false}, {"whole", "non-conformant", "partial", false},
		{"EHG-JOSE-001", "FAIL", "PASS", false}, {"EHG-META-001", "PASS", "SKIP", true}, {"EHG-TRUST-001", "SKIP", absent, true},
	}
	got := Diff(sample(), after)
	if diff := cmp.Diff(want, got); diff != "" || !Worse(got) {
		t.Error(diff)
	}
}

func TestAttestation(t *testing.T) {
	t.Parallel()
	key, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	token, err := Attest(sample(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckAttestation(token, sample(), forge.NewJWKS(key)); err != nil {
		t.Error(err)
	}
	if err := CheckAttestation(token, sample(), forge.NewJWKS(other)); !errors.Is(err, ErrAttestation) {
		t.Errorf("another key: %v", err)
	}
	for name, change := range map[string]func(*conformance.Report){
		"an outcome":        func(r *conformance.Report) { r.Results[1].Outcome = conformance.Pass },
		"an answer":         func(r *conformance.Report) { r.Results[1].Assertions[0].Actual = "200" },
		"the program":       func(r *conformance.Report) { r.Target.About.Digest = "sha256:" + strings.Repeat("ee", 32) },
		"the suite":         func(r *conformance.Report) { r.Suite.Manifest = "sha256:" + strings.Repeat("ee", 32) },
		"a run cut short":   func(r *conformance.Report) { r.Attestable, r.Why = false, []string{"1 of 5 cases were asked for"} },
		"no program digest": func(r *conformance.Report) { r.Target.About.Digest = "" },
	} {
		r := sample()
		change(&r)
		if err := CheckAttestation(token, r, forge.NewJWKS(key)); !errors.Is(err, ErrAttestation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short := sample()
	short.Attestable = false
	if _, err := Attest(short, key); !errors.Is(err, ErrAttestation) {
		t.Errorf("a run that is not attestable was attested: %v", err)
	}
}

func TestLeaks(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Results[0].Assertions[0].Actual = `X-API-key "ehdsnd_secret_1"`
	got, err := r.Leaks([]string{"nowhere in it", `"ehdsnd_secret_1"`, "short", ""})
	if err != nil || got != 1 {
		t.Errorf("%v %v", got, err)
	}
}
