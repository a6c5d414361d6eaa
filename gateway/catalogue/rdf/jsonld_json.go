package rdf

import (
	"context"
	"io"
	"strconv"
)

// jsonKind is the sort of a JSON value.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonFalse
	jsonTrue
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

// jsonValue is a JSON value in a tree whose nodes lie in one slice: what an
// array or an object holds is tree[from:to].
type jsonValue struct {
	kind     jsonKind
	text     string // a string, or a number as written
	key      string // the name, where the value is a member of an object
	keyAt    place
	at       place
	from, to int32
}

// jsonReader reads JSON as RFC 8259 and I-JSON (RFC 7493) have it: UTF-8, no
// name twice in an object, no half of a surrogate pair, bounded depth.
type jsonReader struct {
	lexer
	tree    []jsonValue
	pending []jsonValue // values whose parents are not complete
	depth   int
	deepest int
	most    int // values held at once
}

// maxValues bounds the values that are held at once, which take some 80 bytes
// each besides their text.
const maxValues = 1 << 21

// children are the items or members of v.
func (j *jsonReader) children(v jsonValue) []jsonValue { return j.tree[v.from:v.to] }

// forget drops the values added to the tree after it was n long.
func (j *jsonReader) forget(n int) { j.tree = j.tree[:n] }

// ws passes over white space and returns the next byte.
func (j *jsonReader) ws() int {
	j.skip(classSpace)
	return j.peek()
}

// syntaxf is an error at the next byte.
func (j *jsonReader) syntaxf(format string, args ...any) error {
	return j.errorf(j.syntax, format, args...)
}

// value reads a value with everything in it.
func (j *jsonReader) value() (jsonValue, error) {
	c := j.ws()
	v := jsonValue{at: j.here()}
	var err error
	switch {
	case len(j.tree)+len(j.pending) >= j.most:
		err = j.errorf(CodeTooLarge, "one element holds more than %d values", j.most)
	case c == '{':
		err = j.object(&v)
	case c == '[':
		err = j.array(&v)
	case c == '"':
		v.kind = jsonString
		v.text, err = j.str()
	case c == '-' || c >= '0' && c <= '9':
		v.kind = jsonNumber
		v.text, err = j.number()
	case c == 't' && j.word("true"):
		v.kind = jsonTrue
	case c == 'f' && j.word("false"):
		v.kind = jsonFalse
	case c == 'n' && j.word("null"):
	default:
		err = j.syntaxf("expected a JSON value, found %s", j.next())
	}
	return v, err
}

// next describes the next character for a person.
func (j *jsonReader) next() string {
	r, size := j.peekRune(0)
	if size == 0 {
		return "the end of the document"
	}
	return strconv.QuoteRune(r)
}

// word passes over a literal name.
func (j *jsonReader) word(name string) bool {
	for i := range len(name) {
		if j.peekAt(i) != int(name[i]) {
			return false
		}
	}
	j.pos += len(name)
	return true
}

// enter and leave count the depth.
func (j *jsonReader) enter() error {
	if j.depth++; j.depth > j.deepest {
		return j.errorf(CodeTooDeep, "arrays and objects nest deeper than %d", j.deepest)
	}
	j.pos++
	return nil
}

func (j *jsonReader) leave() { j.depth--; j.pos++ }

// adopt moves the pending values from n on into the tree as children of v.
func (j *jsonReader) adopt(v *jsonValue, n int) {
	v.from = int32(len(j.tree))
	j.tree = append(j.tree, j.pending[n:]...)
	v.to = int32(len(j.tree))
	j.pending = j.pending[:n]
}

// array reads an array.
func (j *jsonReader) array(v *jsonValue) error {
	v.kind = jsonArray
	if err := j.enter(); err != nil {
		return err
	}
	n := len(j.pending)
	for first := true; ; first = false {
		more, err := j.more(']', first, "array")
		if err != nil {
			return err
		}
		if !more {
			j.adopt(v, n)
			j.leave()
			return nil
		}
		item, err := j.value()
		if err != nil {
			return err
		}
		j.pending = append(j.pending, item)
	}
}

// more passes over the comma before a further item and reports whether there
// is one; the closing bracket stays.
func (j *jsonReader) more(end byte, first bool, what string) (bool, error) {
	switch c := j.ws(); {
	case c == int(end):
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, j.syntaxf("expected ',' or %q in the %s, found %s", end, what, j.next())
	}
	j.pos++
	if j.ws() == int(end) {
		return false, j.syntaxf("a comma may not stand before %q", end)
	}
	return true, nil
}

// object reads an object.
func (j *jsonReader) object(v *jsonValue) error {
	v.kind = jsonObject
	if err := j.enter(); err != nil {
		return err
	}
	n := len(j.pending)
	var names nameSet
	for first := true; ; first = false {
		more, err := j.more('}', first, "object")
		if err != nil {
			return err
		}
		if !more {
			j.adopt(v, n)
			j.leave()
			return nil
		}
		key, at, err := j.memberName()
		if err != nil {
			return err
		}
		if names.taken(j.pending[n:], key) {
			return j.errorAt(at, j.syntax, "the member %q occurs twice", key)
		}
		member, err := j.value()
		if err != nil {
			return err
		}
		member.key, member.keyAt = key, at
		j.pending = append(j.pending, member)
	}
}

// memberName reads the name of a member and the colon.
func (j *jsonReader) memberName() (string, place, error) {
	if j.ws() != '"' {
		return "", place{}, j.syntaxf("expected the name of a member in double quotes, found %s", j.next())
	}
	at := j.here()
	key, err := j.str()
	if err != nil {
		return "", at, err
	}
	if j.ws() != ':' {
		return "", at, j.syntaxf("expected ':' after the name, found %s", j.next())
	}
	j.pos++
	return key, at, nil
}

// nameSet knows the names of an object, in a map only where there are many.
type nameSet struct{ names map[string]struct{} }

const manyNames = 16

func (s *nameSet) taken(members []jsonValue, key string) bool {
	if s.names == nil {
		for i := range members {
			if members[i].key == key {
				return true
			}
		}
		if len(members) < manyNames {
			return false
		}
		s.names = make(map[string]struct{}, 4*manyNames)
		for i := range members {
			s.names[members[i].key] = struct{}{}
		}
	}
	if _, ok := s.names[key]; ok {
		return true
	}
	s.names[key] = struct{}{}
	return false
}

// newJSONReader opens a document. A node inside a node takes two levels, an
// object and an array.
func newJSONReader(ctx context.Context, r io.Reader, o ReadOptions) jsonReader {
	return jsonReader{
		lexer:   lexer{source: newSource(ctx, r, o, CodeJSONLDSyntax), names: newInterner()},
		deepest: 2*o.MaxDepth + 3,
		most:    maxValues,
	}
}

// end checks that nothing follows the value.
func (j *jsonReader) end() error {
	if j.ws() != eof {
		return j.syntaxf("expected the end of the document, found %s", j.next())
	}
	return j.broken()
}
