package config

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// MaxBytes is the largest configuration file read.
const MaxBytes = 128 << 10

// maxSecretBytes is the largest file a secret may point at.
const maxSecretBytes = 64 << 10

// Options are the inputs beside the file. The zero value reads the file alone.
type Options struct {
	// Environ holds NAME=value lines as os.Environ returns them. Only names that
	// start with EHDSGW_ are configuration; the others serve env:NAME secrets.
	Environ []string
	// IgnoreEnv lists EHDSGW_ names that mean something else to the caller and
	// are therefore not reported as unknown.
	IgnoreEnv []string
	// Overrides maps a path such as log.level or hdabs[0].code to its value, in
	// the same spelling as in the file; a list of plain values is separated by
	// commas. Overrides win over everything else.
	Overrides map[string]string
	// ReadFile reads the configuration and the files of secrets; nil reads the
	// file system and stops at the allowed size.
	ReadFile func(name string) ([]byte, error)
}

// Load reads the file at path and calls [Parse]. A file that cannot be read
// gives that error wrapped; wrong content gives [Errors].
func Load(path string, o Options) (*Config, error) {
	src, err := o.read(path, MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, src, o)
}

// Parse builds the configuration from src, the content of the file called name.
// Relative paths are resolved against the directory of name. The error, when not
// nil, is of type [Errors] and holds every finding.
func Parse(name string, src []byte, o Options) (*Config, error) {
	cfg := Default()
	b := &builder{
		file: name, dir: filepath.Dir(name), options: o,
		positions: map[string]position{}, bad: map[string]bool{},
	}
	root := reflect.ValueOf(&cfg).Elem()
	if body, ok := b.scan(src); ok {
		b.decode("", body, root, "")
		b.applyEnviron(root)
		b.applyOverrides(root)
		b.resolve("", root, "")
		b.check(&cfg)
	}
	if len(b.findings) > 0 {
		return nil, b.sorted()
	}
	return &cfg, nil
}

// read reads one file. Of a file over the limit it returns one byte more than
// the limit, so the caller can tell.
func (o Options) read(name string, limit int64) ([]byte, error) {
	if o.ReadFile != nil {
		return o.ReadFile(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// position is where a value was given.
type position struct {
	file      string
	line, col int
}

// builder collects one configuration and everything wrong with it.
type builder struct {
	file, dir string
	options   Options
	// positions maps the path of each given value to its place.
	positions map[string]position
	// bad holds the paths that already have a finding; checks skip them.
	bad      map[string]bool
	findings Errors
}

// fail records a finding at a known place and keeps later checks off the path.
func (b *builder) fail(p position, path, format string, args ...any) {
	b.bad[path] = true
	b.findings = append(b.findings, Finding{
		File: p.file, Line: p.line, Col: p.col, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

// at finds the place of a path, or of the nearest key around it.
func (b *builder) at(path string) position {
	for p := path; p != ""; p = parent(p) {
		if pos, ok := b.positions[p]; ok {
			return pos
		}
	}
	return position{file: b.file, line: 1, col: 1}
}

// refuse records a finding of a check, unless the value or something around it
// was already found wrong.
func (b *builder) refuse(path, format string, args ...any) {
	for p := path; p != ""; p = parent(p) {
		if b.bad[p] {
			return
		}
	}
	b.fail(b.at(path), path, format, args...)
}

// sorted orders the findings as the file is read; those without a place last.
func (b *builder) sorted() Errors {
	slices.SortStableFunc(b.findings, func(x, y Finding) int {
		if xIn, yIn := x.File == b.file, y.File == b.file; xIn != yIn {
			if xIn {
				return -1
			}
			return 1
		}
		if c := x.Line - y.Line; c != 0 {
			return c
		}
		return x.Col - y.Col
	})
	return b.findings
}

// parent cuts the last step off a path: a.b[0].c → a.b[0] → a.b → a → "".
func parent(path string) string {
	return path[:max(0, strings.LastIndexAny(path, ".["))]
}

// join appends a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// tooLarge tells whether src is more than the limit after a bounded read.
func tooLarge(src []byte, limit int) bool { return len(src) > limit }

// trimSecret removes the line end editors add to a file.
func trimSecret(b []byte) string { return string(bytes.TrimRight(b, "\r\n")) }
