package pdf

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Bytes ends the document and gives the file.
func (d *Document) Bytes() []byte {
	w := &writer{}
	w.out.WriteString("%PDF-1.7\n%\xB5\xB6\xB7\xB8\n")
	catalog, tree := w.reserve(), w.reserve()
	var fonts strings.Builder
	for i, u := range d.fonts {
		fmt.Fprintf(&fonts, "/F%d %d 0 R ", i+1, u.write(w))
	}
	pages := make([]int, len(d.pages))
	for i := range pages {
		pages[i] = w.reserve()
	}
	var kids strings.Builder
	for i, p := range d.pages {
		content := w.stream("", p.content.Bytes())
		w.object(pages[i], fmt.Sprintf("<</Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources <</Font <<%s>>>> /Contents %d 0 R /StructParents %d /Tabs /S>>",
			tree, number(PageWidth), number(PageHeight), fonts.String(), content, i))
		fmt.Fprintf(&kids, "%d 0 R ", pages[i])
	}
	w.object(tree, fmt.Sprintf("<</Type /Pages /Count %d /Kids [%s]>>", len(pages), kids.String()))
	more := ""
	if outline := d.bookmarks(w, pages); outline != 0 {
		more = fmt.Sprintf(" /Outlines %d 0 R", outline)
	}
	more += d.embedded(w)
	w.object(catalog, fmt.Sprintf("<</Type /Catalog /Pages %d 0 R /Lang %s /MarkInfo <</Marked true>> /StructTreeRoot %d 0 R /ViewerPreferences <</DisplayDocTitle true>> /Metadata %d 0 R%s>>",
		tree, languageTag(d.info.Language), d.structure(w, pages), w.plain("/Type /Metadata /Subtype /XML", d.metadata()), more))
	date := d.info.Date.UTC().Format("D:20060102150405Z")
	info := w.add(fmt.Sprintf("<</Title %s /Author %s /Producer %s /CreationDate (%s) /ModDate (%s)>>",
		text(d.info.Title), text(d.info.Author), text(d.info.Producer), date, date))
	return w.end(catalog, info)
}

// languageTag is a BCP 47 tag as a string, without what no tag has.
func languageTag(s string) string {
	return "(" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s) + ")"
}

// embedded writes the files and gives what the catalogue says of them.
func (d *Document) embedded(w *writer) string {
	if len(d.files) == 0 {
		return ""
	}
	date := d.info.Date.UTC().Format("D:20060102150405Z")
	var names, all strings.Builder
	files := slices.Clone(d.files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) }) // a name tree is in order
	for _, f := range files {
		content := w.stream(fmt.Sprintf("/Type /EmbeddedFile /Subtype %s /Params <</Size %d /ModDate (%s)>>", name(f.MediaType), len(f.Content), date), f.Content)
		spec := w.add(fmt.Sprintf("<</Type /Filespec /F (%s) /UF %s /Desc %s /AFRelationship /Source /EF <</F %d 0 R /UF %d 0 R>>>>",
			f.Name, text(f.Name), text(f.Description), content, content))
		fmt.Fprintf(&names, "(%s) %d 0 R ", f.Name, spec)
		fmt.Fprintf(&all, "%d 0 R ", spec)
	}
	return fmt.Sprintf(" /Names <</EmbeddedFiles <</Names [%s]>>>> /AF [%s] /PageMode /UseAttachments", names.String(), all.String())
}

// metadata says in XMP what the information dictionary says (§14.3.2).
func (d *Document) metadata() string {
	plain := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // to memory
		return b.String()
	}
	date := d.info.Date.UTC().Format(time.RFC3339)
	return `<?xpacket begin="` + "\uFEFF" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + plain(d.info.Title) + `</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>` + plain(d.info.Author) + `</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>` + plain(d.info.Language) + `</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>` + date + `</xmp:CreateDate><xmp:ModifyDate>` + date + `</xmp:ModifyDate><pdf:Producer>` + plain(d.info.Producer) + `</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}

// write embeds a font with the glyphs that occur, and gives its object (§9.7).
func (u *used) write(w *writer) int {
	f := u.font
	glyphs := slices.Sorted(maps.Keys(u.glyphs))
	var widths strings.Builder
	for _, g := range glyphs {
		fmt.Fprintf(&widths, "%d [%d] ", g, f.per1000(int(f.advances[g])))
	}
	base := subsetTag(glyphs) + "+" + f.name
	file := f.subset(glyphs)
	data := w.stream(fmt.Sprintf("/Length1 %d", len(file)), file)
	descriptor := w.add(fmt.Sprintf("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R>>",
		base, f.per1000(int(f.box[0])), f.per1000(int(f.box[1])), f.per1000(int(f.box[2])), f.per1000(int(f.box[3])),
		f.per1000(int(f.ascent)), f.per1000(int(f.descent)), f.per1000(int(f.ascent)), data))
	descendant := w.add(fmt.Sprintf("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /W [%s] /CIDToGIDMap /Identity>>",
		base, descriptor, widths.String()))
	unicode := w.stream("", u.toUnicode(glyphs))
	return w.add(fmt.Sprintf("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", base, descendant, unicode))
}

// subsetTag tells subsets of a font apart (§9.6.4).
func subsetTag(glyphs []uint16) string {
	sum := sha256.Sum256(fmt.Append(nil, glyphs))
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

// mapsAtOnce is the most that one bfchar operator maps (§9.10.3).
const mapsAtOnce = 100

// toUnicode says which character each glyph stands for.
func (u *used) toUnicode(glyphs []uint16) []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for list := range slices.Chunk(glyphs, mapsAtOnce) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(list))
		for _, g := range list {
			fmt.Fprintf(&b, "<%04X> <", g)
			for _, c := range utf16.Encode([]rune{u.glyphs[g]}) {
				fmt.Fprintf(&b, "%04X", c)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
