package exchange

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Act is what staff of the gateway bring about in a case: one change with its messages and its evidence.
// choose says what, from the case as it stands. What the law of the case does not allow is refused with the
// state the case is in.
func (a *Applications) Act(s store.State, choose func(ApplicationDoc) (access.Event, error)) (store.Change, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, errUnknownCase()
	}
	e, err := choose(doc)
	if err != nil {
		return store.Change{}, err
	}
	out, err := a.step(doc, doc.informed(e), s.Case, s.Now, nil)
	return out.change(), err
}

// cleared is what a leaf about flags taken off commits to.
type cleared struct {
	Case  string `json:"case"`
	Code  string `json:"code"`
	Count int    `json:"count"`
	Actor string `json:"actor"`
}

// ClearFlags takes the flags of a code off a case: staff have looked. It says how many there were.
func ClearFlags(s store.State, code, actor string) (store.Change, int, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, 0, errUnknownCase()
	}
	before := len(doc.Flags)
	doc.Flags = slices.DeleteFunc(doc.Flags, func(f Flag) bool { return f.Code == code })
	n := before - len(doc.Flags)
	if n == 0 {
		return store.Change{}, 0, nil
	}
	leaf := store.NewLeaf{Class: "operator", Material: mustJSON(cleared{s.Case, code, n, actor})}
	return store.Change{Doc: mustJSON(doc), Leaves: []store.NewLeaf{leaf}}, n, nil
}

// Confirm notes that a recipient confirmed a notice to staff, who say who it was.
func (a *Applications) Confirm(s store.State, notice, by string) (store.Change, error) {
	doc, ok := ReadApplicationDoc(s.Case, s.Doc)
	if !ok {
		return store.Change{}, errUnknownCase()
	}
	return doc.confirm(notice, by, s.Case, s.Now, s.Now)
}
