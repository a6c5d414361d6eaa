package rdf

import "unicode/utf8"

// Classes of bytes in XML 1.0 (fifth edition).
const (
	xmlSpace uint8 = 1 << iota // S, §2.3
	xmlText                    // stands for itself in character data
	xmlValue                   // stands for itself in an attribute value in either quotes
	xmlName                    // NameChar below 0x80 without ':'
	xmlBegin                   // NameStartChar below 0x80 without ':'
)

// xmlClass gives the classes of each byte. A byte of a character beyond ASCII is text, except 0xEF,
// which may begin U+FFFE or U+FFFF.
var xmlClass = xmlClassTable()

func xmlClassTable() (t [256]uint8) {
	for c := 0x20; c < 0x100; c++ {
		t[c] = xmlText | xmlValue
	}
	for _, c := range []byte(" \t\r\n") {
		t[c] |= xmlSpace
	}
	t['\t'] |= xmlText
	t['\n'] |= xmlText
	for _, c := range []byte("<&]\xEF") {
		t[c] &^= xmlText
	}
	for _, c := range []byte("<&\"'\xEF") {
		t[c] &^= xmlValue
	}
	for c := range utf8.RuneSelf {
		if charClass[c]&(classStart) != 0 || c == '_' {
			t[c] |= xmlBegin | xmlName
		}
		if charClass[c]&className != 0 || c == '.' {
			t[c] |= xmlName
		}
	}
	return t
}

// isXMLChar reports whether a character may occur in a document (Char, §2.2).
func isXMLChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xE000:
		return r < 0xD800
	}
	return r != 0xFFFE && r != 0xFFFF && r <= utf8.MaxRune
}

// isNCName reports whether s is a name without colon (Namespaces in XML 1.0 §3).
func isNCName(s string) bool {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf && xmlClass[r]&xmlBegin != 0, r >= utf8.RuneSelf && isStartRune(r):
		case i > 0 && (r < utf8.RuneSelf && xmlClass[r]&xmlName != 0 || r >= utf8.RuneSelf && isNameRune(r)):
		default:
			return false
		}
	}
	return s != ""
}

// isXMLSpace reports whether b is white space only.
func isXMLSpace(b []byte) bool {
	for _, c := range b {
		if xmlClass[c]&xmlSpace == 0 {
			return false
		}
	}
	return true
}
