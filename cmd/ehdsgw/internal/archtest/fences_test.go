package archtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fence keeps one library in one room, so that it can be changed there.
type fence struct {
	modules []string // import paths, with everything below
	rooms   []string // directories; "x/*" is everything below x
	tests   []string // rooms whose tests may use it besides
	why     string
}

var fenceTable = []fence{
	{modules: []string{"github.com/lestrrat-go/jwx", "github.com/cloudflare/circl"}, rooms: []string{"trust/jose"},
		why: "one strict reader of tokens; the library's own parsers are not strict (trust/jose, TestLibraryFence)"},
	{modules: []string{"github.com/go-resty/resty"}, rooms: []string{"connectors/*", "trust/federation"},
		why: "resty has no deadline and follows redirects by default; it is used around trust/egress only"},
	{modules: []string{"github.com/redis/go-redis", "github.com/alicebob/miniredis"}, rooms: []string{"gateway/cache/redis"}, tests: []string{"cmd/ehdsgw"},
		why: "Redis holds only what may be lost; behind gateway/cache nobody can forget that"},
	{modules: []string{"github.com/urfave/cli"}, rooms: []string{"cmd/ehdsgw"},
		why: "flags are read in one place; libraries take options"},
	{modules: []string{"database/sql"}, rooms: []string{"gateway/store", "gateway/store/*"},
		why: "the record has one door"},
	{modules: []string{"modernc.org/sqlite", "github.com/jackc", "github.com/lib/pq", "github.com/mattn/go-sqlite3"}, rooms: []string{"gateway/store/sqlite", "gateway/store/postgres"}, tests: []string{"gateway/store"},
		why: "the SQL of the record is shared; only a driver knows its database"},
	{modules: []string{"github.com/goccy/go-yaml", "gopkg.in/yaml.v3", "gopkg.in/yaml.v2"}, rooms: []string{"config"}, tests: []string{"connectors/permits/dispatcher"},
		why: "YAML is for the operator's file only; the wire has none"},
	{modules: []string{"github.com/santhosh-tekuri/jsonschema"}, rooms: []string{"gateway/exchange"}, tests: []string{"gateway/ehds", "connectors/permits/dispatcher"},
		why: "schemas are data in gateway/ehds; its tests compile them, gateway/exchange applies them; the dispatcher's tests hold it to its OpenAPI document"},
	{modules: []string{"github.com/prometheus"}, rooms: []string{"gateway/telemetry"},
		why: "every metric name is in one file"},
	{modules: []string{"html/template"}, rooms: []string{"gateway/console", "conformance/report", "conformance/roles", "conformance/roles/*"},
		why: "pages for people are written in one place, where escaping is watched"},
	{modules: []string{"github.com/rogpeppe/go-internal", "github.com/google/go-cmp"}, tests: []string{"*"}, rooms: []string{"connectors/connectortest", "gateway/store/storetest", "gateway/cache/cachetest"},
		why: "test libraries stay out of the binary"},
	{modules: []string{"github.com/c2sp/wycheproof"}, tests: []string{"trust/wycheproof"}, rooms: []string{},
		why: "30 MB of vectors are no dependency of the gateway"},
	{modules: []string{"github.com/blevesearch", "go.etcd.io/bbolt"}, rooms: []string{"gateway/search"},
		why: "the index may be lost and made anew; nothing else may come to depend on its files"},
	{modules: []string{"golang.org/x/net"}, tests: []string{"gateway/console"}, rooms: []string{},
		why: "pages are read back with a real parser of HTML; the product writes them and parses none"},
	{modules: []string{"github.com/piprate/json-gold"}, rooms: []string{"gateway/catalogue/rdf"},
		why: "its own loader fetches whatever context a document names, and it panics on some malformed ones; gateway/catalogue/rdf guards both"},
	{modules: []string{"github.com/miekg/pkcs11"}, rooms: []string{"trust/keys/pkcs11"},
		why: "a vendor's library comes with cgo; without the tag pkcs11 the program has none"},
	{modules: []string{"filippo.io/age"}, rooms: []string{"trust/agefile"},
		why: "age takes several recipients and long headers; sealed attachments do not (trust/agefile)"},
	{modules: []string{"golang.org/x/image"}, rooms: []string{"gateway/documents"}, tests: []string{"gateway/documents/pdf"},
		why: "only its fonts are wanted: the product draws no pictures and reads none"},
	{modules: []string{"github.com/rickar/cal"}, rooms: []string{"gateway/holidays"},
		why: "its rules are variables and it has a global time zone; gateway/holidays corrects what is out of date and gives out dates only"},
	{modules: []string{"unsafe", "plugin"}, rooms: []string{},
		why: "memory safety is what keeps hostile input a matter of errors"},
}

// free are the third-party modules any package may use.
var free = []string{
	"github.com/google/uuid", "golang.org/x/mod", "golang.org/x/sync", "golang.org/x/time", "golang.org/x/term", "golang.org/x/sys",
}

func under(importPath string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return inside(importPath, m) })
}

// fences reports libraries outside their room, and libraries nobody decided on.
func fences(t *tree) (out []string) {
	for _, f := range t.files {
		for _, spec := range f.ast.Imports {
			p := importPath(spec)
			i := slices.IndexFunc(fenceTable, func(fe fence) bool { return under(p, fe.modules) })
			host, _, _ := strings.Cut(p, "/")
			_, our := ours(p)
			switch {
			case our:
			case i < 0 && strings.Contains(host, ".") && !under(p, free):
				out = append(out, fmt.Sprintf("%s imports %s, a module no fence is written for (fences_test.go)", f.at(spec), p))
			case i < 0 || allowed(fenceTable[i].rooms, f.dir):
			case f.test && (allowed(fenceTable[i].tests, f.dir) || slices.Contains(fenceTable[i].tests, "*")):
			default:
				out = append(out, fmt.Sprintf("%s imports %s; only %s may: %s", f.at(spec), p, strings.Join(fenceTable[i].rooms, ", "), fenceTable[i].why))
			}
		}
	}
	return out
}

func TestFences(t *testing.T) { checkModule(t, fences) }

func TestFencesBite(t *testing.T) {
	one := func(name, imported string) map[string]string {
		return map[string]string{name: fmt.Sprintf("package x\nimport _ %q\n", imported)}
	}
	checkSamples(t, fences, []sample{
		{"jwx", one("trust/keys/x.go", "github.com/lestrrat-go/jwx/v2/jwa"), "only trust/jose"},
		{"circl in a test", one("trust/keys/x_test.go", "github.com/cloudflare/circl/sign/mldsa/mldsa65"), "only trust/jose"},
		{"resty", one("gateway/publish/x.go", "github.com/go-resty/resty/v2"), "only connectors"},
		{"redis", one("gateway/exchange/x.go", "github.com/redis/go-redis/v9"), "only gateway/cache/redis"},
		{"redis below its room", one("gateway/cache/redis/sub/x.go", "github.com/redis/go-redis/v9"), "only gateway/cache/redis"},
		{"cli", one("gateway/x.go", "github.com/urfave/cli/v2"), "only cmd/ehdsgw"},
		{"sql", one("gateway/exchange/x.go", "database/sql"), "only gateway/store"},
		{"sql driver", one("gateway/store/x.go", "modernc.org/sqlite"), "only gateway/store/sqlite"},
		{"yaml", one("gateway/x.go", "github.com/goccy/go-yaml/ast"), "only config"},
		{"another yaml", one("cmd/ehdsgw/x.go", "gopkg.in/yaml.v3"), "only config"},
		{"jsonschema", one("gateway/ehds/x.go", "github.com/santhosh-tekuri/jsonschema/v6"), "only gateway/exchange"},
		{"prometheus", one("gateway/exchange/x.go", "github.com/prometheus/client_golang/prometheus"), "only gateway/telemetry"},
		{"html/template", one("gateway/httpapi/x.go", "html/template"), "only gateway/console"},
		{"cmp in the product", one("gateway/x.go", "github.com/google/go-cmp/cmp"), "test libraries"},
		{"bleve", one("gateway/console/x.go", "github.com/blevesearch/bleve/v2"), "only gateway/search"},
		{"pkcs11", one("trust/keys/x.go", "github.com/miekg/pkcs11"), "only trust/keys/pkcs11"},
		{"unsafe", one("trust/jose/x.go", "unsafe"), "memory safety"},
		{"undecided module", one("gateway/x.go", "github.com/stretchr/testify/assert"), "no fence is written for"},
		{"jsonschema in the tests of ehds", one("gateway/ehds/x_test.go", "github.com/santhosh-tekuri/jsonschema/v6"), ""},
		{"cmp in a test", one("gateway/x_test.go", "github.com/google/go-cmp/cmp"), ""},
		{"resty in a driver", one("connectors/central/https/x.go", "github.com/go-resty/resty/v2"), ""},
		{"free module", one("gateway/x.go", "golang.org/x/sync/singleflight"), ""},
		{"standard library", one("gateway/x.go", "net/http"), ""},
	})
}

// TestLibraryFenceStands holds on to the test that bans the dangerous calls of
// the JOSE library, which lives beside the only package that may make any.
func TestLibraryFenceStands(t *testing.T) {
	m, err := theModule()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"func TestLibraryFence(", `"WithVerifyAuto"`, "func TestFencesNotice("} {
		if !strings.Contains(string(m.texts["trust/jose/fence_test.go"]), want) {
			t.Errorf("trust/jose/fence_test.go no longer has %q", want)
		}
	}
}
