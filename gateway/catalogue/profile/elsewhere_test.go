package profile

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// engines are the SHACL engines of npm that package shacl is compared with, and the program that asks them.
const engines = "../shacl/testdata/node"

// TestProgramOtherEngines judges the public samples and every way to break the full description by our
// shapes, in our engine and in two of npm: the rule sets are plain SHACL, and say the same everywhere.
func TestProgramOtherEngines(t *testing.T) {
	size := os.Getenv("EHDSGW_PROGRAMS")
	if size == "" || size == "S" {
		t.Skip("set EHDSGW_PROGRAMS=P to run our shapes in two engines of npm")
	}
	type graph = [][3][4]any
	question := struct {
		Sets   map[string]graph `json:"sets"`
		Data   map[string]graph `json:"data"`
		Rounds int              `json:"rounds"`
	}{map[string]graph{}, map[string]graph{}, 0}
	classes, err := fragment("classes")
	if err != nil {
		t.Fatal(err)
	}
	records := sampleRecords(t)
	maps.Copy(records, brokenRecords(t, open(t, "r8-non-public"), "non-public"))
	for name, r := range records {
		question.Data[name] = append(nodeGraph(r.Graph), nodeGraph(classes)...)
	}
	ours := map[string]map[string][]string{}
	for _, a := range RuleSets() {
		if a.Level == "own" || size == "P" && a.Release != Release {
			continue // at P only what is published by
		}
		s := open(t, a.Name)
		g, err := s.Graph(a.Level)
		if err != nil {
			t.Fatal(err)
		}
		question.Sets[a.Name], ours[a.Name] = nodeGraph(g), map[string][]string{}
		for name, r := range records {
			ours[a.Name][name] = resultsOf(t, s, a.Level, r)
		}
	}
	for engine, theirs := range asked(t, question) {
		same := 0
		for set := range ours {
			for name := range records {
				got := theirs.Results[set][name]
				slices.Sort(got)
				if diff := cmp.Diff(ours[set][name], slices.Compact(got), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, %s by %s (-ours +theirs):\n%s", engine, name, set, diff)
					continue
				}
				same++
			}
		}
		t.Logf("%s: %d of %d reports are ours, result for result", engine, same, len(ours)*len(records))
	}
}

func nodeGraph(g *rdf.Graph) [][3][4]any {
	term := func(t rdf.Term) [4]any { return [4]any{t.Kind, t.Value, t.Datatype, t.Lang} }
	out := [][3][4]any{}
	for t := range g.All() {
		out = append(out, [3][4]any{term(t.S), term(t.P), term(t.O)})
	}
	return out
}

// resultsOf are our results in the words of the program that asks the others, each once: a node that two
// ways lead to is judged once or twice, as an engine likes.
func resultsOf(t *testing.T, s *RuleSet, level string, r catalogue.Record) []string {
	t.Helper()
	report, err := s.levels[level].shapes.Validate(t.Context(), r.Graph)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, x := range report.Results {
		focus, path := x.Focus.Value, "-"
		if x.Focus.Kind == rdf.Blank {
			focus = "_:" + focus
		}
		var names []string
		for _, p := range x.Path.Predicates() {
			names = append(names, "<"+p.Value+">")
		}
		switch len(names) {
		case 0:
		case 1:
			path = names[0]
		default:
			path = "(" + strings.Join(names, "|") + ")"
		}
		out = append(out, strings.Join([]string{focus, path, strings.TrimPrefix(x.Component, shacl.NS), strings.TrimPrefix(x.Severity, shacl.NS)}, " "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// answers of an engine: results by rule set and description.
type answers struct {
	Results map[string]map[string][]string `json:"results"`
}

// asked installs the engines in a folder that is thrown away, and asks them.
func asked(t *testing.T, question any) map[string]answers {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the independent engines were not asked", program)
		}
	}
	dir := filepath.Join(t.TempDir(), "node")
	if err := os.CopyFS(dir, os.DirFS(engines)); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the npm engines could not be installed, they were not asked: %v\n%s", err, out)
	}
	text, err := json.Marshal([]any{question})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(text), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var a []map[string]answers
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v: %.200s", err, out)
	}
	return a[0]
}
