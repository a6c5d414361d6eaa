package rdf

import "testing"

func TestResolve(t *testing.T) {
	const rfc = "http://a/b/c/d;p?q" // RFC 3986 §5.4
	for _, tt := range []struct{ base, ref, want string }{
		{rfc, "g", "http://a/b/c/g"},
		{rfc, "./g", "http://a/b/c/g"},
		{rfc, "g/", "http://a/b/c/g/"},
		{rfc, "/g", "http://a/g"},
		{rfc, "//g", "http://g"},
		{rfc, "?y", "http://a/b/c/d;p?y"},
		{rfc, "g?y#s", "http://a/b/c/g?y#s"},
		{rfc, "#s", "http://a/b/c/d;p?q#s"},
		{rfc, ";x", "http://a/b/c/;x"},
		{rfc, "", "http://a/b/c/d;p?q"},
		{rfc, ".", "http://a/b/c/"},
		{rfc, "..", "http://a/b/"},
		{rfc, "../../g", "http://a/g"},
		{rfc, "../../../g", "http://a/g"},
		{rfc, "/../g", "http://a/g"},
		{rfc, "g..", "http://a/b/c/g.."},
		{rfc, "./../g", "http://a/b/g"},
		{rfc, "g;x=1/../y", "http://a/b/c/y"},
		{rfc, "g?y/../x", "http://a/b/c/g?y/../x"},
		{rfc, "g#s/../x", "http://a/b/c/g#s/../x"},
		{"http://a", "g", "http://a/g"},
		{"http://a?q#f", "", "http://a?q"},
		{"http://a/b#f", "#", "http://a/b#"},
		{"http://a/b?q", "?", "http://a/b?"},
		{"http://é/ü", "ö", "http://é/ö"},
		{"urn:a:b", "c", "urn:c"},
		{"urn:a:b", "#c", "urn:a:b#c"},
		{"file:///a/b", "../c", "file:///c"},
	} {
		if got := splitReference(tt.base).resolve(tt.ref); got != tt.want {
			t.Errorf("%q at %q: got %q, want %q", tt.ref, tt.base, got, tt.want)
		}
	}
	for iri, want := range map[string]int{"": 0, ":": 0, "a:": 1, "a+-.1:b": 5, "1a:b": 0, "a": 0, "a/b:c": 0, "é:a": 0} {
		if got := schemeLength(iri); got != want {
			t.Errorf("scheme of %q: length %d, want %d", iri, got, want)
		}
		if r := splitReference(iri); r.String() != iri {
			t.Errorf("%q comes out as %q", iri, r)
		}
	}
}

func TestColonFirst(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]bool{
		"": false, "a": false, ":": true, "1:b": true, "ht%tp://a": true, "./a:b": false, "a/b:c": false, "?a:b": false, "#a:b": false, "a#b:c": false, "//a:80": false,
	} {
		if got := colonFirst(ref); got != want {
			t.Errorf("%q: %v", ref, got)
		}
	}
}
