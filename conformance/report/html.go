package report

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"lower": strings.ToLower, "join": strings.Join, "json": indented, "open": open, "command": command,
}).Parse(pageText))

// HTML writes the report as one page that loads nothing: style inside, no script.
func HTML(w io.Writer, r conformance.Report) error {
	return page.Execute(w, struct {
		conformance.Report
		Began   string
		Seconds string
		Skipped []string
	}{r, r.Began.UTC().Format("2006-01-02 15:04 MST"), seconds(r.Took.Seconds()), skips(r)})
}

// open says whether a case is unfolded: what did not hold is what people look for.
func open(res conformance.Result) bool {
	return res.Outcome == conformance.Fail || res.Outcome == conformance.Err || res.Outcome == conformance.Warn
}

// command runs one case again.
func command(res conformance.Result) string {
	return "ehdsgw conformance run --case " + res.ID + " --exec -- COMMAND…"
}

func indented(v any) (string, error) {
	raw, err := json.MarshalIndent(v, "", " ")
	return string(raw), err
}
