package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"ehdsgw": main}) }

// TestScripts runs the command as a user would. Scripts find fixtures of a throw-away federation in
// $FIX and the module in $ROOT.
func TestScripts(t *testing.T) {
	fixtures := makeFixtures(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			fix := filepath.Join(e.WorkDir, "fixtures")
			if err := os.Mkdir(fix, 0o755); err != nil {
				return err
			}
			for name, content := range fixtures {
				if err := os.WriteFile(filepath.Join(fix, name), content, 0o644); err != nil {
					return err
				}
			}
			root, err := filepath.Abs("../..")
			e.Setenv("ROOT", root)
			e.Setenv("FIX", fix)
			quickExit(e)
			return err
		},
		Cmds: scriptCommands(),
	})
}

// quickExit spares a program built with the race detector the second it sleeps before it ends.
func quickExit(e *testscript.Env) { e.Setenv("GORACE", "atexit_sleep_ms=0") }

func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"code": codeCommand, "json": jsonCommand, "daemon": daemonCommand, "mode": modeCommand, "same": sameCommand,
	}
}

// codeCommand runs a program and compares its exit code: code 2 ehdsgw bogus.
func codeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program [args]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// jsonCommand checks that a file is one JSON document, and members of it by their path:
// json stdout findings.0.code=missing-property findings.len=3
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: json file [path=value]...")
	}
	var doc any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("%s is not one JSON document: %v", args[0], err)
	}
	for _, a := range args[1:] {
		path, want, _ := strings.Cut(a, "=")
		if got := member(doc, path); got != want {
			ts.Fatalf("%s: %s is %q, want %q", args[0], path, got, want)
		}
	}
}

// member is the text of a value deep in a document; "len" is the length of a list.
func member(v any, path string) string {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			if step == "len" {
				return strconv.Itoa(len(x))
			}
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return "absent"
			}
			v = x[i]
		default:
			return "absent"
		}
	}
	switch x := v.(type) {
	case nil:
		return "absent"
	case string:
		return x
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// modeCommand compares a file's permissions: mode 0600 file.
func modeCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode 0600 file")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// sameCommand compares JSON documents, of which each line of the second is one:
// same answers/want.json requests.log
func sameCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: same want got")
	}
	var want, got any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &want))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &got))
	w, err := json.Marshal(want)
	ts.Check(err)
	g, err := json.Marshal(got)
	ts.Check(err)
	if string(w) != string(g) {
		ts.Fatalf("%s is\n%s\nwant\n%s", args[1], g, w)
	}
}

// daemonCommand listens on the operator socket of a data directory and answers from files named by
// method and path, such as GET_v1_desk.json or, for a problem, GET_v1_desk.409.json. The last
// request is kept in request.txt (method and address) and request.json (body).
func daemonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: daemon data-dir answers-dir")
	}
	data, answers := ts.MkAbs(args[0]), ts.MkAbs(args[1])
	requests := filepath.Dir(data)
	ts.Check(os.MkdirAll(data, 0o700))
	ln, err := net.Listen("unix", filepath.Join(data, "operator.sock"))
	ts.Check(err)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = os.WriteFile(filepath.Join(requests, "request.txt"), []byte(r.Method+" "+r.URL.RequestURI()+"\n"), 0o600)
		_ = os.WriteFile(filepath.Join(requests, "request.json"), body, 0o600)
		name := r.Method + strings.ReplaceAll(r.URL.Path, "/", "_")
		found, _ := filepath.Glob(filepath.Join(answers, name+".json"))
		if len(found) == 0 {
			found, _ = filepath.Glob(filepath.Join(answers, name+".*.json"))
		}
		if len(found) != 1 {
			http.Error(w, "no answer", http.StatusTeapot)
			return
		}
		raw, _ := os.ReadFile(found[0])
		middle := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), name), ".json")
		if status, err := strconv.Atoi(strings.TrimPrefix(middle, ".")); err == nil {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(status)
		}
		_, _ = w.Write(raw)
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(ln) }()
	ts.Defer(func() { _ = s.Close(); <-done })
}
