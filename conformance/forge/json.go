package forge

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may nest (wire profile §3).
const MaxDepth = 32

// ErrJSON means that bytes are not one JSON value in the strict form: RFC 8259, valid Unicode, no
// duplicate members, bounded depth, nothing after it.
var ErrJSON = errors.New("forge: not strict JSON")

// ParseJSON reads one JSON value: objects as map[string]any, arrays as []any, numbers as json.Number
// in their own spelling.
func ParseJSON(raw []byte) (any, error) {
	p := jsonReader{data: raw}
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("%w: UTF-8", ErrJSON)
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(raw) {
		return nil, fmt.Errorf("%w: trailing bytes", ErrJSON)
	}
	return v, nil
}

type jsonReader struct {
	data []byte
	pos  int
}

func (p *jsonReader) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// next is the next byte after spaces, 0 at the end.
func (p *jsonReader) next() byte {
	p.space()
	if p.pos == len(p.data) {
		return 0
	}
	return p.data[p.pos]
}

func (p *jsonReader) take(c byte) bool {
	if p.next() != c || p.pos == len(p.data) {
		return false
	}
	p.pos++
	return true
}

func (p *jsonReader) value(depth int) (any, error) {
	switch c := p.next(); {
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '"':
		return p.text()
	case c == '-' || (c >= '0' && c <= '9'):
		return p.number()
	}
	for word, v := range map[string]any{"true": true, "false": false, "null": nil} {
		if len(p.data)-p.pos >= len(word) && string(p.data[p.pos:p.pos+len(word)]) == word {
			p.pos += len(word)
			return v, nil
		}
	}
	return nil, fmt.Errorf("%w: no value", ErrJSON)
}

func (p *jsonReader) object(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: depth", ErrJSON)
	}
	p.pos++
	out := map[string]any{}
	if p.take('}') {
		return out, nil
	}
	for {
		if p.next() != '"' {
			return nil, fmt.Errorf("%w: member name", ErrJSON)
		}
		name, err := p.text()
		if err != nil {
			return nil, err
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%w: duplicate member", ErrJSON)
		}
		if !p.take(':') {
			return nil, fmt.Errorf("%w: colon", ErrJSON)
		}
		if out[name], err = p.value(depth); err != nil {
			return nil, err
		}
		if p.take('}') {
			return out, nil
		}
		if !p.take(',') {
			return nil, fmt.Errorf("%w: comma", ErrJSON)
		}
	}
}

func (p *jsonReader) array(depth int) (any, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%w: depth", ErrJSON)
	}
	p.pos++
	out := []any{}
	if p.take(']') {
		return out, nil
	}
	for {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if p.take(']') {
			return out, nil
		}
		if !p.take(',') {
			return nil, fmt.Errorf("%w: comma", ErrJSON)
		}
	}
}

func (p *jsonReader) number() (any, error) {
	start := p.pos
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		p.pos++
	}
	n := json.Number(p.data[start:p.pos])
	if !json.Valid([]byte(n)) {
		return nil, fmt.Errorf("%w: number", ErrJSON)
	}
	return n, nil
}

// text reads a string. The bytes are valid UTF-8 already; escapes may not stand for half a character.
func (p *jsonReader) text() (string, error) {
	p.pos++
	var out []byte
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		p.pos++
		switch {
		case c == '"':
			return string(out), nil
		case c < 0x20:
			return "", fmt.Errorf("%w: control character", ErrJSON)
		case c != '\\':
			out = append(out, c)
		default:
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", fmt.Errorf("%w: open string", ErrJSON)
}

func (p *jsonReader) escape() (rune, error) {
	if p.pos == len(p.data) {
		return 0, fmt.Errorf("%w: open escape", ErrJSON)
	}
	c := p.data[p.pos]
	p.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return p.unicode()
	}
	return 0, fmt.Errorf("%w: escape", ErrJSON)
}

func (p *jsonReader) unicode() (rune, error) {
	first, err := p.hex4()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	if p.pos+2 > len(p.data) || p.data[p.pos] != '\\' || p.data[p.pos+1] != 'u' {
		return 0, fmt.Errorf("%w: lone surrogate", ErrJSON)
	}
	p.pos += 2
	second, err := p.hex4()
	if err != nil {
		return 0, err
	}
	r := utf16.DecodeRune(first, second)
	if r == utf8.RuneError {
		return 0, fmt.Errorf("%w: lone surrogate", ErrJSON)
	}
	return r, nil
}

func (p *jsonReader) hex4() (rune, error) {
	if p.pos+4 > len(p.data) {
		return 0, fmt.Errorf("%w: short escape", ErrJSON)
	}
	n, err := strconv.ParseUint(string(p.data[p.pos:p.pos+4]), 16, 16)
	if err != nil {
		return 0, fmt.Errorf("%w: escape", ErrJSON)
	}
	p.pos += 4
	return rune(n), nil
}
