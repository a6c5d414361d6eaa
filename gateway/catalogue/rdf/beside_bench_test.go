package rdf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkTurtleBesideOthers reads one file of 30 MB with this package, with
// serdi (Debian package serdi) and with N3.js (npm n3), in turn, and compares
// the fastest passes. serdi writes what it reads and cannot be told not to;
// so the second comparison with it has this package write N-Triples too.
// N3.js is timed inside Node, with the text in memory and the compiler warm.
func BenchmarkTurtleBesideOthers(b *testing.B) {
	const records, rounds = 11_000, 5
	file := filepath.Join(b.TempDir(), "made.ttl")
	doc := catalogue(records)
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		b.Fatal(err)
	}
	triples := 0
	if err := ParseTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{}, func(Triple) error { triples++; return nil }); err != nil {
		b.Fatal(err)
	}
	serdi, node := havingSerdi(b), havingN3(b)
	read, written, bySerdi, byN3 := time.Hour, time.Hour, time.Hour, time.Hour
	for b.Loop() {
		for range rounds {
			read = min(read, timed(func() { readAlone(b, file, triples) }))
			written = min(written, timed(func() { readAndWrite(b, file) }))
			if serdi {
				bySerdi = min(bySerdi, timed(func() { runSerdi(b, file) }))
			}
			if node != "" {
				byN3 = min(byN3, runN3(b, node, file, triples))
			}
		}
	}
	b.ReportMetric(float64(len(doc))/read.Seconds()/1e6, "MB/s-read")
	b.ReportMetric(float64(len(doc))/written.Seconds()/1e6, "MB/s-written")
	if serdi {
		b.ReportMetric(bySerdi.Seconds()/read.Seconds(), "×serdi")
		b.ReportMetric(bySerdi.Seconds()/written.Seconds(), "×serdi-writing-too")
	}
	if node != "" {
		b.ReportMetric(byN3.Seconds()/read.Seconds(), "×N3.js")
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func readAlone(b *testing.B, file string, want int) {
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n := 0
	err = ParseTurtle(b.Context(), f, ReadOptions{}, func(Triple) error { n++; return nil })
	if err != nil || n != want {
		b.Fatalf("%d triples, %v", n, err)
	}
}

func readAndWrite(b *testing.B, file string) {
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	out := bufio.NewWriter(io.Discard)
	var line []byte
	err = ParseTurtle(b.Context(), f, ReadOptions{}, func(t Triple) error {
		line = append(appendQuad(line[:0], Quad{Triple: t}), '\n')
		_, err := out.Write(line)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func havingSerdi(b *testing.B) bool {
	if _, err := exec.LookPath("serdi"); err != nil {
		b.Log("serdi is not installed: not compared with it")
		return false
	}
	return true
}

func runSerdi(b *testing.B, file string) {
	if out, err := exec.CommandContext(b.Context(), "sh", "-c", `exec serdi -b -i turtle -o ntriples "$1" >/dev/null`, "sh", file).CombinedOutput(); err != nil {
		b.Fatalf("serdi: %v\n%s", err, out)
	}
}

// havingN3 installs N3.js from its lock file into a folder that is thrown
// away, and returns that; or empty where Node or npm cannot.
func havingN3(b *testing.B) string {
	dir := b.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "n3"))); err != nil {
		b.Fatal(err)
	}
	install := exec.CommandContext(b.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		b.Logf("npm n3 could not be installed: not compared with N3.js: %v\n%s", err, out)
		return ""
	}
	return dir
}

func runN3(b *testing.B, dir, file string, want int) time.Duration {
	cmd := exec.CommandContext(b.Context(), "node", "parse.mjs", file)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("node: %v", err)
	}
	var answer struct {
		Triples int
		Seconds float64
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Triples != want {
		b.Fatalf("%v: %s", err, out)
	}
	return time.Duration(answer.Seconds * float64(time.Second))
}
