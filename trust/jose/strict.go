package jose

import "unicode/utf8"

// CheckJSON checks that raw is one JSON object (RFC 8259) in the strict
// reading of wire profile §3: valid UTF-8, no unpaired surrogate escapes, no
// duplicate members at any level, objects and arrays nested at most maxDepth
// deep (the outermost object counts as 1), nothing after it but white space.
// A maxDepth of zero or less means [DefaultMaxDepth]. It allocates at most a
// slice header for each member of the objects open at one time, and the text
// of escaped member names.
func CheckJSON(raw []byte, maxDepth int) error {
	if err := checkValue(raw, maxDepth); err != nil {
		return err
	}
	if s := (scanner{data: raw}); s.peek() != '{' {
		return ErrJSON
	}
	return nil
}

// checkValue is CheckJSON for any JSON value.
func checkValue(raw []byte, maxDepth int) error {
	if !utf8.Valid(raw) {
		return ErrUTF8
	}
	if maxDepth <= 0 {
		maxDepth = DefaultMaxDepth
	}
	var few [16][]byte // member names; most objects have no more
	s := scanner{data: raw, max: maxDepth, names: few[:0]}
	if err := s.value(); err != nil {
		return err
	}
	if s.peek(); s.pos != len(raw) {
		return ErrTrailing
	}
	return nil
}
