package vectors

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A vector says everything its reader needs, and nothing passes for want of a reader: the test it
// names exists, and its control is an honest document.
func TestVectorsAreWhole(t *testing.T) {
	t.Parallel()
	w, suites, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if w.At == 0 || w.Anchor == "" || len(w.Onboarded) == 0 || len(w.Served) == 0 {
		t.Errorf("the world is not whole: %+v", w)
	}
	id := regexp.MustCompile(`^[a-z0-9-]+$`)
	seen, used, groups := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, s := range suites {
		for _, v := range s.Vectors {
			groups[s.Group]++
			if seen[v.ID] || !id.MatchString(v.ID) || !strings.HasPrefix(v.ID, s.Group+"-") {
				t.Errorf("%s: an id is unique, lower case, and starts with its group", v.ID)
			}
			seen[v.ID] = true
			if v.Title == "" || v.Why == "" || v.Clause == "" || v.Rule == "" {
				t.Errorf("%s: title, why, clause and rule are required", v.ID)
			}
			control, ok := s.Controls[v.Control]
			if !ok || reflect.DeepEqual(control, v.Attack) {
				t.Errorf("%s: its control %q is missing, or the attack itself", v.ID, v.Control)
			}
			used[s.Group+" "+v.Control] = true
			if !runs(t, v.Run) {
				t.Errorf("%s: no test is called %q", v.ID, v.Run)
			}
		}
		for name := range s.Controls {
			if !used[s.Group+" "+name] {
				t.Errorf("group %s: control %s is no attack's", s.Group, name)
			}
		}
	}
	t.Logf("%d vectors: %v", len(seen), groups)
	if len(seen) < 150 {
		t.Errorf("%d vectors, at least 150", len(seen))
	}
}

// runs says whether a runner, "directory TestName", is in the sources.
func runs(t *testing.T, runner string) bool {
	t.Helper()
	dir, name, ok := strings.Cut(runner, " ")
	if !ok || !strings.HasPrefix(name, "Test") {
		return false
	}
	files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(src), "\nfunc "+name+"(t *testing.T)") {
			return true
		}
	}
	return false
}

func TestRunnersBite(t *testing.T) {
	t.Parallel()
	for runner, want := range map[string]bool{
		"conformance/vectors TestRunnersBite": true, "conformance/vectors TestNobody": false,
		"conformance/vectors": false, "conformance/vectors runs": false, "nowhere TestRunnersBite": false,
	} {
		if got := runs(t, runner); got != want {
			t.Errorf("%q: %t", runner, got)
		}
	}
}
