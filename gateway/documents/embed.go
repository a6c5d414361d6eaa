package documents

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	fileName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	mediaType = regexp.MustCompile(`^[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]{0,99}$`)
)

// errForm is returned when the library's output has another form than this package knows.
var errForm = errors.New("the PDF has an unknown form")

// What the library writes of an embedded file, and what it leaves out: the media type (ISO 32000-1,
// table 45, Subtype) and the name for readers that know no Unicode names (table 44, F).
const (
	streamOpen = "<< /Type /EmbeddedFile "
	specOpen   = "<< /Type /Filespec /F () "
)

// named adds media types and names to the embedded files and corrects the cross-reference table.
func named(pdf []byte, files []File) ([]byte, error) {
	if len(files) == 0 {
		return pdf, nil
	}
	table, entries, err := crossReferences(pdf)
	if err != nil {
		return nil, err
	}
	order := slices.Clone(entries)
	slices.Sort(order)
	out := bytes.NewBuffer(make([]byte, 0, len(pdf)+200*len(files)))
	moved := map[int]int{}
	streams, specs, copied := 0, 0, 0
	for _, at := range order {
		out.Write(pdf[copied:at])
		copied = at
		moved[at] = out.Len()
		_, rest, ok := bytes.Cut(pdf[at:table], []byte(" 0 obj\n"))
		if !ok {
			return nil, errForm
		}
		body := table - len(rest)
		switch {
		case bytes.HasPrefix(rest, []byte(streamOpen)) && streams < len(files):
			out.Write(pdf[at:body])
			fmt.Fprintf(out, "%s/Subtype /%s ", streamOpen, pdfName(files[streams].MediaType))
			copied = body + len(streamOpen)
			streams++
		case bytes.HasPrefix(rest, []byte(specOpen)) && specs < len(files):
			out.Write(pdf[at:body])
			fmt.Fprintf(out, "<< /Type /Filespec /F (%s) ", files[specs].Name)
			copied = body + len(specOpen)
			specs++
		}
	}
	if streams != len(files) || specs != len(files) {
		return nil, errForm
	}
	out.Write(pdf[copied:table])
	return trailer(out, pdf[table:], entries, moved)
}

// crossReferences finds the table and the offset of each object, in the order of their numbers.
func crossReferences(pdf []byte) (table int, entries []int, err error) {
	i := bytes.LastIndex(pdf, []byte("startxref\n"))
	if i < 0 {
		return 0, nil, errForm
	}
	line, _, _ := strings.Cut(string(pdf[i+len("startxref\n"):]), "\n")
	table, err = strconv.Atoi(line)
	if err != nil || table < 0 || table >= i || !bytes.HasPrefix(pdf[table:], []byte("xref\n0 ")) {
		return 0, nil, errForm
	}
	lines := strings.Split(string(pdf[table:i]), "\n")
	for _, l := range lines[2:] {
		if at, isObject := strings.CutSuffix(l, " 00000 n "); isObject {
			n, err := strconv.Atoi(at)
			if err != nil || n < 0 || n >= table {
				return 0, nil, errForm
			}
			entries = append(entries, n)
		}
	}
	return table, entries, nil
}

// trailer writes the table for where the objects are now, and what follows it.
func trailer(out *bytes.Buffer, old []byte, entries []int, moved map[int]int) ([]byte, error) {
	at := out.Len()
	_, rest, ok := bytes.Cut(old, []byte("trailer\n"))
	dict, _, found := bytes.Cut(rest, []byte("startxref\n"))
	if !ok || !found {
		return nil, errForm
	}
	fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(entries)+1)
	for _, e := range entries {
		fmt.Fprintf(out, "%010d 00000 n \n", moved[e])
	}
	fmt.Fprintf(out, "trailer\n%sstartxref\n%d\n%%%%EOF\n", dict, at)
	return out.Bytes(), nil
}

// pdfName writes a media type as a PDF name (ISO 32000-1 §7.3.5).
func pdfName(media string) string { return strings.ReplaceAll(media, "/", "#2F") }
