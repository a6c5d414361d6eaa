package jose

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner walks one JSON text (RFC 8259) without building a tree. It keeps
// only the member names of the objects that are open.
type scanner struct {
	data  []byte
	pos   int
	depth int
	max   int
	names [][]byte
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// accept consumes c if it is the next byte after white space.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object()
	case c == '[':
		return s.array()
	case c == '"':
		_, err := s.text()
		return err
	case c == '-' || '0' <= c && c <= '9':
		_, err := s.number()
		return err
	default:
		return s.literal()
	}
}

func (s *scanner) enter() error {
	s.pos++
	s.depth++
	if s.depth > s.max {
		return ErrDepth
	}
	return nil
}

func (s *scanner) object() error {
	if err := s.enter(); err != nil {
		return err
	}
	base := len(s.names)
	if !s.accept('}') {
		for {
			if s.peek() != '"' {
				return ErrJSON
			}
			name, err := s.text()
			if err != nil {
				return err
			}
			s.names = append(s.names, unescape(name))
			if !s.accept(':') {
				return ErrJSON
			}
			if err := s.value(); err != nil {
				return err
			}
			if s.accept(',') {
				continue
			}
			if s.accept('}') {
				break
			}
			return ErrJSON
		}
	}
	if hasDuplicate(s.names[base:]) {
		return ErrDuplicateMember
	}
	s.names = s.names[:base]
	s.depth--
	return nil
}

func (s *scanner) array() error {
	if err := s.enter(); err != nil {
		return err
	}
	if !s.accept(']') {
		for {
			if err := s.value(); err != nil {
				return err
			}
			if s.accept(',') {
				continue
			}
			if s.accept(']') {
				break
			}
			return ErrJSON
		}
	}
	s.depth--
	return nil
}

// text consumes a string and returns what stands between its quotes, still
// escaped.
func (s *scanner) text() ([]byte, error) {
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw := s.data[start:s.pos]
			s.pos++
			return raw, nil
		case c == '\\':
			if err := s.escape(); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, ErrJSON
		default:
			s.pos++
		}
	}
	return nil, ErrJSON
}

// escape consumes one escape sequence; a surrogate must come as a pair.
func (s *scanner) escape() error {
	if s.pos+1 >= len(s.data) {
		return ErrJSON
	}
	c := s.data[s.pos+1]
	if c != 'u' {
		if strings.IndexByte(`"\/bfnrt`, c) < 0 {
			return ErrJSON
		}
		s.pos += 2
		return nil
	}
	r, ok := hex4(s.data, s.pos)
	if !ok {
		return ErrJSON
	}
	s.pos += 6
	if !utf16.IsSurrogate(r) {
		return nil
	}
	low, ok := hex4(s.data, s.pos)
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return ErrUTF8
	}
	s.pos += 6
	return nil
}

// number consumes a number and returns it as written.
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	zero := s.pos < len(s.data) && s.data[s.pos] == '0'
	if n := s.digits(); n == 0 || zero && n > 1 {
		return nil, ErrJSON
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return nil, ErrJSON
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return nil, ErrJSON
		}
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) digits() int {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

func (s *scanner) literal() error {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.data[s.pos:], []byte(word)) {
			s.pos += len(word)
			return nil
		}
	}
	return ErrJSON
}

// hasDuplicate may reorder names. Sorting keeps the memory at one slice header
// a member, whatever a hostile object holds.
func hasDuplicate(names [][]byte) bool {
	slices.SortFunc(names, bytes.Compare)
	for i := 1; i < len(names); i++ {
		if bytes.Equal(names[i-1], names[i]) {
			return true
		}
	}
	return false
}
