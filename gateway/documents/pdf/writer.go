package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// writer writes the objects of a file (ISO 32000-1 §7.5).
type writer struct {
	out bytes.Buffer
	at  []int // offset of each object, from 1
}

func (w *writer) reserve() int {
	w.at = append(w.at, 0)
	return len(w.at)
}

func (w *writer) object(ref int, body string) {
	w.at[ref-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n%s\nendobj\n", ref, body)
}

func (w *writer) add(body string) int {
	ref := w.reserve()
	w.object(ref, body)
	return ref
}

// stream writes a compressed stream. dict is what its dictionary says besides length and filter.
func (w *writer) stream(dict string, data []byte) int {
	var z bytes.Buffer
	c := zlib.NewWriter(&z)
	_, _ = c.Write(data) // to memory
	_ = c.Close()
	ref := w.reserve()
	w.at[ref-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n<<%s /Filter /FlateDecode /Length %d>>\nstream\n", ref, dict, z.Len())
	w.out.Write(z.Bytes())
	w.out.WriteString("\nendstream\nendobj\n")
	return ref
}

// plain writes a stream as it is, for readers that look for it without a PDF library.
func (w *writer) plain(dict, data string) int {
	return w.add(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

// end writes the cross-reference table and the trailer. The identifier is a digest of what is before it.
func (w *writer) end(root, info int) []byte {
	sum := sha256.Sum256(w.out.Bytes())
	id := strings.ToUpper(hex.EncodeToString(sum[:16]))
	at := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.at)+1)
	for _, n := range w.at {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&w.out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>]>>\nstartxref\n%d\n%%%%EOF\n", len(w.at)+1, root, info, id, id, at)
	return w.out.Bytes()
}

// text is a text string (§7.9.2.2), in UTF-16 with its mark.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteString(">")
	return b.String()
}

// number is a number with two digits after the point at most.
func number(f float64) string {
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

// name is a name (§7.3.5).
func name(s string) string {
	var b strings.Builder
	b.WriteByte('/')
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || strings.IndexByte("#/()<>[]{}%", c) >= 0 {
			fmt.Fprintf(&b, "#%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
