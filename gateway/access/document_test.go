package access_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/states.md")

// marker stands between what people wrote in docs/states.md and what is made from the tables.
const marker = "<!-- What follows is made from the tables: go test ./gateway/access -run Document -update -->\n"

func TestDocument(t *testing.T) {
	const name = "../../docs/states.md"
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	written, tables, ok := strings.Cut(string(doc), marker)
	if !ok {
		t.Fatalf("%s has no line %q", name, marker)
	}
	want := documented()
	if *update {
		if err := os.WriteFile(name, []byte(written+marker+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, tables); diff != "" {
		t.Errorf("docs/states.md is not what the tables say (-tables +document); run the test with -update:\n%s", diff)
	}
}

func documented() string {
	var b strings.Builder
	machine(&b, "Application", ehds.ApplicationTransitions())
	machine(&b, "Decision", ehds.DecisionTransitions())
	permits(&b)
	exported(&b)
	for _, m := range ehds.SideMachines() {
		machine(&b, "Beside the track: "+besideName(m), ehds.SideTransitions(m))
	}
	machine(&b, "Transport of a message", ehds.TransportTransitions())
	periods(&b)
	return b.String()
}

func besideName(m ehds.SideMachine) string {
	return map[ehds.SideMachine]string{
		ehds.SideCompleteness: "check of completeness", ehds.SideTrustedHolder: "trusted data holder", ehds.SideFees: "fees",
		ehds.SideDelivery: "delivery by the data holder", ehds.SideSPE: "secure processing environment",
		ehds.SideAnswer: "answer to a data request", ehds.SideHearing: "hearing before a measure",
	}[m] + " (`" + string(m) + "`)"
}

// machine writes a table and its diagram.
func machine[S ~string, E ~string](b *strings.Builder, title string, table []ehds.Transition[S, E]) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	order, events := edgesOf(table)
	diagram(b, order, events)
	b.WriteString("| from | event | to | why | source |\n|---|---|---|---|---|\n")
	for _, e := range table {
		to := code(string(e.To))
		if e.Resumes {
			to += " (back)"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", code(string(e.From)), e.Event, to, e.Why, e.Source)
	}
}

// arrow is an edge of a diagram; events between the same states share one.
type arrow struct{ from, to string }

func edgesOf[S ~string, E ~string](table []ehds.Transition[S, E]) (order []arrow, events map[arrow][]string) {
	events = map[arrow][]string{}
	for _, e := range table {
		a := arrow{string(e.From), string(e.To)}
		if events[a] == nil {
			order = append(order, a)
		}
		if !slices.Contains(events[a], string(e.Event)) {
			events[a] = append(events[a], string(e.Event))
		}
	}
	return order, events
}

func diagram(b *strings.Builder, order []arrow, events map[arrow][]string) {
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	leaves := map[string]bool{}
	for _, a := range order {
		leaves[a.from] = true
	}
	if !leaves[""] && len(order) > 0 {
		fmt.Fprintf(b, "    [*] --> %s\n", order[0].from)
	}
	for _, a := range order {
		fmt.Fprintf(b, "    %s --> %s: %s\n", cmp.Or(a.from, "[*]"), a.to, strings.Join(events[a], ", "))
	}
	var ends []string
	for _, a := range order {
		if !leaves[a.to] && !slices.Contains(ends, a.to) {
			ends = append(ends, a.to)
			fmt.Fprintf(b, "    %s --> [*]\n", a.to)
		}
	}
	b.WriteString("```\n\n")
}

// permits tells the permit machine by events, since the same edges leave every state that allows
// access: the table itself has one for each state, change and outcome.
func permits(b *strings.Builder) {
	table := ehds.PermitTransitions()
	var order []arrow
	events := map[arrow][]string{}
	type rule struct{ why, source string }
	from, to, says := map[ehds.PermitEvent][]string{}, map[ehds.PermitEvent][]string{}, map[ehds.PermitEvent]rule{}
	var names []ehds.PermitEvent
	add := func(list []string, s string) []string {
		if slices.Contains(list, s) {
			return list
		}
		return append(list, s)
	}
	for _, e := range table {
		a := arrow{string(e.From.State), string(e.To.State)}
		if events[a] == nil {
			order = append(order, a)
		}
		events[a] = add(events[a], string(e.Event))
		if _, ok := says[e.Event]; !ok {
			names = append(names, e.Event)
			says[e.Event] = rule{e.Why, e.Source}
		}
		from[e.Event] = add(from[e.Event], phase(e.From))
		to[e.Event] = add(to[e.Event], phase(e.To))
	}
	fmt.Fprintf(b, "\n## Permit\n\nThe table has %d edges; what follows says each rule once, whatever became of an earlier request. Access is allowed in\n`GRANTED`, `AMENDED` and `RENEWED`, also while a change is asked for. A renewal is asked for once at most, a month before\nexpiry at the latest (Art. 68(12)). A suspended permit has no new version before it is resumed.\n\n", len(table))
	diagram(b, order, events)
	b.WriteString("| event | from | to | new version | why | source |\n|---|---|---|---|---|---|\n")
	for _, e := range names {
		where, whither := strings.Join(from[e], ", "), strings.Join(to[e], ", ")
		if where == whither {
			whither = "the same"
		}
		if len(from[e]) == len(from[ehds.PermitEventRevoked]) {
			where = "every phase that allows access"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", e, where, whither,
			map[bool]string{true: "yes", false: "no"}[e.NewVersion()], says[e].why, says[e].source)
	}
}

// phase names a phase by its state and the request that is open, if one is.
func phase(p ehds.PermitPhase) string {
	if p.Outcome != ehds.OutcomeRequested {
		return code(string(p.State))
	}
	return code(string(p.State)) + " with " + code(string(p.Change)) + " asked for"
}

// exported are the twelve values and the phases that travel as each.
func exported(b *strings.Builder) {
	phases := map[ehds.PermitStatusValue][]string{}
	for _, e := range ehds.PermitTransitions() {
		p := e.To
		name := code(string(p.State))
		if p.Change != ehds.ChangeNone {
			name += " × " + code(string(p.Change)) + " × " + code(string(p.Outcome))
		}
		if v := p.Export(); !slices.Contains(phases[v], name) {
			phases[v] = append(phases[v], name)
		}
	}
	b.WriteString("\n## The twelve values that travel\n\nTEHDAS2 D6.4, table 3: status × change request × outcome.\n\n| value | phases | access |\n|---|---|---|\n")
	for _, v := range ehds.PermitStatusValues() {
		slices.Sort(phases[v])
		active := "no"
		for _, e := range ehds.PermitTransitions() {
			if e.To.Export() == v && e.To.State.Active() {
				active = "yes"
			}
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(string(v)), strings.Join(phases[v], "; "), active)
	}
}

// periods is the table of clocks.
func periods(b *strings.Builder) {
	b.WriteString("\n## Periods\n\nThe yearly check of a dataset's description (Art. 60(3), 12 months) is counted with the catalogue.\n\n" +
		"| clock | starts with | length | ends with | when it runs out | source |\n|---|---|---|---|---|---|\n")
	for _, s := range access.Periods() {
		length := s.Length.String()
		switch {
		case s.Kind == access.ClockPermit:
			length = "as the permit says"
		case s.Accelerated != access.Period{}:
			length = fmt.Sprintf("%s (+%s); accelerated %s (+%s)", s.Length, s.More, s.Accelerated, s.MoreAccelerated)
		case s.More != access.Period{}:
			length = fmt.Sprintf("%s (+%s)", s.Length, s.More)
		}
		effect := s.Effect
		if s.Automatic {
			effect = "**" + effect + "**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", s.Kind, s.Starts, length, s.Stops, effect, s.Source)
	}
	b.WriteString("\nIn bold: happens by itself.\n")
}

func code(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + s + "`"
}
