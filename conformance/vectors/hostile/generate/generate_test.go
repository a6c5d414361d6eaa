package generate

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

var update = flag.Bool("update", false, "write the vectors instead of comparing them")

// madeElsewhere are the files of tests beside the product, for what the standard library cannot sign.
var madeElsewhere = map[string]bool{
	"hybrid.json": true, // trust, TestHybridVectorsAreCurrent
}

// The files are what this package makes, byte for byte, and what the binary embeds.
func TestFilesAreCurrent(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if string(again[name]) != string(files[name]) {
			t.Errorf("%s comes out differently the second time", name)
		}
		if *update {
			if err := os.WriteFile(filepath.Join("..", name), files[name], 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		stored, err := vectors.File(name)
		if err != nil || string(stored) != string(files[name]) {
			t.Errorf("%s is not what the generator makes (%v); run go generate ./conformance/vectors/hostile/generate", name, err)
		}
	}
	stored, err := filepath.Glob("../*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stored {
		if name = filepath.Base(name); files[name] == nil && !madeElsewhere[name] {
			t.Errorf("%s is made by nobody", name)
		}
	}
}
