package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Step is one step.
type Step struct {
	N      int    `json:"n"`
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	MS     int64  `json:"ms"`
	Detail string `json:"detail,omitempty"` // what was seen, or why it failed
}

// Quarantined is one finding of severity violation about the French catalogue.
type Quarantined struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col,omitempty"`
	Code     string `json:"code"`
	Subject  string `json:"subject,omitempty"`
	Property string `json:"property,omitempty"`
	Message  string `json:"message"`
}

// Published is one dataset the centre shows.
type Published struct {
	Nation     string `json:"nation"`
	Identifier string `json:"identifier"`
	CentralID  string `json:"central_id"`
	Title      string `json:"title"`
}

// Report is the outcome of the demo.
type Report struct {
	Steps       []Step            `json:"steps"`
	Quarantined []Quarantined     `json:"quarantined"`
	Published   []Published       `json:"published"`
	IDs         map[string]string `json:"ids"`
	URLs        map[string]string `json:"urls"`
}

// OK says whether all steps hold.
func (r Report) OK() bool {
	for _, s := range r.Steps {
		if !s.OK {
			return false
		}
	}
	return len(r.Steps) == len(stepNames)
}

// WriteJSON writes the report as one document.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

// WriteText writes what a person wants to know after the steps: ids, addresses, where to look.
func (r Report) WriteText(w io.Writer) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) } // a closed pipe: nothing to mend
	if !r.OK() {
		say("\nNot all steps hold.")
		for _, q := range r.Quarantined {
			say("  %s:%d:%d %s %s", q.File, q.Line, q.Col, q.Code, q.Message)
		}
		return
	}
	say("\nAll %d steps hold. %d datasets published, %d violations quarantined.\n", len(r.Steps), len(r.Published), len(r.Quarantined))
	for _, list := range []map[string]string{r.IDs, r.URLs} {
		for _, k := range slices.Sorted(maps.Keys(list)) {
			say("  %-12s %s", k, list[k])
		}
	}
	say("\nTo look further, run it again with --keep --dir demo and, beside it:\n")
	for _, line := range furtherCommands {
		say("  %s", line)
	}
}

// furtherCommands work on the folder of a demo that was run with --keep --dir demo.
var furtherCommands = []string{
	"ehdsgw permit verify demo/permit.jwt --trust demo/trust.json --status demo/status.jwt",
	"ehdsgw evidence verify demo/evidence.json --trust demo/trust.json",
	"ehdsgw catalogue verify demo/reconciliation.json --trust demo/trust.json",
	"ehdsgw permit verify demo/permit.jwt --trust demo/trust.json --status demo/status-after.jwt",
	"ehdsgw case list -c demo/FR/ehdsgw.yaml",
	"ehdsgw permit list -c demo/FR/ehdsgw.yaml",
	"ehdsgw register list -c demo/FR/ehdsgw.yaml",
	"ehdsgw catalogue publish --dry-run -c demo/FR/ehdsgw.yaml",
	"ehdsgw catalogue search cancer -c demo/FI/ehdsgw.yaml",
}

// Progress shows steps as they happen: a moving mark on a terminal, one line a step elsewhere.
type Progress struct {
	Out      io.Writer
	Terminal bool

	mu   sync.Mutex
	stop chan struct{}
	done chan struct{}
}

// spin are the frames of the moving mark.
const spin = `|/-\`

// Begin announces a step.
func (p *Progress) Begin(n int, name string) {
	if !p.Terminal {
		return
	}
	p.stop, p.done = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(p.done)
		t := time.NewTicker(100 * time.Millisecond)
		defer t.Stop()
		for i := 0; ; i++ {
			p.print("\r %c %2d  %s", spin[i%len(spin)], n, name)
			select {
			case <-p.stop:
				return
			case <-t.C:
			}
		}
	}()
}

// End shows how a step went.
func (p *Progress) End(s Step) {
	if p.Terminal {
		close(p.stop)
		<-p.done
		p.print("\r\x1b[K")
	}
	mark := "ok  "
	if !s.OK {
		mark = "FAIL"
	}
	p.print("%s %2d  %-58s %6d ms\n", mark, s.N, s.Name, s.MS)
	if s.Detail != "" {
		p.print("         %s\n", s.Detail)
	}
}

func (p *Progress) print(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = fmt.Fprintf(p.Out, format, args...) // progress is not worth failing for
}
