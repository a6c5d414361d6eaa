package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decode writes node n into v. as is the field's tag of that name.
func (b *builder) decode(path string, n ast.Node, v reflect.Value, as string) {
	if path != "" {
		if _, given := b.positions[path]; !given {
			b.positions[path] = b.nodePosition(n)
		}
	}
	if _, null := n.(*ast.NullNode); null {
		return // a key without a value keeps its default
	}
	if s, ok := scalarOf(v.Type()); ok {
		b.decodeScalar(path, n, v, s)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		b.decodeStruct(path, n, v)
	case reflect.Slice:
		b.decodeSlice(path, n, v, as)
	case reflect.Map:
		b.decodeMap(path, n, v)
	}
}

func (b *builder) decodeScalar(path string, n ast.Node, v reflect.Value, s scalar) {
	text, ok := scalarText(n, s.kind)
	if !ok {
		b.fail(b.nodePosition(n), path, "expected %s, found %s", s.name, describe(n))
		return
	}
	if err := s.set(v, text); err != nil {
		b.fail(b.nodePosition(n), path, "%s", err)
	}
}

// members calls f for every key of a mapping once and reports keys given twice.
func (b *builder) members(path string, n ast.Node, f func(key string, p position, value ast.Node)) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		b.fail(b.nodePosition(n), path, "expected keys and values, found %s", describe(n))
		return
	}
	lines := map[string]int{}
	for _, mv := range m.Values {
		p := b.nodePosition(mv.Key)
		key, ok := scalarText(mv.Key, textKind)
		if !ok {
			b.fail(p, path, "a key must be a word, found %s", describe(mv.Key))
			continue
		}
		if line, twice := lines[key]; twice {
			b.fail(p, join(path, keyName(key)), "key is given twice, first on line %d", line)
			continue
		}
		lines[key] = p.line
		f(key, p, mv.Value)
	}
}

func (b *builder) decodeStruct(path string, n ast.Node, v reflect.Value) {
	b.members(path, n, func(key string, p position, value ast.Node) {
		i, ok := fieldByKey(v.Type(), key)
		if !ok {
			b.fail(p, join(path, keyName(key)), "unknown key; the nearest known key is %q",
				nearest(key, keysOf(v.Type())))
			return
		}
		field := v.Type().Field(i)
		switch value.(type) {
		case *ast.NullNode, *ast.MappingNode, *ast.SequenceNode:
			b.positions[join(path, key)] = p // what holds others is found at its key
		}
		b.decode(join(path, key), value, v.Field(i), field.Tag.Get("as"))
	})
}

func (b *builder) decodeSlice(path string, n ast.Node, v reflect.Value, as string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		b.fail(b.nodePosition(n), path, "expected a list, found %s", describe(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), 0, len(seq.Values))
	for i, item := range seq.Values {
		element := newElement(v.Type().Elem())
		at := fmt.Sprintf("%s[%d]", path, i)
		if _, null := item.(*ast.NullNode); null {
			b.fail(b.nodePosition(item), at, "list entry is empty")
		} else {
			b.decode(at, item, element, as)
		}
		out = reflect.Append(out, element)
	}
	v.Set(out)
}

func (b *builder) decodeMap(path string, n ast.Node, v reflect.Value) {
	out := reflect.MakeMap(v.Type())
	b.members(path, n, func(key string, _ position, value ast.Node) {
		element := reflect.New(v.Type().Elem()).Elem()
		b.decode(join(path, keyName(key)), value, element, "")
		out.SetMapIndex(reflect.ValueOf(key), element)
	})
	v.Set(out)
}

// newElement makes a list entry with the defaults such an entry has.
func newElement(t reflect.Type) reflect.Value {
	e := reflect.New(t).Elem()
	switch t {
	case reflect.TypeFor[Source]():
		e.Set(reflect.ValueOf(defaultSource()))
	case reflect.TypeFor[Peer]():
		e.Set(reflect.ValueOf(defaultPeer()))
	case reflect.TypeFor[DispatcherSystem]():
		e.Set(reflect.ValueOf(defaultSystem()))
	}
	return e
}

// fieldByKey finds the field of a struct by its YAML key.
func fieldByKey(t reflect.Type, key string) (int, bool) {
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") == key {
			return i, true
		}
	}
	return 0, false
}

// keysOf lists the YAML keys of a struct.
func keysOf(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("yaml")
	}
	return keys
}

// keyName writes a key into a path: words as they are, anything else quoted and
// cut short.
func keyName(key string) string {
	plain := key != "" && len(key) <= 40 && strings.IndexFunc(key, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
	if plain {
		return key
	}
	return quote(key)
}

// quote writes foreign text for a message: escaped and cut after 40 characters.
func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
