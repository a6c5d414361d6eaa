package shacl

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// officialSets are the official shapes as their validators combine them, by name.
func officialSets(t testing.TB) map[string][]Source {
	t.Helper()
	sets := map[string][]string{"dcat-ap-3.0.1": nil}
	for _, level := range []string{"public", "restricted", "non-public"} {
		sets["healthdcat-ap-r8 "+level] = []string{level + "-shapes", "range", "mdr-vocabularies.shape"}
	}
	sets["healthdcat-ap-r8 non-public"] = append(sets["healthdcat-ap-r8 non-public"], "non-public-shapes_recommended")
	out := map[string][]Source{}
	for set, files := range sets {
		folder, _, _ := strings.Cut(set, " ")
		dir := sharedDir(t, "catalogue", "shacl", folder)
		if files == nil {
			files = []string{"*"}
		}
		for _, file := range files {
			paths, err := filepath.Glob(filepath.Join(dir, file+".ttl"))
			if err != nil || len(paths) == 0 {
				t.Fatalf("no %s in %s: %v", file, dir, err)
			}
			for _, path := range paths {
				out[set] = append(out[set], Source{File: filepath.Base(path), Graph: readFile(t, path)})
			}
		}
	}
	return out
}

// samples are the shared descriptions that parse, by path.
func samples(t testing.TB) map[string]*rdf.Graph {
	t.Helper()
	root := sharedDir(t, "catalogue", "samples")
	out := map[string]*rdf.Graph{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		format, known := rdf.FormatOfName(path)
		if err != nil || d.IsDir() || !known {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		g, err := rdf.Read(t.Context(), f, format, rdf.ReadOptions{File: path, Base: "https://base.example.org/"})
		var syntax *rdf.SyntaxError
		if errors.As(err, &syntax) {
			return nil // malformed on purpose, or by its authors
		}
		name, _ := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = g
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// mutants are copies of a description with one statement each taken away, or its object made text or
// another thing's name: so every constraint fails somewhere.
func mutants(g *rdf.Graph, step int) map[string]*rdf.Graph {
	out := map[string]*rdf.Graph{}
	for i := 0; i < g.Len(); i += step {
		for j, object := range []rdf.Term{{}, rdf.NewString("text"), rdf.NewIRI("https://example.org/other")} {
			damaged := rdf.NewGraph()
			for n := range g.Len() {
				t := g.Triple(n)
				if n == i && j == 0 {
					continue
				}
				if n == i {
					t.O = object
				}
				damaged.Add(t)
			}
			out[fmt.Sprintf("statement %d, way %d", i, j)] = damaged
		}
	}
	return out
}

// sized is small at EHDSGW_PROGRAMS=S and large at P and N; without, the test is skipped.
func sized(t *testing.T, small, large int) int {
	t.Helper()
	switch size := os.Getenv("EHDSGW_PROGRAMS"); size {
	case "":
		t.Skip("set EHDSGW_PROGRAMS=S to compare with two engines of npm")
	case "S":
		return small
	case "P", "N":
		return large
	default:
		t.Fatalf("EHDSGW_PROGRAMS is %q, not S, P or N", size)
	}
	return 0
}

// TestProgramDifferential judges every shared description by every set of official shapes, here and with
// npm rdf-validate-shacl and shacl-engine. Their results are ours, one for one.
func TestProgramDifferential(t *testing.T) {
	sets, data := officialSets(t), samples(t)
	const example = "healthdcat-r8/example-healthdcat-dataset.ttl"
	damaged := mutants(data[example], sized(t, 80, 4))
	for i, name := range slices.Sorted(maps.Keys(data)) {
		if i%sized(t, 10, 1) != 0 && name != example {
			delete(data, name)
		}
	}
	maps.Copy(data, damaged)
	q := question{Sets: map[string][][3][4]any{}, Data: map[string][][3][4]any{}}
	ours := map[string]map[string][]string{}
	count := 0
	for name, g := range data {
		q.Data[name] = nodeGraph(g)
	}
	for set, sources := range sets {
		merged, _ := merge(sources)
		q.Sets[set] = nodeGraph(merged)
		s, err := Compile(merged, Options{})
		if err != nil {
			t.Fatal(err)
		}
		ours[set] = map[string][]string{}
		for name, g := range data {
			r, err := s.Validate(t.Context(), g)
			if err != nil {
				t.Fatal(err)
			}
			ours[set][name] = resultLines(r)
			count += len(r.Results)
		}
	}
	t.Logf("%d descriptions, %d of them damaged here, by %d sets of shapes: %d results", len(data), len(damaged), len(sets), count)
	for engine, theirs := range askNode(t, q)[0] {
		same, differ := 0, 0
		for set := range sets {
			for name := range data {
				if diff := cmp.Diff(ours[set][name], theirs.Results[set][name]); diff != "" {
					differ++
					t.Errorf("%s, %s by %s (-ours +theirs):\n%s", engine, name, set, diff)
					continue
				}
				same++
			}
		}
		t.Logf("%s: %d of %d reports are ours, result for result", engine, same, same+differ)
	}
}

// exceptions are where another engine is known to do otherwise than the Recommendation says.
var exceptions = []struct {
	engine, why string // without engine: both
	applies     func(shapes, data string, theirs []string) bool
}{
	{"", "literals with language tags are compared, which SPARQL's < does not do (SHACL §4.5.3)", func(shapes, data string, _ []string) bool {
		return strings.Contains(shapes, "sh:lessThan") && strings.Contains(data, `"@`)
	}},
	{"shacl-engine", "sh:targetClass does not find instances of subclasses (SHACL §2.1.3.2)", func(shapes, data string, _ []string) bool {
		return strings.Contains(shapes, "sh:targetClass") && strings.Contains(data, "rdfs:subClassOf")
	}},
	{"shacl-engine", "the label of a blank node may match a pattern (SHACL §4.4.3)", func(shapes, data string, _ []string) bool {
		return strings.Contains(shapes, "sh:pattern") && strings.Contains(data, "_:")
	}},
	{"shacl-engine", "paths within paths lose values, are not written into the report, or end the validation (SHACL §2.3.1)", func(shapes, _ string, _ []string) bool {
		return nestedPath.MatchString(shapes)
	}},
}

// aloneWith finds what shacl-engine is sometimes alone with: it counts a value reached twice along a cycle
// twice, or not at all where the shape is closed. It is excused only where rdf-validate-shacl says as we do.
var aloneWith = regexp.MustCompile(`sh:closed true|OrMorePath`)

// nestedPath finds paths within paths.
var nestedPath = regexp.MustCompile(`Path [\[(]|sh:path \( `)

// TestProgramGenerated compares the engines on generated shapes that use every component.
func TestProgramGenerated(t *testing.T) {
	n := sized(t, 0, 1_000)
	if n == 0 {
		t.Skip("generated shapes are compared at size P and N")
	}
	type document struct{ shapes, data string }
	var documents []document
	var questions []question
	for i := range n {
		g := newGenerator(uint64(i))
		d := document{g.shapes(), g.data()}
		documents = append(documents, d)
		questions = append(questions, question{
			Sets: map[string][][3][4]any{"": nodeGraph(graph(t, d.shapes))}, Data: map[string][][3][4]any{"": nodeGraph(graph(t, d.data))},
		})
	}
	results, same, excused, differ := 0, map[string]int{}, map[string]int{}, 0
	for i, a := range askNode(t, questions...) {
		d := documents[i]
		r := validate(t, compile(t, d.shapes, Options{}), d.data)
		results += len(r.Results)
	engines:
		for engine, said := range a {
			theirs := said.Results[""][""]
			diff := cmp.Diff(resultLines(r), theirs)
			if diff == "" {
				same[engine]++
				continue
			}
			for _, e := range exceptions {
				if (e.engine == "" || e.engine == engine) && e.applies(d.shapes, d.data, theirs) {
					excused[engine+": "+e.why]++
					continue engines
				}
			}
			if engine == "shacl-engine" && aloneWith.MatchString(d.shapes) && cmp.Equal(resultLines(r), a["rdf-validate-shacl"].Results[""][""]) {
				excused["shacl-engine: alone, with sh:closed below a property or a path of any length"]++
				continue engines
			}
			if differ++; differ < 10 {
				t.Errorf("%s, seed %d (-ours +theirs):\n%s\n%s\n%s", engine, i, diff, d.shapes, d.data)
			}
		}
	}
	t.Logf("%d generated documents: %d results here; the same %v; %d differ; excused %v", n, results, same, differ, excused)
	if results < n {
		t.Errorf("%d results only", results)
	}
}
