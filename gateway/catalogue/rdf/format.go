package rdf

import (
	"context"
	"fmt"
	"io"
	"maps"
	"mime"
	urlpath "path"
	"slices"
	"strings"
)

// Format is a syntax for RDF, named as on the command line.
type Format string

// The formats.
const (
	Turtle   Format = "turtle"
	TriG     Format = "trig"
	NTriples Format = "ntriples"
	NQuads   Format = "nquads"
	RDFXML   Format = "rdfxml"
	JSONLD   Format = "jsonld"
)

// syntax is what is known of a format.
type syntax struct {
	mediaTypes []string // the registered one first
	extensions []string // with the dot, the usual one first
	parse      func(context.Context, io.Reader, ReadOptions, func(Quad) error) error
}

var syntaxes = map[Format]syntax{
	Turtle:   {[]string{"text/turtle", "application/x-turtle"}, []string{".ttl"}, ofTriples(ParseTurtle)},
	TriG:     {[]string{"application/trig", "application/x-trig"}, []string{".trig"}, ParseTriG},
	NTriples: {[]string{"application/n-triples"}, []string{".nt"}, ofTriples(ParseNTriples)},
	NQuads:   {[]string{"application/n-quads", "text/x-nquads"}, []string{".nq"}, ParseNQuads},
	RDFXML:   {[]string{"application/rdf+xml"}, []string{".rdf", ".xml", ".owl"}, ofTriples(ParseRDFXML)},
	JSONLD:   {[]string{"application/ld+json"}, []string{".jsonld", ".json"}, ParseJSONLD},
}

// ofTriples makes a parser of triples one of quads of the default graph.
func ofTriples(parse func(context.Context, io.Reader, ReadOptions, func(Triple) error) error) func(context.Context, io.Reader, ReadOptions, func(Quad) error) error {
	return func(ctx context.Context, r io.Reader, o ReadOptions, emit func(Quad) error) error {
		return parse(ctx, r, o, func(t Triple) error { return emit(Quad{Triple: t}) })
	}
}

// Formats lists the formats, in the order of their names.
func Formats() []Format {
	return slices.Sorted(maps.Keys(syntaxes))
}

// Known says whether f is a format this package reads.
func (f Format) Known() bool {
	_, ok := syntaxes[f]
	return ok
}

// MediaType is the registered media type, or empty for an unknown format.
func (f Format) MediaType() string {
	if s, ok := syntaxes[f]; ok {
		return s.mediaTypes[0]
	}
	return ""
}

// FormatOfName finds the format by the extension of a file name or URL path.
func FormatOfName(name string) (Format, bool) {
	ext := strings.ToLower(urlpath.Ext(name))
	for f, s := range syntaxes {
		for _, e := range s.extensions {
			if e == ext {
				return f, true
			}
		}
	}
	return "", false
}

// FormatOfMediaType finds the format of a Content-Type; parameters are ignored.
func FormatOfMediaType(contentType string) (Format, bool) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", false
	}
	for f, s := range syntaxes {
		for _, m := range s.mediaTypes {
			if m == mediaType {
				return f, true
			}
		}
	}
	return "", false
}

// Parse reads a document of format f and calls emit for each statement in the order of the document;
// see ParseTurtle for what emit may do. Triples are quads of the default graph.
func Parse(ctx context.Context, r io.Reader, f Format, o ReadOptions, emit func(Quad) error) error {
	s, ok := syntaxes[f]
	if !ok {
		return fmt.Errorf("rdf: unknown format %q", f)
	}
	return s.parse(ctx, r, o, emit)
}

// Read reads a document of format f into one graph: the statements of named graphs are taken in with
// those of the default graph. Syntax and bounds are reported as *SyntaxError.
func Read(ctx context.Context, r io.Reader, f Format, o ReadOptions) (*Graph, error) {
	switch f { // the formats that tell the place of a subject from that of an object
	case Turtle:
		return ReadTurtle(ctx, r, o)
	case TriG:
		return readGraph(ctx, r, o, CodeTriGSyntax, (*turtle).block)
	}
	g := NewGraph()
	err := Parse(ctx, r, f, o, func(q Quad) error {
		g.Add(q.Triple)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}
