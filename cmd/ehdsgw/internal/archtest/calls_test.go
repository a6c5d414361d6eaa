package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"testing"
)

// ban is a set of names of one standard package that code outside some rooms
// may not mention: not call, not pass on.
type ban struct {
	pkg   string
	names []string
	rooms []string          // "x/*" is everything below x
	also  map[string]string // file → reason: the one default that is injected
	why   string
}

// commandRooms are where a process begins and ends.
var commandRooms = []string{"cmd/ehdsgw", "cmd/ehdsgw/internal/*"}

var bans = []ban{
	{pkg: "os", names: []string{"Exit"}, rooms: commandRooms, why: "only a command may end the process; everything else returns an error"},
	{pkg: "log", names: []string{"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Print", "Printf", "Println", "Default"}, rooms: commandRooms, why: "log through the injected *slog.Logger"},
	{pkg: "log/slog", names: []string{"Debug", "Info", "Warn", "Error", "Log", "Default", "SetDefault", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"}, rooms: commandRooms, why: "log through the injected *slog.Logger"},
	{pkg: "context", names: []string{"Background", "TODO"}, rooms: commandRooms, why: "a context comes from the caller, so that everything can be stopped"},
	{pkg: "time", names: []string{"Now", "Since", "Until", "Sleep"}, rooms: append(slices.Clone(commandRooms), "trust/pki"), why: "the clock is injected, so that weeks pass in a test"},
	{pkg: "net/http", names: []string{"DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm"}, rooms: commandRooms, why: "outbound calls go through trust/egress; everything else has its client injected"},
	{pkg: "net/http", names: []string{"DefaultServeMux", "Handle", "HandleFunc", "ListenAndServe", "ListenAndServeTLS"}, rooms: nil, why: "muxes and listeners are made and handed on; a listener is injected"},
	{pkg: "math/rand", names: []string{"*"}, rooms: nil, why: "randomness is an injected io.Reader or math/rand/v2 with a seed of its own"},
	{pkg: "crypto/md5", names: []string{"*"}, rooms: nil, why: "broken"},
	{pkg: "crypto/sha1", names: []string{"*"}, rooms: nil, why: "broken"},
}

// bannedCalls reports uses of the names above outside tests, packages for tests
// and their rooms.
func bannedCalls(t *tree) (out []string) {
	for _, f := range t.files {
		if _, testOnly := forTests[f.dir]; f.test || testOnly {
			continue
		}
		imports := f.imports()
		ast.Inspect(f.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || imports[x.Name] == "" {
				return true
			}
			for _, b := range bans {
				named := slices.Contains(b.names, sel.Sel.Name) || slices.Contains(b.names, "*")
				if b.pkg == imports[x.Name] && named && !allowed(b.rooms, f.dir) && b.also[f.name] == "" {
					out = append(out, fmt.Sprintf("%s uses %s.%s: %s", f.at(n), b.pkg, sel.Sel.Name, b.why))
				}
			}
			return true
		})
		for _, b := range bans {
			if slices.ContainsFunc(f.ast.Imports, func(s *ast.ImportSpec) bool { return importPath(s) == b.pkg && s.Name != nil && s.Name.Name == "." }) {
				out = append(out, fmt.Sprintf("%s imports %s with a dot, which hides what is used of it", f.name, b.pkg))
				break
			}
		}
	}
	return out
}

func TestBannedCalls(t *testing.T) { checkModule(t, bannedCalls) }

func TestBannedCallsBite(t *testing.T) {
	in := func(name, imported, body string) map[string]string {
		return map[string]string{name: fmt.Sprintf("package x\nimport %s\nfunc f() { %s }\n", imported, body)}
	}
	checkSamples(t, bannedCalls, []sample{
		{"exit", in("gateway/x.go", `"os"`, `os.Exit(1)`), "uses os.Exit"},
		{"exit renamed", in("gateway/x.go", `sys "os"`, `sys.Exit(1)`), "uses os.Exit"},
		{"exit as a value", in("gateway/x.go", `"os"`, `f := os.Exit; f(1)`), "uses os.Exit"},
		{"log.Fatal", in("trust/x.go", `"log"`, `log.Fatal()`), "uses log.Fatal"},
		{"default logger", in("trust/x.go", `"log/slog"`, `slog.Info("")`), "uses log/slog.Info"},
		{"background", in("connectors/x.go", `"context"`, `_ = context.Background()`), "uses context.Background"},
		{"todo", in("connectors/x.go", `"context"`, `_ = context.TODO()`), "uses context.TODO"},
		{"now", in("gateway/access/x.go", `"time"`, `_ = time.Now()`), "uses time.Now"},
		{"now as a default", in("gateway/exchange/x.go", `"time"`, `_ = time.Now`), "uses time.Now"},
		{"since", in("gateway/access/x.go", `"time"`, `_ = time.Since(time.Time{})`), "uses time.Since"},
		{"sleep", in("gateway/exchange/x.go", `"time"`, `time.Sleep(1)`), "uses time.Sleep"},
		{"default client", in("trust/federation/x.go", `"net/http"`, `_ = http.DefaultClient`), "uses net/http.DefaultClient"},
		{"dot import", in("gateway/x.go", `. "time"`, `_ = Now()`), "with a dot"},
		{"command", in("cmd/ehdsgw/x.go", `"os"`, `os.Exit(1)`), ""},
		{"demo", in("cmd/ehdsgw/internal/demo/x.go", `"time"`, `_ = time.Now()`), ""},
		{"contract suite", in("gateway/store/storetest/x.go", `"context"`, `_ = context.Background()`), ""},
		{"test", in("gateway/x_test.go", `"time"`, `_ = time.Now()`), ""},
		{"a local called os", map[string]string{"gateway/x.go": "package x\nfunc f(os interface{ Exit(int) }) { os.Exit(1) }"}, ""},
		{"other names", in("gateway/x.go", `"time"`, `_ = time.Second`), ""},
	})
}
