package generate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// attack is one line of a group's table.
type attack struct {
	name, title, rule string
	control           string // name of a control; empty is "message"
	doc               vectors.Document
}

// reason is what several attacks have in common.
type reason struct{ why, clause string }

// inTrust is the test that runs what a verifier reads.
const inTrust = "trust TestHostileVectors"

// group collects attacks.
type group struct {
	vectors.Suite
	run string // the test that runs what is added next
}

func newGroup(name string) *group {
	return &group{run: inTrust, Suite: vectors.Suite{Group: name, Controls: map[string]vectors.Document{
		"message": asMessage(sign(exchangeKey(centre), typMsg, message())),
	}}}
}

// control adds an honest twin.
func (g *group) control(name string, d vectors.Document) { g.Controls[name] = d }

// onlyUsed drops the controls no attack has.
func (g *group) onlyUsed() {
	used := map[string]bool{}
	for _, v := range g.Vectors {
		used[v.Control] = true
	}
	maps.DeleteFunc(g.Controls, func(name string, _ vectors.Document) bool { return !used[name] })
}

// add adds attacks that have a reason in common.
func (g *group) add(r reason, list ...attack) {
	for _, a := range list {
		if a.control == "" {
			a.control = "message"
		}
		g.Vectors = append(g.Vectors, vectors.Vector{
			ID: g.Group + "-" + a.name, Title: a.title, Why: r.why, Clause: r.clause, Run: g.run,
			Rule: a.rule, Control: a.control, Attack: a.doc,
		})
	}
}

// Files are the vectors as they are stored, by file name.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, g := range []*group{
		algorithms(), signatures(), keys(), headers(), encodings(), claimed(), chains(), marks(), jwes(), exchanges(), permits(), evidences(),
	} {
		g.onlyUsed()
		if err := write(out, g.Group+".json", g.Suite); err != nil {
			return nil, err
		}
	}
	return out, write(out, "world.json", theWorld())
}

func write(out map[string][]byte, name string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	out[name] = b.Bytes()
	return nil
}
