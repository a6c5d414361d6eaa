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

// BenchmarkBesideOthers reads one catalogue, 30 MB of Turtle and the same as
// N-Triples, with this package, with serdi (Debian package serdi) and with
// N3.js (npm n3), in turn, and compares the fastest passes. serdi writes what
// it reads and cannot be told not to; so the second comparison with it has
// this package write N-Triples too. N3.js is timed inside Node, with the text
// in memory and the compiler warm.
func BenchmarkBesideOthers(b *testing.B) {
	turtle := catalogue(11_000)
	g, err := ReadTurtle(b.Context(), bytes.NewReader(turtle), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var lines bytes.Buffer
	if err := WriteNTriples(&lines, g.All()); err != nil {
		b.Fatal(err)
	}
	serdi, node := havingSerdi(b), havingN3(b)
	for _, d := range []beside{
		{Turtle, turtle, g.Len()}, {NTriples, lines.Bytes(), g.Len()},
	} {
		b.Run(string(d.format), func(b *testing.B) { d.compare(b, serdi, node) })
	}
}

// beside is a document that several programs read.
type beside struct {
	format  Format
	text    []byte
	triples int
}

func (d beside) compare(b *testing.B, serdi bool, node string) {
	const rounds = 5
	file := filepath.Join(b.TempDir(), "catalogue")
	if err := os.WriteFile(file, d.text, 0o600); err != nil {
		b.Fatal(err)
	}
	read, written, bySerdi, byN3 := time.Hour, time.Hour, time.Hour, time.Hour
	for b.Loop() {
		for range rounds {
			read = min(read, timed(func() { d.read(b, file) }))
			written = min(written, timed(func() { d.readAndWrite(b, file) }))
			if serdi {
				bySerdi = min(bySerdi, timed(func() { d.runSerdi(b, file) }))
			}
			if node != "" {
				byN3 = min(byN3, d.runN3(b, node, file))
			}
		}
	}
	b.ReportMetric(float64(len(d.text))/read.Seconds()/1e6, "MB/s-read")
	b.ReportMetric(float64(len(d.text))/written.Seconds()/1e6, "MB/s-written")
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

func (d beside) read(b *testing.B, file string) {
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n := 0
	err = Parse(b.Context(), f, d.format, ReadOptions{}, func(Quad) error { n++; return nil })
	if err != nil || n != d.triples {
		b.Fatalf("%d triples, %v", n, err)
	}
}

func (d beside) readAndWrite(b *testing.B, file string) {
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	out := bufio.NewWriter(io.Discard)
	var line []byte
	err = Parse(b.Context(), f, d.format, ReadOptions{}, func(q Quad) error {
		line = append(appendQuad(line[:0], q), '\n')
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

func (d beside) runSerdi(b *testing.B, file string) {
	cmd := exec.CommandContext(b.Context(), "serdi", "-b", "-i", string(d.format), "-o", "ntriples", file)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint // standard output goes to the null device
	if err := cmd.Run(); err != nil {
		b.Fatalf("serdi: %v\n%s", err, complaint.Bytes())
	}
}

// havingN3 installs N3.js from its lock file into a folder that is thrown
// away, and returns that; or empty where Node or npm cannot.
func havingN3(b testing.TB) string {
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

func (d beside) runN3(b *testing.B, dir, file string) time.Duration {
	cmd := exec.CommandContext(b.Context(), "node", "parse.mjs", file, d.format.MediaType())
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("node: %v", err)
	}
	var answer struct {
		Triples int
		Seconds float64
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Triples != d.triples {
		b.Fatalf("%v: %s", err, out)
	}
	return time.Duration(answer.Seconds * float64(time.Second))
}
