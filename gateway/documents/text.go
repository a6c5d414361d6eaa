package documents

import (
	"strings"
	"unicode"
)

// Bounds of one field of a document.
const (
	maxRunes = 20_000
	maxLines = 400
)

// unknown stands for a character that cannot be printed.
const unknown = '\uFFFD'

// cleaned is a foreign text made printable.
type cleaned struct {
	text                string
	replaced, shortened bool
}

// clean makes a text of others printable: one character after the other from left to right, none of which
// steers anything. Controls, marks that change the direction of writing, and characters the typeface does
// not have become unknown; invisible ones go; what is only another way to write a character is written
// the usual way.
func (f fonts) clean(s string) cleaned {
	var out strings.Builder
	c := cleaned{}
	runes, lines := 0, 1
	var last rune // the letter a combining mark would join, not yet written
	flush := func() {
		if last != 0 {
			out.WriteRune(last)
		}
		last = 0
	}
	for _, r := range strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), string(unknown)) {
		if runes++; runes > maxRunes || lines > maxLines {
			c.shortened = true
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			flush()
			out.WriteByte('\n')
			lines++
		case invisible(r):
		case last != 0 && composed(last, r) != 0:
			last = composed(last, r)
		default:
			flush()
			r, whole := f.printable(r)
			if last = r; whole != "" {
				out.WriteString(whole)
				last = 0
			}
			c.replaced = c.replaced || r == unknown
		}
	}
	flush()
	c.text = strings.Trim(out.String(), "\n ")
	return c
}

// invisible characters say nothing in print: soft hyphens, joiners, variation selectors.
func invisible(r rune) bool {
	return r == 0x00AD || r == 0x034F || r >= 0x200B && r <= 0x200D || r >= 0x2060 && r <= 0x2064 || r == 0xFEFF || r >= 0xFE00 && r <= 0xFE0F
}

// printable is how a character is printed: itself, another for it, several, or unknown.
func (f fonts) printable(r rune) (one rune, several string) {
	switch {
	case unicode.IsControl(r) && r != '\t', unicode.Is(unicode.Co, r), unicode.Is(unicode.Bidi_Control, r):
		return unknown, ""
	case r == '\t', r != 0x00A0 && unicode.Is(unicode.Zs, r):
		return ' ', ""
	case r == 0x2010, r == 0x2011:
		return '-', ""
	case r == 0x02BC:
		return '’', ""
	case r == 0x1E9E:
		return 0, "SS" // capital sharp s
	case f.regular.Has(r) && f.bold.Has(r):
		return r, ""
	}
	return unknown, ""
}

// marks are the combining marks of the languages of the Union, each with letters and what they become.
var marks = map[rune]string{
	0x0300: "AÀEÈIÌOÒUÙaàeèiìoòuùИЍиѝ",
	0x0301: "AÁCĆEÉIÍLĹNŃOÓRŔSŚUÚYÝZŹaácćeéiílĺnńoórŕsśuúyýzźΑΆΕΈΗΉΙΊΟΌΥΎΩΏαάεέηήιίοόυύωώ",
	0x0302: "AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷ",
	0x0303: "AÃIĨNÑOÕUŨaãiĩnñoõuũ",
	0x0304: "AĀEĒIĪOŌUŪaāeēiīoōuū",
	0x0306: "AĂEĔGĞIĬOŎUŬaăeĕgğiĭoŏuŭИЙий",
	0x0307: "CĊEĖGĠIİZŻcċeėgġzż",
	0x0308: "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿЕЁеёΙΪιϊΥΫυϋ",
	0x030A: "AÅUŮaåuů",
	0x030B: "OŐUŰoőuű",
	0x030C: "CČDĎEĚNŇRŘSŠTŤZŽcčdďeěnňrřsštťzž",
	0x0326: "SȘTȚsștț",
	0x0327: "CÇGĢKĶLĻNŅRŖSŞTŢcçgģkķlļnņrŗsştţ",
	0x0328: "AĄEĘIĮUŲaąeęiįuų",
}

// composed is a letter with a combining mark, 0 when there is none.
func composed(letter, mark rune) rune {
	pairs := []rune(marks[mark])
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == letter {
			return pairs[i+1]
		}
	}
	return 0
}
