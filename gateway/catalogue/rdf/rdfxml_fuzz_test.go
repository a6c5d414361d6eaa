package rdf

import (
	"bytes"
	"testing"
)

func FuzzRDFXML(f *testing.F) {
	for _, doc := range []string{
		"", inRDF(""), inRDF(`<e:a rdf:ID="i" e:p="v" rdf:type="t"><e:q rdf:ID="j" xml:lang="en">x&#65;<![CDATA[<]]></e:q></e:a>`),
		inRDF(`<rdf:Bag rdf:nodeID="a."><rdf:li rdf:resource=""/><rdf:li rdf:datatype="e:t">1</rdf:li><rdf:_3/></rdf:Bag>`),
		inRDF(`<e:a><e:p rdf:parseType="Collection"><e:b/><e:c rdf:about="x"/></e:p><e:q rdf:parseType="Resource"><e:r/></e:q></e:a>`),
		inRDF(`<e:a xml:base="../b"><e:p rdf:parseType="Literal"><b xmlns="x:y" c="&quot;"><!-- d --><?e f?></b></e:p></e:a>`),
		"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY e \"http://e/\"><!ENTITY f '&e;f'>]><f:a xmlns:f='&f;#' f:p='&e;'/>",
		"\uFEFF<a:b xmlns:a='http://a/'\r\n/><!-- -->", "<a", "<a>&b;", inRDF("<e:a><e:p>]]></e:p></e:a>"), inRDF("\xff"),
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		g, err := ReadRDFXML(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		want := canonicalOrSkip(t, quadsOf(g))
		var nt bytes.Buffer
		if err := WriteNTriples(&nt, g.All()); err != nil {
			t.Fatal(err)
		}
		h, err := ReadNTriples(t.Context(), &nt, ReadOptions{})
		if err != nil {
			t.Fatalf("own N-Triples: %v", err)
		}
		if got := canonicalOrSkip(t, quadsOf(h)); got != want {
			t.Fatalf("N-Triples changed the graph:\n%s\n%s", want, got)
		}
	})
}
