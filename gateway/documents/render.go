package documents

import (
	"fmt"
	"slices"
	"strings"
)

// Render makes a document. It fails for facts that a kind of document cannot do without, and for a file
// whose name it cannot embed.
func (t *Templates) Render(f Facts) (Document, error) {
	if err := f.check(); err != nil {
		return Document{}, err
	}
	w, known := t.in(f.Language)
	m := &maker{facts: f, words: w, fonts: t.fonts, doc: Document{Kind: f.Kind, Language: w.Language, Name: string(f.Kind) + ".pdf"}}
	if !known {
		m.find(Language)
	}
	m.begin()
	for _, b := range t.layout[f.Kind] {
		m.block(b)
	}
	m.closing()
	m.doc.Content = m.page.finish(f.Files)
	return m.doc, nil
}

// check says what a kind of document needs.
func (f Facts) check() error {
	missing := ""
	switch f.Kind {
	case Decision, Refusal:
		if f.Card == nil {
			missing = "a decision"
		}
	case PrePermit:
		if f.Card == nil || f.Grant == nil {
			missing = "a decision and what it grants"
		}
	case Permit:
		if f.Grant == nil || f.Permit == nil {
			missing = "a permit and what it grants"
		}
	case Appeal:
		if f.Appeal == nil {
			missing = "an appeal"
		}
	default:
		return fmt.Errorf("document: unknown kind %q", f.Kind)
	}
	if missing == "" && f.Issued.IsZero() {
		missing = "a date"
	}
	if missing != "" {
		return fmt.Errorf("document: %s needs %s", f.Kind, missing)
	}
	for _, x := range f.Files {
		if !fileName.MatchString(x.Name) || !mediaType.MatchString(x.MediaType) {
			return fmt.Errorf("document: a file has a name or media type that cannot be embedded")
		}
	}
	return nil
}

// maker makes one document.
type maker struct {
	facts    Facts
	words    words
	fonts    fonts
	doc      Document
	page     *page
	replaced bool
}

// find adds a finding once.
func (m *maker) find(f Finding) {
	if !slices.Contains(m.doc.Findings, f) {
		m.doc.Findings = append(m.doc.Findings, f)
	}
}

// text makes a text of others printable and notes what that cost.
func (m *maker) text(s string) string {
	c := m.fonts.clean(s)
	if c.replaced {
		m.replaced = true
		m.find(Replaced)
	}
	if c.shortened {
		m.find(Shortened)
		c.text += "\n" + m.words.Texts["shortened"]
	}
	return c.text
}

// paragraphs are the printable paragraphs of a field, bounded together.
func (m *maker) paragraphs(list []string) []string {
	var out []string
	left, lines := maxRunes, maxLines
	for i, s := range list {
		text := m.text(s)
		left, lines = left-len([]rune(text)), lines-1-strings.Count(text, "\n")
		if i > 0 && (left < 0 || lines < 0) {
			m.find(Shortened)
			return append(out, m.words.Texts["shortened"])
		}
		out = append(out, text)
	}
	return out
}

// begin writes the title and what the document is.
func (m *maker) begin() {
	title := m.words.Titles[string(m.facts.Kind)]
	m.page = newPage(m.fonts, pageHead{
		title: title, language: m.words.Language, body: m.text(m.facts.Body.Name), about: m.text(m.about()),
		at: m.facts.Issued, footer: m.words.Page,
	})
	m.page.title(title)
	m.page.paragraph(m.words.Intros[string(m.facts.Kind)])
}

// about is the number the document goes by.
func (m *maker) about() string {
	switch {
	case m.facts.Permit != nil:
		return m.facts.Permit.ID
	case m.facts.Card != nil:
		return m.facts.Card.DecisionID
	}
	return m.facts.Application.ID
}

// block writes one part. A part with neither text nor any field that says something is left out.
func (m *maker) block(b block) {
	var rows []row
	for _, x := range b.Fields {
		if values := m.paragraphs(m.facts.value(x.Field, m.words)); len(values) > 0 {
			label := m.words.Labels[x.Field]
			if ref := m.words.article(x.Article); ref != "" {
				label += " (" + ref + ")"
			}
			rows = append(rows, row{label, values})
		}
	}
	text := m.words.Texts[m.named(b.Text)]
	if len(rows) == 0 && text == "" {
		return
	}
	m.page.section(m.words.Headings[b.Heading], text, rows)
}

// named is the name of a part's text; what follows an appeal depends on its outcome.
func (m *maker) named(text string) string {
	if text != "next_appeal" {
		return text
	}
	if m.facts.Appeal.Approved {
		return "next_appeal_yes"
	}
	return "next_appeal_no"
}

// closing says where the signed original is, and what was replaced.
func (m *maker) closing() {
	note := m.words.Texts["unsigned"]
	for _, x := range m.facts.Files {
		if x.Signed {
			note = filled(m.words.Texts["signed"], "{file}", x.Name)
			break
		}
	}
	m.page.note(note)
	if m.replaced {
		m.page.note(m.words.Texts["replaced"])
	}
}
