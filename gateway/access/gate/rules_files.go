package gate

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// fileRules hold the files the form names against those that came with it.
func fileRules() []Rule {
	return []Rule{
		{ID: "file-absent", Article: "67(2), 69(2)", Title: "every file the form names came with it",
			Severity: Warning, Completion: true, Kinds: anyKind, check: filesAbsent},
		{ID: "file-size", Article: "67(2), 69(2)", Title: "a file has the size the form states",
			Severity: Warning, Kinds: anyKind, check: fileSizes},
		{ID: "file-unnamed", Article: "D6.4 tables", Title: "a file came that no field of the form names",
			Severity: Info, Kinds: anyKind, check: filesUnnamed},
	}
}

// formFile is a file as a field of the form names it.
type formFile struct {
	ID   string `json:"id"`
	Size *int64 `json:"size"`
	place
}

// filesNamed lists the files the form names, in its order.
func (x *exam) filesNamed() (out []formFile) {
	add := func(raw json.RawMessage, p place) {
		if f, ok := as[formFile](raw); ok && f.ID != "" {
			f.place = p
			out = append(out, f)
		}
	}
	for _, v := range x.values {
		if !v.known || v.is.kinds&x.kind == 0 || v.empty {
			continue
		}
		list, _ := as[[]json.RawMessage](v.raw)
		for i, raw := range list {
			p := v.place
			p.below = "/" + strconv.Itoa(i)
			switch {
			case v.is.shape == Files || v.is.shape == TextOrFiles:
				add(raw, p)
			case v.field == "tabulationPlanArray":
				plan, _ := as[map[string]json.RawMessage](raw)
				p.below += "/tabulationPlan"
				add(plan["tabulationPlan"], p)
			}
		}
	}
	return out
}

func filesAbsent(x *exam) {
	for _, f := range x.files {
		if _, came := x.o.Attachments[f.ID]; !came {
			x.report(f.place, "a file that the form names did not come", "send the file")
		}
	}
}

func fileSizes(x *exam) {
	for _, f := range x.files {
		if size, came := x.o.Attachments[f.ID]; came && f.Size != nil && *f.Size != size {
			x.report(f.place, "the file that came has another size than the form states", "compare the two")
		}
	}
}

func filesUnnamed(x *exam) {
	named := map[string]bool{}
	for _, f := range x.files {
		named[f.ID] = true
	}
	n := 0
	for id := range x.o.Attachments {
		if !named[id] {
			n++
		}
	}
	if n > 0 {
		x.report(place{outside: "/attachments"}, fmt.Sprintf("%d file(s) came that no field of the form names; they are kept and handed on", n),
			"name them in the form, so that they are read where they belong")
	}
}
