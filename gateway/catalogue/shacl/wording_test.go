package shacl

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// TestPhrasesAreComplete holds the languages against each other: the same components, the same blanks
// to fill in.
func TestPhrasesAreComplete(t *testing.T) {
	t.Parallel()
	blanks := func(s string) (out []string) {
		for _, b := range []string{"{path}", "{want}", "{n}", "{text}", "{component}"} {
			if strings.Contains(s, b) {
				out = append(out, b)
			}
		}
		return out
	}
	for lang, words := range phrases {
		for _, lists := range [][2]map[string]string{{english.messages, words.messages}, {english.hints, words.hints}} {
			if diff := cmp.Diff(slices.Sorted(maps.Keys(lists[0])), slices.Sorted(maps.Keys(lists[1]))); diff != "" {
				t.Errorf("%s (-en +%s):\n%s", lang, lang, diff)
			}
			for key, text := range lists[0] {
				if diff := cmp.Diff(blanks(text), blanks(lists[1][key])); diff != "" {
					t.Errorf("%s %q (-en +%s):\n%s", lang, key, lang, diff)
				}
			}
		}
	}
	for key := range english.messages {
		if _, ok := english.hints[key]; !ok {
			t.Errorf("no hint for %q", key)
		}
	}
}

const speaking = `ex:S a sh:NodeShape ; sh:targetClass ex:C ;
	sh:property [ sh:path ex:title ; sh:minCount 1 ] ,
		[ sh:path ex:note ; sh:minCount 1 ; sh:message "a note is due" , "une note est due"@fr ] ,
		[ sh:path ex:size ; sh:maxCount 1 ; sh:message "one size" ; sh:severity sh:Warning ] ,
		[ sh:path ex:who ; sh:node ex:Agent ] ,
		[ sh:path ex:theme ; sh:in ( ex:a ex:b ) ; sh:severity sh:Info ] .
ex:Agent a sh:NodeShape ; sh:property [ sh:path ex:name ; sh:datatype xsd:string ; sh:minCount 1 ] .`

func TestFindings(t *testing.T) {
	t.Parallel()
	s := compile(t, speaking, Options{})
	r := validate(t, s, `ex:x a ex:C ; ex:size 1 , 2 ; ex:who [ ex:name 5 ] ; ex:theme ex:c .`)
	for lang, want := range map[string][]string{
		"en": {
			"violation missing-property ex:title: missing ex:title / add ex:title",
			"violation missing-property ex:note: a note is due / add ex:note",
			"warning too-many-values ex:size: one size / keep 1 at most and remove the others",
			"violation not-conforming ex:who: the value of ex:who must conform to ex:Agent / the value of ex:name must be a valid xsd:string (3:48): write the value as a literal of type xsd:string",
			"info not-in-codelist ex:theme: the value of ex:theme is not in the list of permitted values / use one of ex:a, ex:b",
		},
		"fr-BE": {
			"violation missing-property ex:title: ex:title manque / ajoutez ex:title",
			"violation missing-property ex:note: une note est due / ajoutez ex:note",
			"warning too-many-values ex:size: ex:size admet au plus 1 valeur(s) (one size) / gardez-en au plus 1 et supprimez les autres",
			"violation not-conforming ex:who: la valeur de ex:who doit être conforme à ex:Agent / la valeur de ex:name doit être un xsd:string valide (3:48): écrivez la valeur comme littéral de type xsd:string",
			"info not-in-codelist ex:theme: la valeur de ex:theme n’est pas dans la liste des valeurs admises / choisissez parmi ex:a, ex:b",
		},
	} {
		w := NewWording(lang, map[string]string{"ex": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"})
		var got []string
		for i := range r.Results {
			f := w.Finding("x.ttl", &r.Results[i])
			got = append(got, string(f.Severity)+" "+f.Code+" "+f.Path+": "+f.Message+" / "+f.Hint)
			if f.Subject != "http://example.org/x" || f.File != "x.ttl" || f.Line != 3 {
				t.Errorf("finding about %s at %s:%d", f.Subject, f.File, f.Line)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
	if r.Worst() != Violation || r.Conforms {
		t.Errorf("worst %s", r.Worst())
	}
}

// TestEveryComponentHasWords lets each component of SHACL Core fail once.
func TestEveryComponentHasWords(t *testing.T) {
	t.Parallel()
	s := compile(t, `ex:S a sh:NodeShape ; sh:targetNode ex:x ; sh:closed true ; sh:ignoredProperties ( ex:p ex:q ) ; sh:not [ sh:nodeKind sh:IRI ] ;
	sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:nodeKind sh:BlankNodeOrIRI ] ) ;
	sh:property ex:P .
ex:P sh:path ex:p ; sh:minCount 9 ; sh:maxCount 1 ; sh:class ex:C ; sh:datatype xsd:date ; sh:nodeKind sh:BlankNode ; sh:minExclusive 9 ; sh:minInclusive 9 ;
	sh:maxExclusive 0 ; sh:maxInclusive 0 ; sh:minLength 9 ; sh:maxLength 0 ; sh:pattern "^z" ; sh:languageIn ( "de" ) ; sh:uniqueLang true ; sh:equals ex:q ;
	sh:disjoint ex:p ; sh:lessThan ex:q ; sh:lessThanOrEquals ex:q ; sh:and ( [ sh:class ex:C ] ) ; sh:or ( [ sh:class ex:C ] ) ; sh:node [ sh:class ex:C ] ;
	sh:qualifiedValueShape [ sh:nodeKind sh:Literal ] ; sh:qualifiedMinCount 9 ; sh:qualifiedMaxCount 1 ; sh:hasValue 7 ; sh:in ( 7 ) .`, Options{})
	r := validate(t, s, `ex:x ex:p 5 , "a"@en , "b"@en , "a" ; ex:q 1 ; ex:r 2 .`)
	met := map[string]bool{}
	for i := range r.Results {
		res := &r.Results[i]
		met[res.Component] = true
		for _, lang := range Languages() {
			w := NewWording(lang, nil)
			if m := w.Message(res); m == "" || strings.ContainsAny(m, "{}") {
				t.Errorf("%s in %s: %q", res.Component, lang, m)
			}
			if h := w.Hint(res); h == "" || strings.ContainsAny(h, "{}") {
				t.Errorf("hint of %s in %s: %q", res.Component, lang, h)
			}
			if f := w.Finding("", res); f.Code == "" || f.Severity != catalogue.Violation {
				t.Errorf("%+v", f)
			}
		}
	}
	if len(met) != 28 {
		t.Errorf("%d of the 28 components of SHACL Core have results: %v", len(met), slices.Sorted(maps.Keys(met)))
	}
}
