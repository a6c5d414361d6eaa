package rdf

import "encoding/json"

// anyOf is v as encoding/json with UseNumber would have it, which is what
// json-gold takes; contexts, whose numbers json-gold wants as float64, differ.
func (j *jsonReader) anyOf(v jsonValue, context bool) any {
	switch v.kind {
	case jsonFalse:
		return false
	case jsonTrue:
		return true
	case jsonNumber:
		n := json.Number(v.text)
		if f, err := n.Float64(); context && err == nil {
			return f
		}
		return n
	case jsonString:
		return v.text
	case jsonArray:
		items := make([]any, 0, v.to-v.from)
		for _, item := range j.children(v) {
			items = append(items, j.anyOf(item, context))
		}
		return items
	case jsonObject:
		members := make(map[string]any, v.to-v.from)
		for _, m := range j.children(v) {
			members[m.key] = j.anyOf(m, context || m.key == "@context")
		}
		return members
	}
	return nil
}

// appendText appends a text that two values share only when they are equal
// but for the order of members: a key for what was made of them.
func (j *jsonReader) appendText(b []byte, v jsonValue) []byte {
	b = append(b, byte('0'+v.kind))
	switch v.kind {
	case jsonNumber, jsonString:
		b = append(appendLength(b, len(v.text)), v.text...)
	case jsonArray, jsonObject:
		b = appendLength(b, int(v.to-v.from))
		for _, c := range j.children(v) {
			if v.kind == jsonObject {
				b = append(appendLength(b, len(c.key)), c.key...)
			}
			b = j.appendText(b, c)
		}
	}
	return b
}

// appendLength appends a length so that what follows it is unambiguous.
func appendLength(b []byte, n int) []byte {
	for ; n > 0x7F; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

// mentions reports whether a member of that name is anywhere in a value.
func mentions(v any, name string) bool {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if mentions(item, name) {
				return true
			}
		}
	case map[string]any:
		if _, ok := v[name]; ok {
			return true
		}
		for _, m := range v {
			if mentions(m, name) {
				return true
			}
		}
	}
	return false
}
