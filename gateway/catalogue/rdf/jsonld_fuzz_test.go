package rdf

import (
	"bytes"
	"testing"
)

func FuzzJSONLD(f *testing.F) {
	for _, doc := range []string{
		"", "[]", "{}", "[[1, {}]]", `{"http://p/": [1, -0.5e1, true, null, "a\u00e9\ud83d\ude00", {"@value": "v", "@language": "en"}, {"@list": [[], 1]}]}`,
		`{"@context": {"e": "http://e/", "l": {"@id": "e:l", "@container": "@list"}, "m": {"@id": "e:m", "@container": "@language"}, "t": {"@id": "e:t", "@type": "e:T"}},
		"@id": "_:x", "@type": ["e:A", "B"], "l": [1, "_:y"], "m": {"en": ["a", null]}, "t": "v", "e:q": {"@id": "#f", "@graph": [{"@id": "e:g", "e:p": {"@set": []}}]}}`,
		`{"@context": [{"@vocab": "http://v/", "@base": "../b/"}, {"T": {"@id": "T", "@context": {"p": {"@type": "@id"}}}}], "@graph": [{"@type": "T", "p": "x"}, {"p": "y"}]}`,
		`{"@context": {"r": {"@reverse": "http://r/"}, "n": "@nest", "i": {"@id": "http://i/", "@container": "@index"}}, "r": {"@id": "http://a/"}, "n": {"http://b/": 1}, "i": {"k": {}}}`,
		`{"@included": [{"@id": "http://a/", "@reverse": {"http://b/": [{}]}}], "http://j/": {"@type": "@json", "@value": {"b": 1e30, "a": []}}}`,
		`{"@context": "http://www.w3.org/ns/hydra/context.jsonld", "first": "x"}`, `{"@context": "http://c/"}`, `{"@reverse": {"http://p/": null}}`, `{"@context": {"@propagate": false}}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		quads, err := ReadJSONLD(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		var long []Quad
		err = parseJSONLD(t.Context(), bytes.NewReader(doc), fuzzOptions, ldTuning{}, func(q Quad) error {
			long = append(long, q)
			return nil
		})
		if e, ok := err.(*SyntaxError); err != nil && (!ok || e.Code != CodeUnsupported) {
			t.Fatalf("read whole, refused by element: %v", err)
		}
		want := canonicalOrSkip(t, quads)
		if err == nil {
			if got := canonicalOrSkip(t, long); got != want {
				t.Fatalf("whole and by element:\n%s\n%s", want, got)
			}
		}
		for _, prefixes := range []map[string]string{nil, {"e": "http://e/", "rdf": NSRDF}} {
			var out bytes.Buffer
			if err := WriteJSONLD(&out, each(quads), prefixes); err != nil {
				t.Fatal(err)
			}
			again, err := ReadJSONLD(t.Context(), bytes.NewReader(out.Bytes()), ReadOptions{MaxDepth: 10_000})
			if err != nil {
				t.Fatalf("own JSON-LD: %v\n%s", err, out.Bytes())
			}
			if got := canonicalOrSkip(t, again); got != want {
				t.Fatalf("JSON-LD changed the dataset:\n%s\n%s\n%s", want, got, out.Bytes())
			}
		}
	})
}
