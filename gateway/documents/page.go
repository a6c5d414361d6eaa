package documents

import (
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/documents/pdf"
)

// Measures of a page, in points.
const (
	margin     = 62.0
	top        = pdf.PageHeight - 78
	bottom     = 70.0
	labelWidth = 148.0
	textWidth  = pdf.PageWidth - 2*margin
)

// style is how a text is set.
type style struct {
	bold          bool
	size, leading float64
}

// The styles of a document.
var (
	styleTitle   = style{bold: true, size: 17, leading: 22}
	styleHeading = style{bold: true, size: 12, leading: 17}
	styleLabel   = style{bold: true, size: 9, leading: 13.5}
	styleText    = style{size: 10, leading: 13.5}
	styleNote    = style{size: 9, leading: 12.5}
	styleRunning = style{size: 8, leading: 11}
)

// pageHead is what every page shows, and what the file says of itself.
type pageHead struct {
	title, language, body, about string
	at                           time.Time
	footer                       string
}

// page sets text, from above to below.
type page struct {
	doc   *pdf.Document
	fonts fonts
	head  pageHead
	y     float64 // the next line stands below
}

// fonts are the typeface.
type fonts struct{ regular, bold *pdf.Font }

func (f fonts) of(s style) *pdf.Font {
	if s.bold {
		return f.bold
	}
	return f.regular
}

func newPage(f fonts, h pageHead) *page {
	p := &page{fonts: f, head: h, doc: pdf.New(pdf.Info{
		Title: h.title + " " + h.about, Author: h.body, Producer: "ehdsgw", Language: h.language, Date: h.at,
	})}
	p.next()
	return p
}

func (p *page) next() {
	p.doc.AddPage()
	p.y = top
}

// keep begins a new page unless there is room for what must stand together.
func (p *page) keep(height float64) {
	if p.y-height < bottom {
		p.next()
	}
}

// set sets a paragraph as one element of the structure.
func (p *page) set(tag string, s style, x, width float64, text string) {
	p.doc.Begin(tag)
	defer p.doc.End()
	for _, line := range wrap(p.fonts.of(s), s.size, width, text) {
		p.keep(s.leading)
		p.y -= s.leading
		if line != "" {
			p.doc.Text(p.fonts.of(s), s.size, x, p.y, line)
		}
	}
}

func (p *page) title(s string) {
	p.doc.Bookmark(s, 0, p.y)
	p.set("H1", styleTitle, margin, textWidth, s)
	p.y -= 8
}

// section writes a heading, a paragraph if there is one, and rows.
func (p *page) section(heading, text string, rows []row) {
	p.doc.Begin("Sect")
	defer p.doc.End()
	p.heading(heading)
	if text != "" {
		p.paragraph(text)
	}
	if len(rows) > 0 {
		p.fields(rows)
	}
}

func (p *page) heading(s string) {
	p.keep(60)
	p.y -= 10
	p.doc.Bookmark(s, 1, p.y)
	p.set("H2", styleHeading, margin, textWidth, s)
	p.y -= 3
}

func (p *page) paragraph(s string) {
	p.set("P", styleText, margin, textWidth, s)
	p.y -= 3
}

func (p *page) note(s string) {
	p.keep(50)
	p.y -= 9
	p.set("P", styleNote, margin, textWidth, s)
}

// row is a label with its paragraphs.
type row struct {
	label  string
	values []string
}

// fields writes rows as a list: labels on the left, what they stand for beside them.
func (p *page) fields(rows []row) {
	p.doc.Begin("L")
	defer p.doc.End()
	for _, r := range rows {
		p.field(r)
	}
}

func (p *page) field(r row) {
	labels := wrap(p.fonts.of(styleLabel), styleLabel.size, labelWidth-10, r.label)
	p.keep(styleLabel.leading * float64(len(labels)+1))
	p.doc.Begin("LI")
	defer p.doc.End()
	from, first := p.y, p.doc.Pages()
	p.set("Lbl", styleLabel, margin, labelWidth-10, r.label)
	below := p.y
	p.y = from
	p.doc.Begin("LBody")
	for _, v := range r.values {
		p.set("P", styleText, margin+labelWidth, textWidth-labelWidth, v)
	}
	p.doc.End()
	if p.doc.Pages() == first {
		p.y = min(p.y, below)
	}
	p.y -= 4
}

// finish writes what stands on every page, and gives the file.
func (p *page) finish(files []File) []byte {
	f, s := p.fonts.regular, styleRunning
	for i := range p.doc.Pages() {
		for n, line := range firstLines(wrap(f, s.size, textWidth, p.head.body), 2) {
			p.doc.Artefact(f, s.size, margin, pdf.PageHeight-42-s.leading*float64(n), i, line)
		}
		number := strings.NewReplacer("{n}", strconv.Itoa(i+1), "{of}", strconv.Itoa(p.doc.Pages())).Replace(p.head.footer)
		for n, line := range append(firstLines(wrap(f, s.size, textWidth, p.head.about), 1), number) {
			p.doc.Artefact(f, s.size, margin, 46-s.leading*float64(n), i, line)
		}
	}
	for _, x := range files {
		p.doc.Attach(pdf.File{Name: x.Name, MediaType: x.MediaType, Description: x.MediaType, Content: x.Content})
	}
	return p.doc.Bytes()
}

func firstLines(lines []string, n int) []string { return lines[:min(n, len(lines))] }

// wrap breaks a text into lines of a width: at spaces, and within a word that is longer than a line.
func wrap(f *pdf.Font, size, width float64, text string) (out []string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		line, wide := "", 0.0
		space := f.Width(" ", size)
		for _, word := range strings.Split(paragraph, " ") {
			w := f.Width(word, size)
			switch {
			case line == "" && wide == 0:
			case wide+space+w <= width:
				line, wide = line+" "+word, wide+space+w
				continue
			default:
				out = append(out, line)
			}
			for w > width {
				head := fitting(f, size, width, word)
				out = append(out, head)
				word = word[len(head):]
				w = f.Width(word, size)
			}
			line, wide = word, w
		}
		out = append(out, line)
	}
	return out
}

// fitting is the beginning of a word that fits a width: one character at least.
func fitting(f *pdf.Font, size, width float64, word string) string {
	wide := 0.0
	for i, r := range word {
		if wide += f.Width(string(r), size); wide > width && i > 0 {
			return word[:i]
		}
	}
	return word
}
