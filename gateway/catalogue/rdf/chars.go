package rdf

// Classes of characters, by the terminals of RDF 1.1 Turtle §6.5.
const (
	classIRI    uint8 = 1 << iota // may stand in an IRIREF as it is
	className                     // PN_CHARS: letter, digit, '_', '-'
	classStart                    // PN_CHARS_BASE: letter
	classDigit                    // 0-9
	classHex                      // 0-9 A-F a-f
	classString                   // stands for itself in a short string
	classSpace                    // white space
	classBlank                    // space and tab
)

// localEscapes are the characters that a backslash may precede in a local
// name (PN_LOCAL_ESC).
const localEscapes = "_~.-!$&'()*+,;=/?#@%"

// charClass gives the classes of each byte. The bytes of characters beyond
// ASCII are in classIRI and classString only; names ask isNameRune.
var charClass = classTable()

func classTable() (t [256]uint8) {
	set := func(class uint8, chars string) {
		for i := 0; i < len(chars); i++ {
			t[chars[i]] |= class
		}
	}
	for c := 0x20; c < 0x80; c++ {
		t[c] |= classIRI | classString
	}
	for _, c := range []byte(" <>\"{}|^`\\") {
		t[c] &^= classIRI
	}
	for c := 0; c < 0x20; c++ {
		t[c] |= classString
	}
	for _, c := range []byte("\"'\\\n\r") {
		t[c] &^= classString
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	set(className|classStart, letters)
	set(className|classDigit|classHex, "0123456789")
	set(className, "_-")
	set(classHex, "ABCDEFabcdef")
	set(classSpace, " \t\r\n")
	set(classBlank, " \t")
	for c := 0x80; c <= 0xFF; c++ {
		t[c] |= classIRI | classString
	}
	return t
}

// isStartRune reports whether a character beyond ASCII is in PN_CHARS_BASE.
func isStartRune(r rune) bool {
	switch {
	case r < 0xC0:
		return false
	case r <= 0x2FF:
		return r != 0xD7 && r != 0xF7
	case r <= 0x1FFF:
		return r >= 0x370 && r != 0x37E
	case r <= 0x218F:
		return r == 0x200C || r == 0x200D || r >= 0x2070
	case r <= 0xD7FF:
		return r >= 0x2C00 && r <= 0x2FEF || r >= 0x3001
	case r <= 0xFFFD:
		return r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0
	}
	return r >= 0x10000 && r <= 0xEFFFF
}

// isNameRune reports whether a character beyond ASCII is in PN_CHARS.
func isNameRune(r rune) bool {
	return isStartRune(r) || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}
