package jose

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// DecodeStrict decodes one JSON object into v, a non-nil pointer, after
// checking it as [CheckJSON] does with the default depth. Where v has a
// struct, a member the struct does not have is refused (ErrUnknownMember), and
// so is one that differs from a known member only in case (ErrMemberCase),
// which encoding/json would accept. Interfaces, json.RawMessage and types with
// their own UnmarshalJSON or UnmarshalText take what they find.
func DecodeStrict(payload []byte, v any) error { return decode(payload, v, false) }

// DecodeKnown is DecodeStrict for documents that others may extend: unknown
// members are skipped, case variants of known ones are still refused.
func DecodeKnown(payload []byte, v any) error { return decode(payload, v, true) }

func decode(payload []byte, v any, open bool) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("jose: decode target is not a pointer")
	}
	if err := CheckJSON(payload, DefaultMaxDepth); err != nil {
		return err
	}
	m := memberCheck{
		scanner: scanner{data: payload, max: DefaultMaxDepth},
		open:    open,
		fields:  map[reflect.Type]map[string]reflect.Type{},
	}
	if err := m.walk(target.Type().Elem()); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	if !open {
		dec.DisallowUnknownFields()
	}
	err := dec.Decode(v)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case Rule(err) != "":
		return err
	case errors.As(err, &mismatch):
		return fmt.Errorf("%w: member %s has the wrong type", ErrJSON, mismatch.Field)
	default:
		return ErrJSON // the text of other errors may repeat input
	}
}

// memberCheck walks a checked JSON text next to a Go type and compares member
// names exactly.
type memberCheck struct {
	scanner
	open   bool
	fields map[reflect.Type]map[string]reflect.Type
}

func (m *memberCheck) walk(t reflect.Type) error {
	for t.Kind() == reflect.Pointer && !decodesItself(t) {
		t = t.Elem()
	}
	kind := t.Kind()
	if decodesItself(t) {
		kind = reflect.Interface
	}
	switch c := m.peek(); {
	case c == '{' && kind == reflect.Struct:
		known := m.fieldsOf(t)
		return m.members(func(name string) (reflect.Type, error) { return m.member(known, name) })
	case c == '{' && kind == reflect.Map:
		return m.members(func(string) (reflect.Type, error) { return t.Elem(), nil })
	case c == '[' && (kind == reflect.Slice || kind == reflect.Array):
		return m.elements(t.Elem())
	default:
		return m.value()
	}
}

func (m *memberCheck) members(typeOf func(name string) (reflect.Type, error)) error {
	m.accept('{')
	for !m.accept('}') {
		m.accept(',')
		m.peek()
		raw, err := m.text()
		if err != nil {
			return err
		}
		t, err := typeOf(string(unescape(raw)))
		if err != nil {
			return err
		}
		m.accept(':')
		if err := m.walk(t); err != nil {
			return err
		}
	}
	return nil
}

func (m *memberCheck) elements(t reflect.Type) error {
	m.accept('[')
	for !m.accept(']') {
		m.accept(',')
		if err := m.walk(t); err != nil {
			return err
		}
	}
	return nil
}

func (m *memberCheck) member(known map[string]reflect.Type, name string) (reflect.Type, error) {
	if t, ok := known[name]; ok {
		return t, nil
	}
	for k := range known {
		if strings.EqualFold(k, name) {
			return nil, fmt.Errorf("%w: %s", ErrMemberCase, k)
		}
	}
	if m.open {
		return reflect.TypeFor[any](), nil
	}
	return nil, ErrUnknownMember
}

// fieldsOf lists the JSON members of a struct with their types, by the rules
// of encoding/json for tags and embedded structs: the shallowest name wins.
func (m *memberCheck) fieldsOf(t reflect.Type) map[string]reflect.Type {
	if f, ok := m.fields[t]; ok {
		return f
	}
	out := map[string]reflect.Type{}
	m.fields[t] = out
	seen := map[reflect.Type]bool{t: true}
	for level := []reflect.Type{t}; len(level) > 0; {
		var next []reflect.Type
		for _, t := range level {
			for i := range t.NumField() {
				name, embedded := memberOf(t.Field(i))
				if embedded != nil && !seen[embedded] {
					seen[embedded] = true
					next = append(next, embedded)
				}
				if _, ok := out[name]; !ok && name != "" {
					out[name] = t.Field(i).Type
				}
			}
		}
		level = next
	}
	return out
}

// memberOf returns the member name of a field, or the struct whose fields
// stand in its place, or neither.
func memberOf(f reflect.StructField) (name string, embedded reflect.Type) {
	tag := f.Tag.Get("json")
	name, _, _ = strings.Cut(tag, ",")
	if tag == "-" {
		return "", nil
	}
	if f.Anonymous && name == "" {
		t := f.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() == reflect.Struct {
			return "", t
		}
	}
	if !f.IsExported() {
		return "", nil
	}
	if name == "" {
		name = f.Name
	}
	return name, nil
}

func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) ||
		t.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// object is like json.Unmarshal into a map, for text already checked.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, ErrJSON
	}
	return members, nil
}

// textOf returns the text of a JSON string that is part of a checked text; null
// and other types are refused.
func textOf(raw json.RawMessage) (string, bool) {
	s := scanner{data: raw}
	if s.peek() != '"' {
		return "", false
	}
	text, err := s.text()
	if s.peek(); err != nil || s.pos != len(raw) {
		return "", false
	}
	return string(unescape(text)), true
}

// textsOf returns a JSON array of strings.
func textsOf(raw json.RawMessage) ([]string, bool) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		return nil, false
	}
	out := make([]string, len(items))
	for i, item := range items {
		var ok bool
		if out[i], ok = textOf(item); !ok {
			return nil, false
		}
	}
	return out, true
}
