package shacl

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// told are defects as "file:line code", with an exclamation mark when something is skipped.
func told(s *Shapes) []string {
	out := []string{}
	for _, d := range s.Defects() {
		mark := ""
		if d.Skipped {
			mark = "!"
		}
		out = append(out, d.File+":"+string(rune('0'+d.Line))+" "+d.Code+mark)
	}
	return out
}

// TestDefects: what is wrong with shapes is told, and the rest of them still judges. The prefixes take
// lines 1 and 2; the shapes begin on line 3.
func TestDefects(t *testing.T) {
	t.Parallel()
	const target = "ex:S a sh:NodeShape ; sh:targetNode ex:x ; "
	for name, tc := range map[string]struct {
		shapes string
		told   []string
		want   string // of the data ex:x ex:p 1 , 2 ; ex:q "a" .
	}{
		"a property shape without path is a node shape": {
			target + "sh:property [ sh:or ( [ sh:nodeKind sh:Literal ] [ sh:class ex:C ] ) ] .", []string{"a.ttl:3 shape-without-path"}, "ex:x  Or <ex:x>\n"},
		"several paths in one file": {target + "sh:property [ sh:path ex:p ,\n ex:q ; sh:maxCount 1 ] .", []string{"a.ttl:4 several-paths!"}, "ex:x <ex:p> MaxCount \n"},
		"several counts all apply":  {target + "sh:property [ sh:path ex:p ; sh:maxCount 1 ,\n 2 ] .", []string{"a.ttl:4 several-values"}, "ex:x <ex:p> MaxCount \n"},
		"contradictory counts": {target + "sh:property [ sh:path ex:p ; sh:maxCount 1 ; sh:minCount 3 ] .", []string{"a.ttl:3 contradictory-counts"},
			"ex:x <ex:p> MinCount \nex:x <ex:p> MaxCount \n"},
		"sh:extends and other terms that are none": {target + "sh:extends ex:T ; sh:shape ex:T ; sh:property [ sh:path ex:q ; sh:nodeKind sh:IRI ] .",
			[]string{"a.ttl:3 unknown-term!", "a.ttl:3 unknown-term!"}, "ex:x <ex:q> NodeKind \"a\"\n"},
		"imports": {"ex:o owl:imports ex:p . " + target + "sh:nodeKind sh:Literal .", []string{"a.ttl:3 import-not-followed"}, "ex:x  NodeKind <ex:x>\n"},
		"ill-formed values": {target + `sh:nodeKind ex:Odd ; sh:class "C" ; sh:datatype "d" ; sh:in 5 ; sh:property [ sh:path ex:p ; sh:minCount "x" ] ; sh:severity "s" ;
			sh:message ex:m ; sh:deactivated 5 ; sh:node "n" ; sh:and ex:l ; sh:closed 7 ; sh:minLength -1 ; sh:maxCount 1 ; sh:uniqueLang true ; sh:qualifiedValueShape ex:S .`,
			slices.Concat(slices.Repeat([]string{"a.ttl:3 ill-formed!"}, 5), []string{"a.ttl:3 ill-formed", "a.ttl:4 ill-formed", "a.ttl:4 ill-formed"}, slices.Repeat([]string{"a.ttl:4 ill-formed!"}, 7)), ""},
		"patterns RE2 cannot say": {target + `sh:property [ sh:path ex:q ; sh:pattern "(a)\\1" , "^b" ] .`, []string{"a.ttl:3 unsupported!"}, "ex:x <ex:q> Pattern \"a\"\n"},
		"a path that contains itself": {"_:p sh:inversePath _:p . " + target + "sh:property [ sh:path _:p ; sh:minCount 9 ] , [ sh:path ( ex:p ) ; sh:minCount 9 ] , [ sh:path \"p\" ; sh:minCount 9 ] .",
			[]string{"a.ttl:3 ill-formed!", "a.ttl:3 ill-formed!", "a.ttl:3 ill-formed!"}, ""},
		"SPARQL": {target + `sh:sparql [ sh:select "SELECT $this WHERE { $this ex:p ?o }" ] ; sh:nodeKind sh:Literal .`, []string{"a.ttl:3 unsupported!"}, "ex:x  NodeKind <ex:x>\n"},
		"recursion": {target + "sh:property [ sh:path ex:p ; sh:node ex:S ; sh:datatype xsd:string ] .", []string{"a.ttl:3 recursive-shapes"},
			"ex:x <ex:p> Datatype \"1\"^^<http://www.w3.org/2001/XMLSchema#integer>\nex:x <ex:p> Datatype \"2\"^^<http://www.w3.org/2001/XMLSchema#integer>\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, tc.shapes, Options{File: "a.ttl"})
			if diff := cmp.Diff(tc.told, told(s)); diff != "" {
				t.Errorf("defects (-want +got):\n%s\n%+v", diff, s.Defects())
			}
			if got := brief(validate(t, s, `ex:x ex:p 1 , 2 ; ex:q "a" .`)); got != tc.want {
				t.Errorf("results:\n%swant:\n%s", got, tc.want)
			}
			for _, d := range s.Defects() {
				if d.What == "" || d.Action == "" || d.Name == "" && d.Code != DefectImport {
					t.Errorf("a defect that says too little: %+v", d)
				}
			}
		})
	}
}

// TestMergedFiles: one name of a shape in two files. Paths are taken apart by file, counts all apply, and
// blank nodes of two files are two, whatever their labels.
func TestMergedFiles(t *testing.T) {
	t.Parallel()
	one := graph(t, `ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:P , _:b . ex:P sh:path ex:p ; sh:maxCount 1 . _:b sh:path ex:r ; sh:minCount 1 .`)
	two := graph(t, `ex:S a sh:NodeShape ; sh:property ex:P , _:b . ex:P sh:path ex:q ; sh:nodeKind sh:IRI . _:b sh:path ex:s ; sh:minCount 1 .`)
	s, err := Compile(one, Options{File: "one.ttl", More: []Source{{File: "two.ttl", Graph: two}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"two.ttl:3 several-paths"}, told(s)); diff != "" {
		t.Errorf("defects (-want +got):\n%s", diff)
	}
	const want = "ex:x <ex:p> MaxCount \nex:x <ex:q> NodeKind \"a\"\nex:x <ex:r> MinCount \nex:x <ex:s> MinCount \n"
	if got := brief(validate(t, s, `ex:x a ex:C ; ex:p 1 , 2 ; ex:q "a" .`)); got != want {
		t.Errorf("results:\n%swant:\n%s", got, want)
	}
}

// TestDataOfSeveralFiles: they are one graph, and each result names its file.
func TestDataOfSeveralFiles(t *testing.T) {
	t.Parallel()
	s := compile(t, `ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:class ex:C ] , [ sh:path ( ex:p ex:q ) ; sh:datatype xsd:string ] , [ sh:path ex:r ; sh:minCount 1 ] .`, Options{})
	r, err := s.ValidateSources(t.Context(),
		Source{File: "a.ttl", Graph: graph(t, "\n_:x\n ex:p ex:y ,\n _:b .")}, Source{File: "b.ttl", Graph: graph(t, "ex:y a ex:C ;\n ex:q 5 . _:b a ex:C .")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, res := range r.Results {
		got = append(got, res.File+":"+string(rune('0'+res.Line))+" "+res.Component[len(NS):])
	}
	want := []string{"a.ttl:6 ClassConstraintComponent", "b.ttl:4 DatatypeConstraintComponent", "a.ttl:4 MinCountConstraintComponent"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestGraphGuard takes the official guard, which is SPARQL, and spellings of it.
func TestGraphGuard(t *testing.T) {
	t.Parallel()
	path := filepath.Join(sharedDir(t, "catalogue", "shacl", "healthdcat-ap-r8"), "graph-guard.ttl")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := rdf.Read(t.Context(), bytes.NewReader(raw), rdf.Turtle, rdf.ReadOptions{Base: "https://example.org/guard"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(g, Options{File: "graph-guard.ttl"})
	if err != nil || len(s.Defects()) > 0 {
		t.Fatalf("%v, %+v", err, s.Defects())
	}
	if r := validate(t, s, `ex:d a <http://www.w3.org/ns/dcat#Dataset> .`); !r.Conforms {
		t.Errorf("a dataset is there: %s", brief(r))
	}
	r := validate(t, s, `ex:d a ex:Shape .`)
	if len(r.Results) != 1 || r.Results[0].Component != SPARQLComponent || r.Results[0].Focus.Value != "urn:x-shacl:guard" || len(r.Results[0].Messages) != 1 {
		t.Errorf("%+v", r.Results)
	}
}

func TestGuardedClass(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`SELECT $this WHERE { FILTER NOT EXISTS { ?s a <x:C> } }`:                                                          "x:C",
		"PREFIX e: <x:>\nselect ?this\nwhere{filter not exists{?any a e:C .}}":                                             "x:C",
		`PREFIX r: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> SELECT $this WHERE {FILTER NOT EXISTS {?s r:type <x:C>}}`: "x:C",
		`SELECT $this WHERE { FILTER NOT EXISTS { ?s a e:C } }`:                                                            "",
		`SELECT $this WHERE { FILTER NOT EXISTS { $this a <x:C> } }`:                                                       "",
		`SELECT $this WHERE { FILTER NOT EXISTS { ?this a <x:C> } }`:                                                       "",
		`SELECT $this WHERE { FILTER NOT EXISTS { ?s <x:p> <x:C> } }`:                                                      "",
		`SELECT $this WHERE { FILTER NOT EXISTS { ?s a <x:C> . ?s a <x:D> } }`:                                             "",
		`SELECT $this WHERE { FILTER EXISTS { ?s a <x:C> } }`:                                                              "",
		`PREFIX`: "", ``: "",
	} {
		got, ok := guardedClass(query)
		if got.Value != want || ok != (want != "") {
			t.Errorf("%s: %q %v", query, got.Value, ok)
		}
	}
}
