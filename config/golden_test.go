package config

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGoldenFindings loads every bad configuration and compares what is said
// about it with the golden file beside it.
func TestGoldenFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d bad configurations, want at least 20 (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			cfg, err := Load(file, Options{})
			var found Errors
			if cfg != nil || !errors.As(err, &found) {
				t.Fatalf("Load = %v, %v; want Errors alone", cfg, err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a finding shows a password:\n%s", err)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, rerr := os.ReadFile(golden)
			if rerr != nil {
				t.Fatal(rerr)
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTooLarge covers what is not worth a file: size, tokens, long lines.
func TestTooLarge(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"bytes":  {"# " + strings.Repeat("x", MaxBytes), "big.yaml:1:1: file is larger than 131072 bytes"},
		"tokens": {strings.Repeat("a: 1\n", maxTokens), "big.yaml:1:1: file holds more than 12000 YAML tokens"},
		"line":   {"a: [" + strings.Repeat("x,", maxLineTokens) + "]", "big.yaml:1:514: nested too deep or too much on one line"},
		"dashes": {strings.Repeat("- ", maxDepth+1) + "x", "big.yaml:1:33: nested too deep or too much on one line"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("big.yaml", []byte(c.src), Options{})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %.200v, want %s", err, c.want)
			}
		})
	}
}

// TestLoadBounded reads a file far over the limit through the default reader.
func TestLoadBounded(t *testing.T) {
	file := filepath.Join(t.TempDir(), "huge.yaml")
	if err := os.WriteFile(file, bytes.Repeat([]byte("#\n"), 4*MaxBytes), 0o600); err != nil {
		t.Fatal(err)
	}
	var found Errors
	if _, err := Load(file, Options{}); !errors.As(err, &found) || found[0].Line != 1 {
		t.Errorf("Load = %v, want one finding", err)
	}
}

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	examples, _ := filepath.Glob("examples/*.yaml")
	for _, file := range append(files, examples...) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		o := Options{ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }}
		cfg, err := Parse("fuzz.yaml", src, o)
		var found Errors
		switch {
		case err == nil && cfg == nil, err != nil && cfg != nil:
			t.Fatalf("Parse = %v, %v", cfg, err)
		case err != nil && !errors.As(err, &found):
			t.Fatalf("error is %T", err)
		}
		for _, x := range found {
			if x.File != "fuzz.yaml" || x.Line < 1 || x.Message == "" || strings.ContainsAny(x.String(), "\n\r\x00") {
				t.Errorf("finding without a place or with control characters: %q", x.String())
			}
		}
	})
}
