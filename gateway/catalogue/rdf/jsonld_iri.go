package rdf

import (
	"encoding/hex"
	"strings"

	"github.com/piprate/json-gold/ld"
)

// expand applies the IRI Expansion Algorithm (JSON-LD 1.1 API §5.2) with a
// context that is complete. It reports false for what stands for nothing.
func (p *jsonLD) expand(c *ldContext, value string, vocab, relative bool) (string, bool) {
	if value != "" && value[0] == '@' {
		if ld.IsKeyword(value) {
			return value, true
		}
		if likeKeyword(value) {
			return "", false
		}
	}
	if def, ok := c.ld.TermDefinitions[value]; ok && vocab {
		if def == nil || def.ID == "" {
			return "", false
		}
		return def.ID, true
	}
	if colon := strings.IndexByte(value, ':'); colon > 0 {
		prefix, suffix := value[:colon], value[colon+1:]
		if prefix == "_" || strings.HasPrefix(suffix, "//") {
			return value, true
		}
		if def := c.ld.TermDefinitions[prefix]; def != nil && def.ID != "" && def.Prefix != nil && *def.Prefix {
			p.scratch = append(append(p.scratch[:0], def.ID...), suffix...)
			return p.short(p.scratch), true
		}
		if schemeLength(value) > 0 {
			return value, true
		}
	}
	switch {
	case vocab && c.ld.Values.Vocab != nil:
		return *c.ld.Values.Vocab + value, true
	case relative && c.base.scheme != "":
		return c.base.resolve(value), true
	}
	return value, true
}

// short makes a string of b, the same one for a value that is repeated.
func (j *jsonReader) short(b []byte) string {
	if len(b) > longestInterned {
		return string(b)
	}
	return j.names.plain(b)
}

// likeKeyword reports whether a value has the form of a keyword ("@"1*ALPHA),
// which is reserved.
func likeKeyword(s string) bool {
	for i := 1; i < len(s); i++ {
		if charClass[s[i]]&classStart == 0 {
			return false
		}
	}
	return len(s) > 1
}

// resource is the node that an expanded IRI names; false when it is neither a
// blank node nor an absolute IRI, and so stays out of RDF (§8.1.2).
func (p *jsonLD) resource(iri string) (Term, bool) {
	if label, ok := strings.CutPrefix(iri, "_:"); ok {
		return NewBlank(foreignLabel(label)), true
	}
	if !wellFormed(iri) {
		return Term{}, false
	}
	return NewIRI(iri), true
}

// wellFormed reports whether s can be an absolute IRI: its characters are
// allowed, and '#' comes at most once.
func wellFormed(s string) bool {
	return schemeLength(s) > 0 && plainIRI(s) && strings.IndexByte(s, '#') == strings.LastIndexByte(s, '#')
}

// foreignLabel makes a label of JSON-LD, which may be any text, one that
// N-Triples can write, different ones for different labels and none that
// newBlank makes.
func foreignLabel(label string) string {
	switch {
	case !isBlankLabel(label):
		return anonPrefix + "x" + hex.EncodeToString([]byte(label))
	case strings.HasPrefix(label, anonPrefix):
		return anonPrefix + "u" + label[len(anonPrefix):]
	}
	return label
}

// isBlankLabel reports whether s is a BLANK_NODE_LABEL of N-Triples without
// "_:".
func isBlankLabel(s string) bool {
	for i, r := range s {
		switch {
		case r < 0x80 && (r == '_' || charClass[r]&(classStart|classDigit) != 0), r >= 0x80 && isStartRune(r):
		case i > 0 && (r == '-' || r >= 0x80 && isNameRune(r)):
		case i > 0 && r == '.' && i < len(s)-1:
		default:
			return false
		}
	}
	return s != ""
}
