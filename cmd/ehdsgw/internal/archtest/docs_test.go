package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
)

// The documents these tests keep true.
const (
	problemsDoc  = "docs/problems.md"
	metricsDoc   = "docs/metrics.md"
	operatingDoc = "docs/operating.md"
)

// tableRow is a row of a table whose first cell is one term in backquotes.
type tableRow struct {
	section string // heading, up to a colon
	head    []string
	cells   []string // without backquotes
	line    int
}

// cell is the row's cell under a heading, "" without such a column.
func (r tableRow) cell(head string) string {
	if i := slices.Index(r.head, head); i >= 0 && i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

var termForm = regexp.MustCompile("^`([^`]+)`$")

// tableRows reads the tables of a document.
func tableRows(text string) (out []tableRow) {
	section, head := "", []string(nil)
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			section, _, _ = strings.Cut(strings.TrimSpace(strings.TrimLeft(line, "#")), ":")
			head = nil
		case !strings.HasPrefix(line, "|"):
			head = nil
		default:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for j := range cells {
				cells[j] = strings.TrimSpace(cells[j])
			}
			if head == nil {
				head = cells
				continue
			}
			if m := termForm.FindStringSubmatch(cells[0]); m != nil {
				cells[0] = m[1]
				out = append(out, tableRow{section, head, cells, i + 1})
			}
		}
	}
	return out
}

// documentedProblems compares docs/problems.md with the codes of the sources.
func documentedProblems(t *tree) (out []string) {
	book := collectCodes(t)
	out = append(out, book.unclear...)
	said := map[string]map[string]bool{}
	for _, r := range tableRows(string(t.texts[problemsDoc])) {
		group, place := book.groups[r.section], fmt.Sprintf("%s:%d", problemsDoc, r.line)
		if said[r.section] == nil {
			said[r.section] = map[string]bool{}
		}
		c, known := group[r.cells[0]]
		switch {
		case !known:
			out = append(out, fmt.Sprintf("%s: no source says %q under %q", place, r.cells[0], r.section))
		case said[r.section][r.cells[0]]:
			out = append(out, fmt.Sprintf("%s: %q is said twice under %q", place, r.cells[0], r.section))
		case slices.Contains(r.head, "HTTP") && r.cell("HTTP") != statusList(c.statuses):
			out = append(out, fmt.Sprintf("%s: %q comes with %s, not %s (%s)", place, r.cells[0], statusList(c.statuses), r.cell("HTTP"), c.at))
		case slices.Contains(r.cells, "") || len(r.cells) != len(r.head):
			out = append(out, fmt.Sprintf("%s: %q has an empty or missing cell", place, r.cells[0]))
		}
		said[r.section][r.cells[0]] = true
	}
	for _, group := range slices.Sorted(maps.Keys(book.groups)) {
		for _, value := range slices.Sorted(maps.Keys(book.groups[group])) {
			if !said[group][value] {
				out = append(out, fmt.Sprintf("%s: %q is not in %s under %q", book.groups[group][value].at, value, problemsDoc, group))
			}
		}
	}
	return out
}

func statusList(set map[int]bool) string {
	var out []string
	for _, s := range slices.Sorted(maps.Keys(set)) {
		out = append(out, strconv.Itoa(s))
	}
	return strings.Join(out, ", ")
}

// metric is one metric of gateway/telemetry.
type metric struct {
	field, kind, label, at string
}

// collectMetrics reads the metrics off gateway/telemetry, by full name.
func collectMetrics(t *tree) map[string]metric {
	out := map[string]metric{}
	for _, f := range t.files {
		if f.dir != "gateway/telemetry" || f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			call, ok := kv.Value.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn, _ := calleeOf(call)
			m := metric{field: fmt.Sprint(kv.Key), at: f.at(n)}
			name := ""
			switch fn {
			case "counter", "gauge":
				name, _ = literal(call.Args[0])
				m.label, _ = literal(at(call.Args, 2))
				m.kind = fn
			case "NewHistogramVec":
				m.kind = "histogram"
				ast.Inspect(call, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.KeyValueExpr:
						if fmt.Sprint(n.Key) == "Name" {
							name, _ = literal(n.Value)
						}
					case *ast.CompositeLit:
						if _, list := n.Type.(*ast.ArrayType); list && len(n.Elts) == 1 {
							m.label, _ = literal(n.Elts[0])
						}
					}
					return true
				})
			default:
				return true
			}
			out["ehdsgw_"+name] = m
			return false
		})
	}
	return out
}

// labelValues are the values of labels the sources can give, by metric field: literals in WithLabelValues, and
// for what comes from elsewhere the words of the rules, the reasons of sending and the actions.
func labelValues(t *tree) map[string]map[string]string {
	out := map[string]map[string]string{}
	add := func(field, value, at string) {
		if out[field] == nil {
			out[field] = map[string]string{}
		}
		out[field][value] = at
	}
	for _, f := range t.files {
		if f.test || inside(f.dir, "conformance") || inside(f.dir, "cmd") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for field, value := range labelsOfCall(f, n) {
					add(field, value, f.at(n))
				}
			case *ast.KeyValueExpr:
				if text, ok := literal(n.Value); ok && text != "" && fmt.Sprint(n.Key) == "Rule" && f.dir != "trust/jose" {
					add("Refused", text, f.at(n))
				}
			case *ast.AssignStmt:
				if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && s.Sel.Name == "Rule" {
					if text, ok := literal(n.Rhs[0]); ok && text != "" {
						add("Refused", text, f.at(n))
					}
				}
			case *ast.RangeStmt:
				if f.dir == "gateway/publish" && fmt.Sprint(n.Value) == "action" {
					if list, ok := n.X.(*ast.CompositeLit); ok {
						for _, e := range list.Elts {
							text, _ := literal(e)
							add("Datasets", text, f.at(e))
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func labelsOfCall(f *file, n *ast.CallExpr) map[string]string {
	name, _ := calleeOf(n)
	one := func(field string, e ast.Expr) map[string]string {
		if text, ok := labelText(e); ok {
			return map[string]string{field: text}
		}
		return nil
	}
	switch {
	case name == "WithLabelValues":
		if s, ok := n.Fun.(*ast.SelectorExpr).X.(*ast.SelectorExpr); ok && len(n.Args) == 1 {
			return one(s.Sel.Name, n.Args[0])
		}
	case f.dir == "trust/jose" && name == "rule", f.dir == "trust" && name == "refuse":
		i := map[string]int{"rule": 0, "refuse": 1}[name]
		return one("Refused", at(n.Args, i))
	case f.dir == "gateway/exchange" && slices.Contains([]string{"observe", "retry", "again", "giveUp", "dead"}, name):
		for _, e := range n.Args {
			if text, ok := labelText(e); ok && text != "" {
				return map[string]string{"Sent": text}
			}
		}
	}
	return nil
}

// labelText is a literal, or one with "…" for what is appended to it.
func labelText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		text, ok := literal(e.X)
		return text + "…", ok
	case *ast.CallExpr:
		if text, ok := literal(at(e.Args, 0)); ok {
			return strings.ReplaceAll(text, "%d", "…"), true
		}
		return "", false
	}
	return literal(e)
}

// valueTables says under which heading of docs/metrics.md the values of a label stand. Those of
// Received and Latency are the receipt statuses of the wire profile.
var valueTables = map[string]string{
	"Refused": "Rules", "Sent": "Outcomes", "Outbox": "States", "Records": "Kinds", "Datasets": "Actions",
}

// documentedMetrics compares docs/metrics.md with the sources.
func documentedMetrics(t *tree) (out []string) {
	metrics, values := collectMetrics(t), labelValues(t)
	said := map[string]bool{}
	for _, r := range tableRows(string(t.texts[metricsDoc])) {
		place := fmt.Sprintf("%s:%d", metricsDoc, r.line)
		if r.section == "Metrics" {
			m, known := metrics[r.cells[0]]
			switch {
			case !known:
				out = append(out, fmt.Sprintf("%s: there is no metric %q", place, r.cells[0]))
			case r.cell("type") != m.kind || strings.Trim(r.cell("label"), "`") != m.label:
				out = append(out, fmt.Sprintf("%s: %s is a %s by %q", place, r.cells[0], m.kind, m.label))
			}
		}
		for field, section := range valueTables {
			if _, known := values[field][r.cells[0]]; section == r.section && !known {
				out = append(out, fmt.Sprintf("%s: no source gives the value %q", place, r.cells[0]))
			}
		}
		said[r.section+"\n"+r.cells[0]] = true
	}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		if !said["Metrics\n"+name] {
			out = append(out, fmt.Sprintf("%s: %s is not in %s", metrics[name].at, name, metricsDoc))
		}
	}
	for field, section := range valueTables {
		for _, value := range slices.Sorted(maps.Keys(values[field])) {
			if !said[section+"\n"+value] {
				out = append(out, fmt.Sprintf("%s: the value %q is not in %s under %q", values[field][value], value, metricsDoc, section))
			}
		}
	}
	slices.Sort(out)
	return out
}

// logged are the messages the product logs at a level, with their places.
func logged(t *tree, levels ...string) map[string]string {
	out := map[string]string{}
	for _, f := range t.files {
		if f.test || inside(f.dir, "conformance") || inside(f.dir, "cmd/ehdsgw/internal") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			s, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(levels, strings.TrimSuffix(s.Sel.Name, "Context")) || !isLogger(s.X) {
				return true
			}
			for _, e := range call.Args[:min(2, len(call.Args))] {
				if text, ok := literal(e); ok {
					out[text] = f.at(n)
					break
				}
			}
			return true
		})
	}
	return out
}

// isLogger tells a logger by its name.
func isLogger(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return strings.HasSuffix(strings.ToLower(name), "log") || strings.HasSuffix(strings.ToLower(name), "logger")
}

// documentedLog wants every message of level error in docs/metrics.md, and no message nobody logs.
func documentedLog(t *tree) (out []string) {
	said, levels := map[string]bool{}, map[string]map[string]string{"ERROR": logged(t, "Error"), "WARN": logged(t, "Warn")}
	for _, r := range tableRows(string(t.texts[metricsDoc])) {
		if r.section != "Log" || !slices.Contains(r.head, "level") {
			continue
		}
		said[r.cells[0]] = true
		if _, known := levels[r.cell("level")][r.cells[0]]; !known {
			out = append(out, fmt.Sprintf("%s:%d: nobody logs %q at %s", metricsDoc, r.line, r.cells[0], r.cell("level")))
		}
	}
	for _, text := range slices.Sorted(maps.Keys(levels["ERROR"])) {
		if !said[text] {
			out = append(out, fmt.Sprintf("%s: %q is not in %s under \"Log\"", levels["ERROR"][text], text, metricsDoc))
		}
	}
	return out
}

var (
	commandLine = regexp.MustCompile(`^(?:\$ )?(?:sudo -u ehdsgw )?ehdsgw ([a-z]+)(?: ([a-z]+))?`)
	longFlag    = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
)

// documentedCommands wants every ehdsgw command and flag of docs/operating.md to exist.
func documentedCommands(t *tree) (out []string) {
	names := map[string]bool{"help": true}
	for _, f := range t.files {
		if f.dir != "cmd/ehdsgw" || f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if kv, ok := n.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Name" {
				if text, ok := literal(kv.Value); ok {
					names[text] = true
				}
			}
			return true
		})
	}
	for i, line := range strings.Split(string(t.texts[operatingDoc]), "\n") {
		m := commandLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		words := []string{m[1]}
		if slices.Contains([]string{"config", "catalogue", "application", "case", "desk", "dispatcher", "permit", "register", "evidence", "backup"}, m[1]) {
			words = append(words, m[2])
		}
		for _, l := range longFlag.FindAllStringSubmatch(line, -1) {
			words = append(words, l[1])
		}
		for _, w := range words {
			if !names[w] {
				out = append(out, fmt.Sprintf("%s:%d: ehdsgw knows no %q", operatingDoc, i+1, w))
			}
		}
	}
	return out
}

// documentedDefaults compares the defaults in docs/operating.md with the template every new
// configuration starts from.
func documentedDefaults(t *tree) (out []string) {
	defaults, path := map[string]string{}, []string{}
	for _, line := range strings.Split(string(t.texts["config/template.yaml"]), "\n") {
		text := strings.TrimLeft(line, " ")
		key, value, ok := strings.Cut(strings.TrimPrefix(text, "- "), ":")
		if !ok || strings.HasPrefix(text, "#") || strings.Contains(key, " ") {
			continue
		}
		depth := (len(line) - len(text)) / 2
		path = append(path[:min(depth, len(path))], key)
		defaults[strings.Join(path, ".")] = strings.TrimSpace(value)
	}
	rows := 0
	for _, r := range tableRows(string(t.texts[operatingDoc])) {
		if !slices.Contains(r.head, "default") {
			continue
		}
		rows++
		want, known := defaults[r.cells[0]]
		if got := strings.Trim(r.cell("default"), "`"); !known || got != want {
			out = append(out, fmt.Sprintf("%s:%d: the default of %s is %q, not %q", operatingDoc, r.line, r.cells[0], want, got))
		}
	}
	if rows == 0 {
		out = append(out, operatingDoc+": no table of defaults")
	}
	return out
}

// rulesExample is the first JSON block after a line that names it.
var rulesExample = regexp.MustCompile("(?s)<!-- desk rules -->\n+```json\n(.*?)```")

// documentedRules wants the desk rules of docs/operating.md to load, and each member to be named.
func documentedRules(t *tree) (out []string) {
	text := string(t.texts[operatingDoc])
	m := rulesExample.FindStringSubmatch(text)
	if m == nil {
		return []string{operatingDoc + ": no example of desk rules after <!-- desk rules -->"}
	}
	if _, err := desk.ParseRules([]byte(m[1])); err != nil {
		out = append(out, operatingDoc+": the example does not load: "+err.Error())
	}
	tag, prose := regexp.MustCompile(`json:"([a-z_]+)`), regexp.MustCompile("(?s)```.*?```").ReplaceAllString(text, "")
	for _, f := range t.files {
		if f.name != "connectors/permits/desk/rules.go" {
			continue
		}
		for _, member := range tag.FindAllStringSubmatch(string(f.src), -1) {
			if !regexp.MustCompile("`[^`\n]*\\b" + member[1] + "\\b[^`\n]*`").MatchString(prose) {
				out = append(out, operatingDoc+": the member "+member[1]+" of the desk rules is not described")
			}
		}
	}
	return out
}

// links reports relative links of the three documents that lead nowhere.
func links(t *tree) (out []string) {
	target := regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	for _, doc := range []string{operatingDoc, problemsDoc, metricsDoc} {
		for _, m := range target.FindAllStringSubmatch(string(t.texts[doc]), -1) {
			name := strings.TrimPrefix("docs/"+m[1], "docs/../")
			if _, ok := t.texts[name]; !ok && !strings.Contains(m[1], "://") && !strings.HasSuffix(name, "/examples") {
				out = append(out, doc+": no such file: "+cmp.Or(m[1], "?"))
			}
		}
	}
	return out
}

func TestDocumentedProblems(t *testing.T) { checkModule(t, documentedProblems) }
func TestDocumentedMetrics(t *testing.T)  { checkModule(t, documentedMetrics) }
func TestDocumentedLog(t *testing.T)      { checkModule(t, documentedLog) }
func TestDocumentedCommands(t *testing.T) { checkModule(t, documentedCommands) }
func TestDocumentedDefaults(t *testing.T) { checkModule(t, documentedDefaults) }
func TestDocumentedRules(t *testing.T)    { checkModule(t, documentedRules) }
func TestDocumentedLinks(t *testing.T)    { checkModule(t, links) }

// docTable is a document with one table under a heading.
func docTable(section, head string, rows ...string) string {
	return "# T\n\n## " + section + "\n\n" + head + "\n|---|---|---|\n" + strings.Join(rows, "\n") + "\n"
}

func TestDocumentedProblemsBite(t *testing.T) {
	const head = "| code | HTTP | means |"
	const src = `package exchange
import "x/fault"
func invalid(code, at string) *fault.Error { return fault.New(fault.Invalid, code, "d").At(at) }
func f(late bool) error {
	code := "early"
	if late { code = "late" }
	_ = fault.Wrap(nil, fault.Forbidden, code, "d")
	return invalid("odd", "/x")
}`
	early, late, odd := "| `early` | 403 | x |", "| `late` | 403 | x |", "| `odd` | 422 | x |"
	with := func(source string, rows ...string) map[string]string {
		return map[string]string{"gateway/exchange/x.go": source, problemsDoc: docTable("Problems: messages", head, rows...)}
	}
	checkSamples(t, documentedProblems, []sample{
		{"good", with(src, early, late, odd), ""},
		{"missing literal, through a function", with(src, early, late), `"odd" is not in`},
		{"missing value of a variable", with(src, early, odd), `"late" is not in`},
		{"stale", with(src, early, late, odd, "| `gone` | 400 | x |"), `no source says "gone"`},
		{"another status", with(src, early, late, "| `odd` | 400 | x |"), `"odd" comes with 422, not 400`},
		{"twice", with(src, early, late, odd, odd), "said twice"},
		{"empty cell", with(src, early, late, "| `odd` | 422 | |"), "empty or missing cell"},
		{"cannot be followed", with(src+"\nvar e = fault.New(fault.Invalid, g(), \"d\")", early, late, odd), "cannot be followed"},
		{"a package without a section", map[string]string{"gateway/new/x.go": "package new\nimport \"x/fault\"\nvar e = fault.New(fault.Invalid, \"x\", \"d\")"}, "belong to no section"},
		{"finding", map[string]string{"gateway/exchange/x.go": "package exchange\nvar l = []ehds.Finding{{Code: \"new\"}}"}, `"new" is not in docs/problems.md under "Findings"`},
		{"flag", map[string]string{"gateway/access/x.go": "package access\nvar f = FlagForStaff{k, \"new\", \"n\"}"}, `"new" is not in docs/problems.md under "Flags"`},
		{"constant", map[string]string{"gateway/catalogue/rdf/x.go": "package rdf\nconst CodeNew = \"new\""}, `"new" is not in docs/problems.md under "Catalogue"`},
		{"permit reason", map[string]string{"gateway/permits/x.go": `package permits
func (r R) f() R { reason, _ := check(); return r.because(1, reason, "d") }
func check() (reason, detail string) { return "new", "d" }`}, `"new" is not in docs/problems.md under "Permit verification"`},
		{"evidence", map[string]string{"trust/evidence/x.go": "package evidence\nfunc f(r *R) { r.add(1, \"new\", \"w\", \"m\") }"}, `"new" is not in docs/problems.md under "Evidence verification"`},
		{"publication", map[string]string{"gateway/x.go": "package gateway\nfunc publishCode() string { return \"new\" }"}, `"new" is not in docs/problems.md under "Publication"`},
		{"a test's own code", map[string]string{"gateway/exchange/x_test.go": "package exchange\nvar e = fault.New(fault.Invalid, \"t\", \"d\")"}, ""},
	})
}

func TestDocumentedMetricsBite(t *testing.T) {
	const src = "package telemetry\nvar m = &Metrics{Outbox: gauge(\"rows\", \"Help.\", \"state\")}"
	const use = "package gateway\nfunc f(m *M) { m.metrics.Outbox.WithLabelValues(\"queued\").Set(1) }"
	row, state := "| `ehdsgw_rows` | gauge | `state` |", docTable("States", "| state | means | x |", "| `queued` | x | y |")
	with := func(table string, rows ...string) map[string]string {
		return map[string]string{"gateway/telemetry/m.go": src, "gateway/u.go": use,
			metricsDoc: docTable("Metrics", "| metric | type | label |", rows...) + "\n" + table}
	}
	checkSamples(t, documentedMetrics, []sample{
		{"good", with(state, row), ""},
		{"missing metric", with(state), "ehdsgw_rows is not in"},
		{"stale metric", with(state, row, "| `ehdsgw_old` | gauge | `x` |"), `no metric "ehdsgw_old"`},
		{"another type", with(state, "| `ehdsgw_rows` | counter | `state` |"), "is a gauge"},
		{"another label", with(state, "| `ehdsgw_rows` | gauge | `kind` |"), `by "state"`},
		{"missing value", with("", row), `the value "queued"`},
		{"stale value", with(state+"| `dead` | x | y |\n", row), `no source gives the value "dead"`},
	})
}

func TestDocumentedLogBites(t *testing.T) {
	const src = "package gateway\nfunc (g *G) f() { g.log.ErrorContext(ctx, \"it broke\", \"error\", err); g.log.Warn(\"careful\"); t.Error(\"a test's\") }"
	with := func(rows ...string) map[string]string {
		return map[string]string{"gateway/x.go": src, metricsDoc: docTable("Log", "| msg | level | means |", rows...)}
	}
	checkSamples(t, documentedLog, []sample{
		{"good", with("| `it broke` | ERROR | x |", "| `careful` | WARN | x |"), ""},
		{"a warning may be left out", with("| `it broke` | ERROR | x |"), ""},
		{"missing", with("| `careful` | WARN | x |"), `"it broke" is not in`},
		{"stale", with("| `it broke` | ERROR | x |", "| `it bent` | WARN | x |"), "nobody logs"},
		{"another level", with("| `it broke` | ERROR | x |", "| `careful` | ERROR | x |"), "nobody logs"},
	})
}

func TestOperatingBites(t *testing.T) {
	doc := func(text string) map[string]string {
		return map[string]string{operatingDoc: text, "config/template.yaml": "# a: 1\nlog:\n  # debug: or not\n  level: info\nlist:\n    - name: x\n",
			"cmd/ehdsgw/x.go":                  "package main\nvar c = cli.Command{Name: \"serve\", Flags: f(&cli.StringFlag{Name: \"config\"})}",
			"connectors/permits/desk/rules.go": "package desk\ntype r struct { Version int `json:\"version\"` }"}
	}
	const defaults = "| key | default | x |\n|---|---|---|\n| `log.level` | `%s` | x |\n"
	const good = `{"version":1,"body":{"id":"x","name":"n","signatory":{"name":"n","job_title":"j"}},"rules":[],"default":{"decide":"manual"}}`
	rules := func(text string) string { return "<!-- desk rules -->\n```json\n" + text + "\n```\n" }
	checkSamples(t, documentedCommands, []sample{
		{"good", doc("$ ehdsgw serve --config x"), ""},
		{"unknown command", doc("ehdsgw surve"), `knows no "surve"`},
		{"unknown flag", doc("$ ehdsgw serve --confg x"), `knows no "confg"`},
	})
	checkSamples(t, documentedDefaults, []sample{
		{"good", doc(fmt.Sprintf(defaults, "info")), ""},
		{"another default", doc(fmt.Sprintf(defaults, "warn")), `is "info", not "warn"`},
		{"no table", doc("text"), "no table of defaults"},
	})
	checkSamples(t, documentedRules, []sample{
		{"good", doc(rules(good) + "`version`"), ""},
		{"does not load", doc(rules(`{"version":1}`) + "`version`"), "does not load"},
		{"member not described", doc(rules(good)), "member version"},
		{"no example", doc("`version`"), "no example"},
	})
	checkSamples(t, links, []sample{
		{"good", doc("[x](../config/template.yaml) [y](#here) [z](operating.md#there) [w](https://x.example/y)"), ""},
		{"broken", doc("[x](gone.md#a)"), "no such file: gone.md"},
	})
}
