package shacl

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// nodeTerm is a term as testdata/node/judge.mjs reads it.
func nodeTerm(t rdf.Term) [4]any { return [4]any{t.Kind, t.Value, t.Datatype, t.Lang} }

func nodeGraph(g *rdf.Graph) [][3][4]any {
	out := [][3][4]any{}
	for t := range g.All() {
		out = append(out, [3][4]any{nodeTerm(t.S), nodeTerm(t.P), nodeTerm(t.O)})
	}
	return out
}

// question is what the engines are asked, answer what each says.
type (
	question struct {
		Sets   map[string][][3][4]any `json:"sets"`
		Data   map[string][][3][4]any `json:"data"`
		Rounds int                    `json:"rounds"`
	}
	answer map[string]struct {
		Results map[string]map[string][]string `json:"results"`
		Micros  float64                        `json:"micros"`
	}
)

// askNode installs the two engines of testdata/node into a folder that is thrown away, and asks them.
func askNode(t testing.TB, q ...question) []answer {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the independent engines were not asked", program)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "node"))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("the npm engines could not be installed, they were not asked: %v\n%s", err, out)
	}
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "node", "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(text), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var a []answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v: %.200s", err, out)
	}
	return a
}

// resultLines are a report in the words of judge.mjs.
func resultLines(r *Report) []string {
	out := []string{}
	for _, res := range r.Results {
		focus := res.Focus.Value
		if res.Focus.Kind == rdf.Blank {
			focus = "_:" + focus
		}
		path := "-"
		if !res.Path.IsZero() {
			path = nodePath(res.Path.root)
		}
		out = append(out, strings.Join([]string{focus, path, strings.TrimPrefix(res.Component, NS), strings.TrimPrefix(res.Severity, NS)}, " "))
	}
	slices.Sort(out)
	return out
}

func nodePath(n *pathNode) string {
	var parts []string
	for _, p := range n.parts {
		parts = append(parts, nodePath(p))
	}
	switch n.op {
	case opPredicate:
		return "<" + n.predicate.Value + ">"
	case opInverse:
		return "^" + parts[0]
	case opSequence:
		return "(" + strings.Join(parts, "/") + ")"
	case opAlternative:
		return "(" + strings.Join(parts, "|") + ")"
	}
	return parts[0] + "*+?"[n.op-opZeroOrMore:][:1]
}
