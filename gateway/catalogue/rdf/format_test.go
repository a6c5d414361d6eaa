package rdf

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	if len(Formats()) != len(syntaxes) {
		t.Errorf("Formats lists %d of %d", len(Formats()), len(syntaxes))
	}
	for f := range syntaxes {
		if !f.Known() || f.MediaType() == "" {
			t.Errorf("%s has no media type", f)
		}
		if got, ok := FormatOfMediaType(f.MediaType() + "; charset=utf-8"); !ok || got != f {
			t.Errorf("%s: media type leads to %s", f, got)
		}
		for _, ext := range syntaxes[f].extensions {
			if got, ok := FormatOfName("a.b/C" + strings.ToUpper(ext)); !ok || got != f {
				t.Errorf("%s: %s leads to %s", f, ext, got)
			}
		}
	}
	for _, name := range []string{"a", "a.txt", "ttl"} {
		if f, ok := FormatOfName(name); ok {
			t.Errorf("%s is %s", name, f)
		}
	}
	for _, mediaType := range []string{"", "text/html", "text/turtle; ="} {
		if f, ok := FormatOfMediaType(mediaType); ok {
			t.Errorf("%q is %s", mediaType, f)
		}
	}
	if Format("prolog").Known() || Format("prolog").MediaType() != "" {
		t.Error("an unknown format is known")
	}
}

func TestReadTakesNamedGraphsIn(t *testing.T) {
	g, err := Read(t.Context(), strings.NewReader("<x:a> <x:b> <x:c> <x:g> .\n<x:a> <x:b> <x:d> .\n"), NQuads, ReadOptions{})
	if err != nil || g.Len() != 2 {
		t.Fatalf("%v, %v", g, err)
	}
	for _, f := range []Format{Turtle, TriG} {
		g, err := Read(t.Context(), strings.NewReader("<x:a>\n<x:b>\n<x:c> .\n"), f, ReadOptions{})
		if err != nil || g.Line(NewIRI("x:a")) != 1 {
			t.Errorf("%s: the subject's line is lost: %v", f, err)
		}
	}
	if _, err := Read(t.Context(), strings.NewReader("<x:a> <x:b>"), NTriples, ReadOptions{}); err == nil {
		t.Error("half a statement was read")
	}
	if _, err := Read(t.Context(), strings.NewReader(""), "prolog", ReadOptions{}); err == nil {
		t.Error("an unknown format was read")
	}
}
