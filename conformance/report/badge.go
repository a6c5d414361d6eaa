package report

import (
	"fmt"
	"html"
	"io"

	"github.com/ehdsgw/ehdsgw/conformance"
)

// colours of the verdicts, all readable on white with white text (WCAG 2.2, contrast of 4.5).
var colours = map[conformance.Verdict]string{
	conformance.Conformant: "#1a7f37", conformance.Partial: "#9a6700", conformance.NonConformant: "#cf222e", conformance.Inconclusive: "#57606a",
}

// charWidth is about how wide a letter is at 11 px.
const charWidth = 7

// Badge writes an SVG image with the verdict. It stands alone: no font, style or image is loaded.
func Badge(w io.Writer, r conformance.Report) error {
	left, right := "EHDS exchange", string(r.Verdict)
	if !r.Attestable {
		right += " (partial run)"
	}
	lw, rw := len(left)*charWidth+12, len(right)*charWidth+12
	title := html.EscapeString(fmt.Sprintf("EHDS exchange: %s, %s by the tester, run %s of %s", r.Verdict, r.Standing, r.RunID, r.Began.UTC().Format("2006-01-02")))
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="20" role="img" aria-label="%s"><title>%s</title>`+
		`<rect width="%d" height="20" fill="#24292f"/><rect x="%d" width="%d" height="20" fill="%s"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="6" y="14">%s</text><text x="%d" y="14">%s</text></g></svg>`+"\n",
		lw+rw, title, title, lw, lw, rw, colours[r.Verdict], left, lw+6, right)
	return err
}
