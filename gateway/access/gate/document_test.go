package gate

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/gates.md")

// marker stands between what people wrote in docs/gates.md and what is made from the rules.
const marker = "<!-- What follows is made from the rules: go test ./gateway/access/gate -run Document -update -->\n"

func TestDocumentIsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	const name = "../../../docs/gates.md"
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, made, _ := strings.Cut(string(raw), marker)
	want := tables()
	if *update {
		if err := os.WriteFile(name, []byte(text+marker+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("docs/gates.md is not what the rules say (-rules +document); run the test with -update:\n%s", diff)
	}
}

func tables() string {
	var b strings.Builder
	b.WriteString("\n## An application\n\n| rule | article | kind | section | severity | what |\n|---|---|---|---|---|---|\n")
	for _, r := range Rules() {
		kind := "both"
		if len(r.Kinds) == 1 {
			kind = map[bool]string{true: "access", false: "request"}[r.Kinds[0] == accessOnly[0]]
		}
		var sections []string
		for _, n := range r.Sections {
			sections = append(sections, fmt.Sprint(n))
		}
		severity := string(r.Severity)
		if r.Completion {
			severity += ", completion"
		}
		if r.ForStaff {
			severity += ", *staff*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", r.ID, r.Article, kind, strings.Join(sections, ", "), severity, r.Title)
	}
	b.WriteString("\n## A permit\n\nA permit that lacks one of these is not signed (Art. 68(10)). What a point says is for the body to decide.\n\n" +
		"| rule | article | member | what | do |\n|---|---|---|---|---|\n")
	for _, r := range GrantRules() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", r.ID, r.Article, r.Pointer, r.Title, r.Mend)
	}
	return b.String()
}
