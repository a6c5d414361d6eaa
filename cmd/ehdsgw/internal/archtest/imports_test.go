package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// row says what one package of ours may import of ours. Test files are free,
// except where onTests says otherwise; what they need is never in the product.
type row struct {
	pkg     string
	may     []string // directories; "x/*" is everything below x
	why     string
	onTests bool // the row holds for the package's tests too
}

// Sets of directories that rows share.
var (
	none     = []string{}
	words    = []string{"gateway/ehds", "gateway/fault"}
	domain   = append(slices.Clone(words), "gateway/access", "gateway/access/gate", "gateway/catalogue", "gateway/catalogue/*", "gateway/telemetry")
	driver   = append(slices.Clone(domain), "connectors")
	record   = append(slices.Clone(domain), "trust/evidence")
	flows    = append(slices.Clone(driver), "gateway/store", "gateway/cache", "gateway/permits", "trust", "trust/evidence", "trust/federation", "trust/jose")
	pages    = append(slices.Clone(flows), "gateway/exchange", "gateway/publish", "gateway/documents", "gateway/register", "gateway/search")
	assembly = []string{"gateway/*", "connectors", "connectors/*", "trust", "trust/*", "config"}
	roles    = append(slices.Clone(words), "conformance", "conformance/*", "gateway/catalogue/rdf", "gateway/catalogue/profile")
	suite    = append(slices.Clone(words), "conformance", "conformance/*")
	command  = append(slices.Clone(assembly), "gateway", "cmd/ehdsgw/internal/*", "conformance", "conformance/*")
)

// table is who may import whom. A new package fails until it has a row.
var table = []row{
	{pkg: "gateway/fault", may: none, why: "everybody speaks of failures, so the word for them knows nobody"},
	{pkg: "gateway/ehds", may: none, why: "the field's vocabulary is data: the conformance suite shares it with us"},
	{pkg: "gateway/telemetry", may: none, why: "names of keys and metrics depend on nothing they describe"},
	{pkg: "config", may: none, why: "a configuration is read before anything it configures exists"},
	{pkg: "gateway/catalogue/rdf", may: none, why: "a general RDF library; knows nothing of health data"},
	{pkg: "gateway/access", may: append(slices.Clone(words), "gateway/catalogue", "gateway/catalogue/*"), why: "state machines are pure functions of the vocabulary"},
	{pkg: "gateway/access/gate", may: words, why: "rules on the vocabulary; an applicant's hub reads them without a gateway"},
	{pkg: "gateway/holidays", may: []string{"gateway/access"}, why: "it knows dates and countries; which calendar a body has is the configuration's to say"},
	{pkg: "gateway/catalogue", may: append(slices.Clone(words), "gateway/catalogue/*"), why: "records, digests and diffs are pure"},
	{pkg: "gateway/catalogue/digest", may: []string{"gateway/ehds"}, why: "sums over identifiers and digests: it knows the shapes they travel in"},
	{pkg: "gateway/catalogue/cataloguetest", may: none, why: "synthetic catalogues are text: whoever reads them judges them"},
	{pkg: "gateway/catalogue/shacl", may: append(slices.Clone(words), "gateway/catalogue", "gateway/catalogue/rdf"), why: "an engine for any shapes; which shapes count is profile's to say"},
	{pkg: "gateway/catalogue/profile", may: append(slices.Clone(words), "gateway/catalogue", "gateway/catalogue/*"), why: "rule sets judge records and do no I/O"},

	{pkg: "trust", may: []string{"trust/*"}, why: "proof of origin must be readable without the product around it"},
	{pkg: "trust/jose", may: []string{"trust/*"}, why: "as trust"},
	{pkg: "trust/keys", may: []string{"trust/*"}, why: "as trust"},
	{pkg: "trust/federation", may: []string{"trust/*"}, why: "as trust"},
	{pkg: "trust/federation/superior", may: []string{"trust/*"}, why: "as trust; who serves a federation is no gateway"},
	{pkg: "trust/evidence", may: []string{"trust/*"}, why: "as trust; an auditor reads it alone"},
	{pkg: "trust/evidence/witness", may: []string{"trust/*"}, why: "as trust; a witness runs apart from any gateway"},
	{pkg: "trust/egress", may: []string{"trust/*"}, why: "as trust"},
	{pkg: "trust/keys/pkcs11", may: none, why: "a device knows no store"},
	{pkg: "trust/pki", may: []string{"trust/*"}, why: "as trust"},
	{pkg: "trust/statuslist", may: []string{"trust/*"}, why: "the Token Status List format knows nothing of permits"},
	{pkg: "trust/wycheproof", may: []string{"trust/jose"}, why: "a module of its own that holds the strict reader against public vectors"},
	{pkg: "trust/agefile", may: none, why: "a file format knows no messages"},
	{pkg: "trust/ga4gh", may: []string{"trust/*"}, why: "visas know nothing of permits"},
	{pkg: "trust/trusttest", may: []string{"trust", "trust/*"}, why: "throw-away federations for tests"},

	{pkg: "connectors", may: domain, why: "drivers speak the domain's language and decide nothing"},
	{pkg: "connectors/catalogue/rdffile", may: driver, why: "a driver sees the interface it implements, not the gateway"},
	{pkg: "connectors/catalogue/origin", may: driver, why: "what drivers over HTTP share sees no more than they do"},
	{pkg: "connectors/catalogue/fdp", may: append(slices.Clone(driver), "connectors/catalogue/origin"), why: "as every driver"},
	{pkg: "connectors/catalogue/ingest", may: driver, why: "as every driver"},
	{pkg: "connectors/catalogue/oaipmh", may: append(slices.Clone(driver), "connectors/catalogue/origin"), why: "as every driver"},
	{pkg: "connectors/catalogue/piveau", may: append(slices.Clone(driver), "connectors/catalogue/origin"), why: "as every driver"},
	{pkg: "connectors/catalogue/ckan", may: append(slices.Clone(driver), "connectors/catalogue/origin"), why: "as every driver"},
	{pkg: "connectors/permits/rems", may: driver, why: "as every driver"},
	{pkg: "connectors/permits/desk", may: driver, why: "as every driver"},
	{pkg: "connectors/permits/recipients", may: append(slices.Clone(driver), "connectors/webhook"), why: "as every driver; what it tells is a webhook"},
	{pkg: "connectors/webhook", may: none, why: "a signed POST knows nothing of what it carries"},
	{pkg: "connectors/permits/dispatcher", may: append(slices.Clone(driver), "connectors/webhook"), why: "as every driver; what it announces is a webhook"},
	{pkg: "connectors/central/https", may: driver, why: "as every driver; it moves bytes and cannot read or sign them"},
	{pkg: "connectors/connectortest", may: driver, why: "a contract may use only what a driver sees"},
	{pkg: "connectors/builtin", may: append(slices.Clone(driver), "connectors/*"), why: "the one explicit list of all drivers"},

	{pkg: "gateway/store", may: record, why: "the record keeps what the domain decided, with its proof"},
	{pkg: "gateway/store/sqlite", may: append(slices.Clone(record), "gateway/store"), why: "a driver of its parent"},
	{pkg: "gateway/store/storetest", may: append(slices.Clone(record), "gateway/store"), why: "a contract may use only what a driver sees"},
	{pkg: "gateway/cache", may: domain, why: "what may be lost must not reach what may not"},
	{pkg: "gateway/cache/memory", may: append(slices.Clone(domain), "gateway/cache"), why: "a driver of its parent"},
	{pkg: "gateway/cache/redis", may: append(slices.Clone(domain), "gateway/cache"), why: "a driver of its parent"},
	{pkg: "gateway/cache/cachetest", may: append(slices.Clone(domain), "gateway/cache"), why: "a contract may use only what a driver sees"},

	{pkg: "gateway/search", may: domain, why: "an index knows neither the record nor who asks"},
	{pkg: "gateway/search/mirror", may: append(slices.Clone(domain), "gateway/search"), why: "it fills the index from outside; what it holds may be lost, so the record is out of its reach"},

	{pkg: "gateway/permits", may: append(slices.Clone(words), "trust", "trust/jose", "trust/federation", "trust/ga4gh", "trust/statuslist"), why: "a permit is proved from a file: no store, no cache, no network beneath it"},
	{pkg: "gateway/register", may: append(slices.Clone(words), "gateway/access", "gateway/access/*"), why: "what is public is made of case documents and forms by a pure function; the record is out of its reach"},
	{pkg: "gateway/biennial", may: append(slices.Clone(words), "gateway/access"), why: "figures are counted from case documents by a pure function; who reads the record is not its concern"},
	{pkg: "gateway/documents/pdf", may: none, why: "a file format knows no documents"},
	{pkg: "gateway/documents", may: append(slices.Clone(words), "gateway/documents/pdf"), why: "a document is text made of facts: what it says is decided and signed elsewhere"},
	{pkg: "gateway/access/filing", may: []string{"gateway/ehds", "gateway/fault"}, why: "what became of an application elsewhere is a pure function of what was told"},
	{pkg: "gateway/access/recognition", may: append(slices.Clone(words), "gateway/access/gate"), why: "whether a permit of another body may be taken over is a pure function of what was proved and what is asked for"},
	{pkg: "gateway/exchange", may: append(slices.Clone(flows), "gateway/access/filing", "gateway/access/recognition", "trust/agefile"), why: "the use case of messages; trust's types show an entity (federation) and limits (jose), attachments between hubs are age files"},
	{pkg: "gateway/publish", may: append(slices.Clone(flows), "gateway/exchange"), why: "the use case of the catalogue; its messages leave through exchange's outbox, never the other way round"},
	{pkg: "gateway/reconcile", may: append(slices.Clone(flows), "gateway/exchange"), why: "as gateway/publish: its questions leave through exchange's outbox"},
	{pkg: "gateway/console", may: pages, why: "pages show what the use cases know"},
	{pkg: "gateway/httpapi", may: append(slices.Clone(pages), "trust/statuslist"), why: "routes call use cases"},
	{pkg: "gateway", may: assembly, why: "the assembly knows everything but the command and the suite that judges it"},

	{pkg: "conformance/forge", may: []string{"conformance/*", "gateway/ehds"}, why: "an independent oracle: forged tokens never pass through trust", onTests: true},
	{pkg: "conformance", may: suite, why: "cases, verdicts and reports share the wire's vocabulary with the product, and no code that judges", onTests: true},
	{pkg: "conformance/cases", may: suite, why: "as conformance", onTests: true},
	{pkg: "conformance/driver", may: suite, why: "a driver starts any gateway, ours as little as another's", onTests: true},
	{pkg: "conformance/lab", may: suite, why: "as conformance/roles: the tester's side", onTests: true},
	{pkg: "conformance/report", may: suite, why: "forms of a report are made of the report alone", onTests: true},
	{pkg: "conformance/spec", may: none, why: "requirements are data"},
	{pkg: "conformance/vectors", may: none, why: "attacks are data: whoever reads them judges them", onTests: true},
	{pkg: "conformance/vectors/hostile/generate", may: []string{"conformance/*"}, why: "as conformance/forge: what trust gets wrong must not be wrong here as well", onTests: true},
	{pkg: "conformance/roles", may: roles, why: "counterparts written apart from the product", onTests: true},
	{pkg: "conformance/roles/central", may: roles, why: "as conformance/roles", onTests: true},
	{pkg: "conformance/roles/national", may: roles, why: "as conformance/roles", onTests: true},
	{pkg: "conformance/roles/peer", may: roles, why: "as conformance/roles", onTests: true},
	{pkg: "conformance/roles/trust", may: roles, why: "as conformance/roles; a second federation, not ours served twice", onTests: true},

	{pkg: "cmd/ehdsgw", may: command, why: "commands start things and read files; rules stay below"},
	{pkg: "cmd/ehdsgw/internal/bootstrap", may: command, why: "maps the suite's neutral bootstrap to this gateway's configuration"},
	{pkg: "cmd/ehdsgw/internal/inproc", may: command, why: "a driver of the suite for our own gateway, on a clock that can be moved"},
	{pkg: "cmd/ehdsgw/internal/demo", may: command, why: "the only place where the gateway and the conformance roles meet in one process"},
	{pkg: "cmd/ehdsgw/internal/demo/catalogues", may: none, why: "embedded descriptions, written for the demo"},
	{pkg: "cmd/ehdsgw/internal/programs", may: none, why: "programs under load: only tests, against the real binary"},
	{pkg: "cmd/ehdsgw/internal/operator", may: []string{"gateway", "gateway/publish", "gateway/ehds", "gateway/fault", "gateway/reconcile", "gateway/store", "connectors/permits/desk", "connectors/permits/dispatcher"}, why: "a client of the socket: it needs the shapes that travel over it"},
	{pkg: "cmd/ehdsgw/internal/output", may: none, why: "prints any record; knows none"},
	{pkg: "cmd/ehdsgw/internal/archtest", may: none, why: "it reads sources, it uses none"},
}

// forTests are packages for tests only; besides tests, other such packages and
// the commands named here use them.
var forTests = map[string][]string{
	"connectors/connectortest":        {"cmd/ehdsgw"}, // ehdsgw connector test
	"gateway/catalogue/cataloguetest": nil,
	"gateway/store/storetest":         nil,
	"gateway/cache/cachetest":         nil,
	"trust/trusttest":                 nil,
}

// depthLimit is the longest chain of imports among our packages, in arrows.
const depthLimit = 8

// ours is the directory of an import of this module.
func ours(importPath string) (string, bool) {
	return strings.CutPrefix(importPath, modulePath+"/")
}

func allowed(may []string, dir string) bool {
	return slices.ContainsFunc(may, func(m string) bool {
		below, wild := strings.CutSuffix(m, "/*")
		return m == dir || wild && strings.HasPrefix(dir, below+"/")
	})
}

// importTable reports packages without a row and imports without permission.
func importTable(t *tree) (out []string) {
	rows := map[string]row{}
	for _, r := range table {
		rows[r.pkg] = r
	}
	dirs, byDir := t.packages()
	for _, dir := range dirs {
		r, known := rows[dir]
		if !known {
			out = append(out, dir+": this package has no row in the import table (imports_test.go); say what it may import, and why")
			continue
		}
		for _, f := range byDir[dir] {
			for _, spec := range f.ast.Imports {
				to, our := ours(importPath(spec))
				users, testOnly := forTests[to]
				_, fromTestOnly := forTests[dir]
				switch {
				case !our || to == dir:
				case f.test && (!r.onTests || allowed(r.may, to)):
				case testOnly && !fromTestOnly && !slices.Contains(users, dir):
					out = append(out, fmt.Sprintf("%s imports %s, which is for tests only", f.at(spec), to))
				case !allowed(r.may, to):
					out = append(out, fmt.Sprintf("%s: %s may not import %s: %s", f.at(spec), dir, to, r.why))
				}
			}
		}
	}
	return out
}

// importShape reports cycles among our packages, and chains that are too long.
func importShape(t *tree) (out []string) {
	edges := map[string]map[string]bool{}
	for _, f := range t.files {
		for _, spec := range f.ast.Imports {
			if to, our := ours(importPath(spec)); our && !f.test {
				if edges[f.dir] == nil {
					edges[f.dir] = map[string]bool{}
				}
				edges[f.dir][to] = true
			}
		}
	}
	longest := map[string][]string{} // the longest chain that starts here
	var walk func(string, []string) []string
	walk = func(dir string, above []string) []string {
		if i := slices.Index(above, dir); i >= 0 {
			out = append(out, "import cycle: "+strings.Join(append(above[i:], dir), " → "))
			return nil
		}
		if chain, done := longest[dir]; done {
			return chain
		}
		chain := []string{dir}
		for _, to := range slices.Sorted(maps.Keys(edges[dir])) {
			if c := walk(to, append(slices.Clone(above), dir)); len(c)+1 > len(chain) {
				chain = append([]string{dir}, c...)
			}
		}
		longest[dir] = chain
		return chain
	}
	var worst []string
	for _, dir := range slices.Sorted(maps.Keys(edges)) {
		if c := walk(dir, nil); len(c) > len(worst) {
			worst = c
		}
	}
	if len(worst)-1 > depthLimit {
		out = append(out, fmt.Sprintf("%s: %d arrows deep, %d are allowed: a change at the bottom moves too many floors", strings.Join(worst, " → "), len(worst)-1, depthLimit))
	}
	return out
}

func TestImportTable(t *testing.T) { checkModule(t, importTable) }

func TestImportShape(t *testing.T) { checkModule(t, importShape) }

// TestRowsAreWhole holds the table to its own form.
func TestRowsAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range table {
		if r.why == "" || r.may == nil || seen[r.pkg] {
			t.Errorf("row %q: no reason, no list, or a second row", r.pkg)
		}
		seen[r.pkg] = true
	}
	for pkg := range forTests {
		if !seen[pkg] {
			t.Errorf("%s is for tests but has no row", pkg)
		}
	}
}

// importing is a source of package x with the imports of ours.
func importing(dirs ...string) string {
	src := "package x\n"
	for _, d := range dirs {
		src += fmt.Sprintf("import _ %q\n", modulePath+"/"+d)
	}
	return src
}

func TestImportTableBites(t *testing.T) {
	checkSamples(t, importTable, []sample{
		{"unknown package", map[string]string{"gateway/misc/x.go": "package misc"}, "no row"},
		{"root package", map[string]string{"x.go": "package x"}, "no row"},
		{"leaf imports", map[string]string{"gateway/fault/x.go": importing("gateway/ehds")}, "may not import gateway/ehds"},
		{"trust knows the product", map[string]string{"trust/verifier.go": importing("gateway/ehds")}, "may not import gateway/ehds"},
		{"driver reaches up", map[string]string{"connectors/central/https/x.go": importing("trust/jose")}, "may not import trust/jose"},
		{"sibling driver", map[string]string{"connectors/permits/desk/x.go": importing("connectors/central/https")}, "may not import connectors/central/https"},
		{"gateway imports the suite", map[string]string{"gateway/x.go": importing("conformance/roles/central")}, "may not import conformance/roles/central"},
		{"suite imports trust", map[string]string{"conformance/forge/x.go": importing("trust/jose")}, "may not import trust/jose"},
		{"suite's test imports trust", map[string]string{"conformance/forge/x_test.go": importing("trust/jose")}, "may not import trust/jose"},
		{"cache reaches the record", map[string]string{"gateway/cache/redis/x.go": importing("gateway/store")}, "may not import gateway/store"},
		{"test support in the product", map[string]string{"gateway/x.go": importing("gateway/store/storetest")}, "for tests only"},
		{"prefix is not a folder", map[string]string{"gateway/x.go": importing("connectorsextra")}, "may not import connectorsextra"},
		{"allowed", map[string]string{"gateway/exchange/x.go": importing("gateway/store", "trust", "gateway/ehds")}, ""},
		{"tests are free", map[string]string{"gateway/exchange/x_test.go": importing("trust/trusttest", "gateway/store/sqlite")}, ""},
		{"test support uses test support", map[string]string{"connectors/connectortest/x.go": importing("connectors")}, ""},
	})
}

func TestImportShapeBites(t *testing.T) {
	chain := map[string]string{}
	for i := range depthLimit + 1 {
		chain[fmt.Sprintf("p%d/x.go", i)] = importing(fmt.Sprintf("p%d", i+1))
	}
	short := maps.Clone(chain)
	delete(short, "p0/x.go")
	checkSamples(t, importShape, []sample{
		{"cycle", map[string]string{"a/x.go": importing("b"), "b/x.go": importing("c"), "c/x.go": importing("a")}, "import cycle: a → b → c → a"},
		{"too deep", chain, "9 arrows deep"},
		{"deep enough", short, ""},
		{"a cycle of tests only", map[string]string{"a/x.go": importing("b"), "b/x_test.go": importing("a")}, ""},
	})
}
