package pdf

import (
	"bytes"
	"fmt"
	"time"
)

// Size of a page, in points: A4.
const (
	PageWidth  = 595.28
	PageHeight = 841.89
)

// Info is what a document says of itself.
type Info struct {
	Title, Author, Producer string
	Language                string // BCP 47
	Date                    time.Time
}

// File is an embedded file. Its name is ASCII letters, digits, '.', '-' and '_'; its media type is checked by
// the caller too.
type File struct {
	Name, MediaType, Description string
	Content                      []byte
}

// Document is a document being written. It is for one goroutine.
type Document struct {
	info    Info
	fonts   []*used
	pages   []*page
	root    *element
	open    []*element // from the root to the innermost
	outline []mark
	files   []File
}

// used is a font with the characters that occur.
type used struct {
	font   *Font
	glyphs map[uint16]rune // with the character it stands for
}

// page is a page with its content.
type page struct {
	content bytes.Buffer
	marks   []*element // by marked-content identifier
}

// mark is a bookmark.
type mark struct {
	title string
	level int // 0 or 1
	page  int
	y     float64
}

// New begins a document without pages.
func New(info Info) *Document {
	d := &Document{info: info, root: &element{tag: "Document"}}
	d.open = []*element{d.root}
	return d
}

// AddPage begins a page.
func (d *Document) AddPage() { d.pages = append(d.pages, &page{}) }

// Pages is how many there are.
func (d *Document) Pages() int { return len(d.pages) }

// Begin opens an element of the structure (ISO 32000-1 §14.8.4): Sect, H1, H2, P, L, LI, Lbl, LBody.
func (d *Document) Begin(tag string) {
	e := &element{tag: tag}
	parent := d.open[len(d.open)-1]
	parent.kids = append(parent.kids, kid{element: e})
	d.open = append(d.open, e)
}

// End closes the innermost element.
func (d *Document) End() { d.open = d.open[:len(d.open)-1] }

// Text draws a line of text on the last page, its baseline beginning at a place in points from the lower
// left corner. It belongs to the innermost element.
func (d *Document) Text(f *Font, size, x, y float64, s string) {
	e := d.open[len(d.open)-1]
	p := d.pages[len(d.pages)-1]
	id := len(p.marks)
	p.marks = append(p.marks, e)
	e.kids = append(e.kids, kid{page: len(d.pages) - 1, mark: id})
	fmt.Fprintf(&p.content, "/%s <</MCID %d>> BDC\n", e.tag, id)
	d.draw(p, f, size, x, y, s)
	p.content.WriteString("EMC\n")
}

// Artefact draws a line on a page, counted from 0, that is no part of what the document says: a running
// head, a page number.
func (d *Document) Artefact(f *Font, size, x, y float64, on int, s string) {
	p := d.pages[on]
	p.content.WriteString("/Artifact <</Type /Pagination>> BDC 0.3 g\n")
	d.draw(p, f, size, x, y, s)
	p.content.WriteString("0 g EMC\n")
}

func (d *Document) draw(p *page, f *Font, size, x, y float64, s string) {
	n, u := d.use(f)
	fmt.Fprintf(&p.content, "BT /F%d %s Tf %s %s Td <", n, number(size), number(x), number(y))
	for _, r := range s {
		g := f.glyphs[r]
		if old, ok := u.glyphs[g]; !ok || r < old {
			u.glyphs[g] = r
		}
		fmt.Fprintf(&p.content, "%04X", g)
	}
	p.content.WriteString("> Tj ET\n")
}

// use is the number of a font in this document, from 1.
func (d *Document) use(f *Font) (int, *used) {
	for i, u := range d.fonts {
		if u.font == f {
			return i + 1, u
		}
	}
	u := &used{font: f, glyphs: map[uint16]rune{}}
	d.fonts = append(d.fonts, u)
	return len(d.fonts), u
}

// Bookmark names a place on the last page. Level 1 is below the last of level 0.
func (d *Document) Bookmark(title string, level int, y float64) {
	d.outline = append(d.outline, mark{title, level, len(d.pages) - 1, y})
}

// Attach embeds a file.
func (d *Document) Attach(f File) { d.files = append(d.files, f) }
