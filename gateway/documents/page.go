package documents

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures of a page, in millimetres and points.
const (
	margin     = 22.0
	labelWidth = 52.0
	textSize   = 10.0
	lineHeight = 5.0
	typeface   = "go"
)

// pageHead is what every page shows, and what the file says of itself.
type pageHead struct {
	title, language, body, about string
	at                           time.Time
	footer                       string
	pages                        int // how many there will be
}

// page draws.
type page struct {
	pdf   *fpdf.Fpdf
	width float64 // of the text
}

func newPage(h pageHead) *page {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(h.at.UTC())
	pdf.SetModificationDate(h.at.UTC())
	pdf.SetTitle(h.title+" "+h.about, true)
	pdf.SetAuthor(h.body, true)
	pdf.SetProducer("ehdsgw", true)
	pdf.SetLang(h.language)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin)
	// The library writes into the font it is given.
	pdf.AddUTF8FontFromBytes(typeface, "", slices.Clone(goregular.TTF))
	pdf.AddUTF8FontFromBytes(typeface, "B", slices.Clone(gobold.TTF))
	runningLines(pdf, h)
	pdf.AddPage()
	width, _ := pdf.GetPageSize()
	return &page{pdf, width - 2*margin}
}

// runningLines sets what stands at the head and the foot of every page.
func runningLines(pdf *fpdf.Fpdf, h pageHead) {
	// A page can begin in the middle of a field, whose left margin is another one.
	atMargin := func(draw func()) func() {
		return func() {
			left, _, _, _ := pdf.GetMargins()
			pdf.SetLeftMargin(margin)
			pdf.SetX(margin)
			draw()
			pdf.SetLeftMargin(left)
			pdf.SetX(left)
		}
	}
	pdf.SetHeaderFunc(atMargin(func() {
		pdf.SetFont(typeface, "", 8)
		pdf.SetTextColor(70, 70, 70)
		pdf.MultiCell(0, 4, h.body, "", "L", false)
		pdf.SetTextColor(0, 0, 0)
		pdf.Ln(4)
	}))
	pdf.SetFooterFunc(atMargin(func() {
		pdf.SetY(-15)
		pdf.SetFont(typeface, "", 8)
		pdf.SetTextColor(70, 70, 70)
		pdf.CellFormat(0, 4, h.about, "", 1, "L", false, 0, "")
		text := strings.NewReplacer("{n}", strconv.Itoa(pdf.PageNo()), "{of}", strconv.Itoa(h.pages)).Replace(h.footer)
		pdf.CellFormat(0, 4, text, "", 0, "L", false, 0, "")
		pdf.SetTextColor(0, 0, 0)
	}))
}

func (p *page) title(s string) {
	p.pdf.SetFont(typeface, "B", 17)
	p.pdf.MultiCell(0, 8, s, "", "L", false)
	p.pdf.Ln(2)
	p.pdf.Bookmark(s, 0, -1)
}

func (p *page) heading(s string) {
	p.keep(4 * lineHeight)
	p.pdf.Ln(3)
	p.pdf.SetFont(typeface, "B", 12)
	p.pdf.Bookmark(s, 1, -1)
	p.pdf.MultiCell(0, 6, s, "", "L", false)
	p.pdf.Ln(1)
}

func (p *page) paragraph(s string) {
	p.pdf.SetFont(typeface, "", textSize)
	p.pdf.MultiCell(0, lineHeight, s, "", "L", false)
	p.pdf.Ln(1)
}

func (p *page) note(s string) {
	p.keep(3 * lineHeight)
	p.pdf.Ln(3)
	p.pdf.SetFont(typeface, "", 9)
	p.pdf.MultiCell(0, 4.5, s, "", "L", false)
}

// field writes a label and its paragraphs side by side: the label stands on its first line's height and
// the reading order is label, then text.
func (p *page) field(label string, paragraphs []string) {
	p.pdf.SetFont(typeface, "B", 9)
	p.keep(lineHeight * float64(1+len(p.pdf.SplitText(label, labelWidth-2))))
	top, first := p.pdf.GetY(), p.pdf.PageNo()
	p.pdf.MultiCell(labelWidth, lineHeight, label, "", "L", false)
	below := p.pdf.GetY()
	p.pdf.SetY(top)
	p.pdf.SetLeftMargin(margin + labelWidth)
	p.pdf.SetFont(typeface, "", textSize)
	for _, s := range paragraphs {
		p.pdf.MultiCell(p.width-labelWidth, lineHeight, s, "", "L", false)
	}
	p.pdf.SetLeftMargin(margin)
	p.pdf.SetX(margin)
	if p.pdf.PageNo() == first && p.pdf.GetY() < below {
		p.pdf.SetY(below)
	}
	p.pdf.Ln(1.5)
}

// keep begins a new page unless there is room for what must stand together.
func (p *page) keep(height float64) {
	_, total := p.pdf.GetPageSize()
	if p.pdf.GetY()+height > total-margin {
		p.pdf.AddPage()
	}
}

// finish gives the bytes, with the files embedded.
func (p *page) finish(files []File) ([]byte, error) {
	var list []fpdf.Attachment
	for _, f := range files {
		list = append(list, fpdf.Attachment{Content: f.Content, Filename: f.Name, Description: f.MediaType})
	}
	p.pdf.SetAttachments(list)
	var out bytes.Buffer
	if err := p.pdf.Output(&out); err != nil {
		return nil, err
	}
	// Embedded files with Unicode names are of PDF 1.7; the library writes the version its drawing needs.
	content, ok := bytes.CutPrefix(out.Bytes(), []byte("%PDF-1.3\n"))
	if !ok {
		return nil, errForm
	}
	return named(append([]byte("%PDF-1.7\n"), content...), files)
}
