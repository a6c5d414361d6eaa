package oaipmh

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// nsOAI is the namespace of the protocol's responses (§3.2).
const nsOAI = "http://www.openarchives.org/OAI/2.0/"

// maxText bounds an identifier, a token and the like, in bytes.
const maxText = 4096

// response is what an answer says (§3.2, §4.1, §4.5).
type response struct {
	verb, asked string // of the request it answers, where it tells
	granularity string // Identify
	listed      bool   // there is a ListRecords
	noRecords   bool   // the error noRecordsMatch
	items       []connectors.CatalogueItem
	records     int // the deleted included
	token       string
	size        int // completeListSize; 0 when it is not told
}

// isXML says whether a Content-Type is one for XML (RFC 7303).
func isXML(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "text/xml" || media == "application/xml" || strings.HasSuffix(media, "+xml"))
}

// readResponse reads an answer. Relative references of its records are resolved against base.
func readResponse(body io.Reader, base string, most int) (*response, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	p := &parser{raw: raw, dec: xml.NewDecoder(bytes.NewReader(raw)), base: base, most: most, seen: map[string]bool{}}
	if err := p.response(); err != nil {
		return nil, err
	}
	return &p.out, nil
}

// parser walks through a response.
type parser struct {
	raw   []byte
	dec   *xml.Decoder
	base  string
	most  int
	scope []map[string]string // namespaces the open elements declare, by prefix
	seen  map[string]bool     // identifiers
	out   response
}

// malformed is the error for what is not OAI-PMH. The decoder's own text may hold content.
func malformed() error { return ErrResponse }

// response reads the document element and what is in it.
func (p *parser) response() error {
	root, err := p.start()
	if err != nil || root.Name != (xml.Name{Space: nsOAI, Local: "OAI-PMH"}) {
		return malformed()
	}
	err = p.children(root, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "request":
			p.out.verb, p.out.asked = attribute(e, "verb"), attribute(e, "resumptionToken")
		case "error":
			return p.reported(attribute(e, "code"))
		case "Identify":
			return p.children(e, func(e xml.StartElement) (err error) {
				if e.Name.Local == "granularity" {
					p.out.granularity, err = p.text()
					return err
				}
				return p.skip()
			})
		case "ListRecords":
			p.out.listed = true
			return p.children(e, p.listed)
		}
		return p.skip()
	})
	if err != nil {
		return err
	}
	for { // after the document element there is nothing but white space and comments
		switch tok, err := p.dec.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return malformed()
		default:
			if _, ok := tok.(xml.StartElement); ok {
				return malformed()
			}
		}
	}
}

// reported is an error of the protocol (§3.6). That nothing matches is an answer like another.
func (p *parser) reported(code string) error {
	if code == "noRecordsMatch" {
		p.out.noRecords = true
		return p.skip()
	}
	for _, known := range []string{"badArgument", "badResumptionToken", "badVerb", "cannotDisseminateFormat", "noSetHierarchy"} {
		if code == known {
			return fmt.Errorf("%w: %s", ErrProtocol, known)
		}
	}
	return ErrProtocol
}

// listed reads a child of ListRecords.
func (p *parser) listed(e xml.StartElement) (err error) {
	switch e.Name.Local {
	case "record":
		if p.out.records++; p.out.records > p.most {
			return ErrTooMany
		}
		return p.record(e)
	case "resumptionToken":
		if p.out.size, err = number(e, "completeListSize"); err != nil {
			return err
		}
		p.out.token, err = p.text()
		return err
	}
	return p.skip()
}

// record reads a record into an item, unless it is deleted.
func (p *parser) record(e xml.StartElement) error {
	var id string
	var deleted bool
	var content []byte
	roots := 0
	err := p.children(e, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "header":
			deleted = attribute(e, "status") == "deleted"
			return p.children(e, func(e xml.StartElement) (err error) {
				if e.Name.Local == "identifier" {
					id, err = p.text()
					return err
				}
				return p.skip()
			})
		case "metadata":
			return p.inside(e, func(e xml.StartElement, from int64) error {
				roots++
				if err := p.skip(); err != nil {
					return err
				}
				content = p.alone(e, p.raw[from:p.dec.InputOffset()])
				return nil
			})
		}
		return p.skip()
	})
	switch {
	case err != nil:
		return err
	case id == "":
		return malformed()
	case p.seen[id]:
		return ErrLoop
	}
	p.seen[id] = true
	if deleted {
		return nil
	}
	item := connectors.CatalogueItem{File: id}
	switch {
	case roots != 1:
		item.Err = ErrResponse
	case len(content) > connectors.MaxRawDocument:
		item.Err = ErrTooLarge
	default:
		item.Raw = &connectors.RawDocument{Content: content, Format: rdf.RDFXML, Options: rdf.ReadOptions{File: id, Base: p.base, MaxBytes: connectors.MaxRawDocument}}
	}
	p.out.items = append(p.out.items, item)
	return nil
}

// alone is the text of an element as a document of its own: the namespaces it has from the elements
// around it are declared on it.
func (p *parser) alone(e xml.StartElement, text []byte) []byte {
	own := declared(e)
	var b bytes.Buffer
	end := 1 + bytes.IndexAny(text[1:], " \t\r\n/>")
	b.Write(text[:end])
	inherited := p.inherited()
	for _, prefix := range slices.Sorted(maps.Keys(inherited)) {
		if _, again := own[prefix]; again {
			continue
		}
		name := "xmlns"
		if prefix != "" {
			name += ":" + prefix
		}
		b.WriteString(" " + name + `="`)
		_ = xml.EscapeText(&b, []byte(inherited[prefix])) // into memory
		b.WriteByte('"')
	}
	b.Write(text[end:])
	return b.Bytes()
}

// number reads an attribute that is a count; absent, it is 0.
func number(e xml.StartElement, name string) (int, error) {
	s := attribute(e, name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, malformed()
	}
	return int(n), nil
}
