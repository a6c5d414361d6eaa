package rdf

// termIDs numbers terms. IRIs and blank nodes, most of all terms, have maps
// of their own because a string is cheaper to look up than a Term.
type termIDs struct {
	iris, blanks map[string]uint32
	others       map[Term]uint32
}

func newTermIDs() termIDs {
	return termIDs{iris: map[string]uint32{}, blanks: map[string]uint32{}, others: map[Term]uint32{}}
}

// find returns the number of a term, if it has one.
func (m *termIDs) find(t Term) (id uint32, ok bool) {
	switch plain := t.Datatype == "" && t.Lang == ""; {
	case plain && t.Kind == IRI:
		id, ok = m.iris[t.Value]
	case plain && t.Kind == Blank:
		id, ok = m.blanks[t.Value]
	default:
		id, ok = m.others[t]
	}
	return id, ok
}

// put gives a term a number.
func (m *termIDs) put(t Term, id uint32) {
	switch plain := t.Datatype == "" && t.Lang == ""; {
	case plain && t.Kind == IRI:
		m.iris[t.Value] = id
	case plain && t.Kind == Blank:
		m.blanks[t.Value] = id
	default:
		m.others[t] = id
	}
}
