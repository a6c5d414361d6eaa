package shacl

import "strings"

// isBase64 reports whether s is base64 with single spaces allowed between characters (XML Schema 1.1
// Part 2 §3.3.16).
func isBase64(s string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	s = strings.ReplaceAll(s, " ", "")
	body := strings.TrimRight(s, "=")
	pad := len(s) - len(body)
	if len(s)%4 != 0 || pad > 2 || strings.Trim(body, alphabet) != "" {
		return false
	}
	switch pad {
	case 1:
		return strings.IndexByte(alphabet, body[len(body)-1])%4 == 0
	case 2:
		return strings.IndexByte(alphabet, body[len(body)-1])%16 == 0
	}
	return true
}

// isLanguage reports whether s is a language tag as xsd:language has them.
func isLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if len(part) < 1 || len(part) > 8 {
			return false
		}
		for _, c := range []byte(part) {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
	}
	return true
}

func isName(s string) bool {
	for i, r := range s {
		if notNameChar(r) || i == 0 && (r == '-' || r == '.' || r >= '0' && r <= '9' || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040) {
			return false
		}
	}
	return s != ""
}

// notNameChar reports whether r is not a NameChar (XML 1.0 §2.3).
func notNameChar(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == ':', r == '_', r == '-', r == '.', r == 0xB7,
		r >= 0xC0 && r <= 0x37D && r != 0xD7 && r != 0xF7, r >= 0x37F && r <= 0x1FFF, r == 0x200C, r == 0x200D, r == 0x203F, r == 0x2040,
		r >= 0x2070 && r <= 0x218F, r >= 0x2C00 && r <= 0x2FEF, r >= 0x3001 && r <= 0xD7FF, r >= 0xF900 && r <= 0xFDCF,
		r >= 0xFDF0 && r <= 0xFFFD, r >= 0x10000 && r <= 0xEFFFF:
		return false
	}
	return true
}
