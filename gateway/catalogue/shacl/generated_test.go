package shacl

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator writes small shapes and data that use every component of SHACL Core, for comparison with other
// engines. The same seed gives the same documents.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

func (g generator) of(list ...string) string { return list[g.IntN(len(list))] }

func (g generator) node() string { return fmt.Sprintf("ex:n%d", g.IntN(6)) }

func (g generator) property() string { return g.of("ex:p", "ex:q", "ex:r") }

func (g generator) literal() string {
	return g.of(`1`, `2`, `3`, `1.0`, `2.50`, `1e0`, `"1"^^xsd:int`, `"a"`, `"ab"`, `"abc"`, `"a"@en`, `"b"@en`, `"a"@de`, `"c"@en-GB`, `true`, `false`,
		`"x"^^xsd:integer`, `"2026-01-01"^^xsd:date`, `"2026-02-30"^^xsd:date`, `"2026-01-02"^^xsd:date`,
		`"2026-01-01T00:00:00Z"^^xsd:dateTime`, `"2026-01-01T12:00:00Z"^^xsd:dateTime`)
}

func (g generator) value() string {
	if g.IntN(2) == 0 {
		return g.literal()
	}
	return g.of(g.node(), g.node(), g.node(), "_:b1", "_:b2")
}

// data writes up to 20 statements.
func (g generator) data() string {
	var b strings.Builder
	for range 4 + g.IntN(16) {
		subject := g.of(g.node(), g.node(), g.node(), "_:b1", "_:b2")
		if g.IntN(4) == 0 {
			fmt.Fprintf(&b, "%s a ex:C%d .\n", subject, g.IntN(3))
			continue
		}
		fmt.Fprintf(&b, "%s %s %s .\n", subject, g.property(), g.value())
	}
	if g.IntN(2) == 0 {
		b.WriteString("ex:C1 rdfs:subClassOf ex:C0 .\n")
	}
	return b.String()
}

func (g generator) path(depth int) string {
	if depth == 0 || g.IntN(3) > 0 {
		return g.property()
	}
	inner := func() string { return g.path(depth - 1) }
	switch g.IntN(6) {
	case 0:
		return "[ sh:inversePath " + g.property() + " ]" // not of paths: rdf-validate-shacl gives up
	case 1:
		return "( " + inner() + " " + inner() + " )"
	case 2:
		return "[ sh:alternativePath ( " + inner() + " " + inner() + " ) ]"
	case 3:
		return "[ sh:zeroOrMorePath " + inner() + " ]"
	case 4:
		return "[ sh:oneOrMorePath " + inner() + " ]"
	}
	return "[ sh:zeroOrOnePath " + inner() + " ]"
}

// constraints writes one to three constraints; those of property shapes may count.
func (g generator) constraints(onPath bool, depth int) string {
	var out []string
	used := map[int]bool{}
	for range 1 + g.IntN(3) {
		n := 23
		if !onPath {
			n = 17
		}
		if depth == 0 {
			n = min(n, 12)
		}
		k := g.IntN(n)
		if used[k] || k == 9 && !onPath { // of sh:equals on a node shape the others report one result at most
			continue
		}
		used[k] = true
		out = append(out, g.constraint(k, depth))
	}
	return strings.Join(out, " ; ")
}

func (g generator) constraint(k, depth int) string {
	inner := func() string { return "[ " + g.constraints(false, depth-1) + " ]" }
	list := func() string { return "( " + inner() + " " + inner() + " )" }
	switch k {
	case 0:
		return fmt.Sprintf("sh:class ex:C%d", g.IntN(3))
	case 1:
		return "sh:datatype " + g.of("xsd:integer", "xsd:string", "xsd:date", "rdf:langString", "xsd:boolean", "xsd:int")
	case 2:
		return "sh:nodeKind " + g.of("sh:IRI", "sh:Literal", "sh:BlankNode", "sh:BlankNodeOrIRI", "sh:BlankNodeOrLiteral", "sh:IRIOrLiteral")
	case 3:
		return "sh:" + g.of("min", "max") + g.of("Inclusive", "Exclusive") + " " + g.of("1", "2", "2.5", "3")
	case 4:
		return fmt.Sprintf("sh:%sLength %d", g.of("min", "max"), g.IntN(4))
	case 5:
		return "sh:pattern " + g.of(`"^a"`, `"B"`, `"n[0-3]$"`, `"^.$"`) + g.of("", ` ; sh:flags "i"`)
	case 6:
		return "sh:languageIn ( " + g.of(`"en"`, `"de" "en-GB"`) + " )"
	case 7:
		return "sh:hasValue " + g.value0()
	case 8:
		return "sh:in ( " + g.value0() + " " + g.value0() + " " + g.value0() + " )"
	case 9:
		return "sh:equals " + g.property()
	case 10:
		return "sh:disjoint " + g.property()
	case 11:
		return "sh:closed true ; sh:ignoredProperties ( rdf:type ex:p )"
	case 12:
		return "sh:not " + inner()
	case 13:
		return "sh:" + g.of("and", "or", "xone") + " " + list()
	case 14:
		return "sh:node " + inner()
	case 15, 16:
		return "sh:property [ sh:path " + g.path(2) + " ; " + g.constraints(true, depth-1) + " ]"
	case 17:
		return fmt.Sprintf("sh:minCount %d", g.IntN(3))
	case 18:
		return fmt.Sprintf("sh:maxCount %d", g.IntN(3))
	case 19:
		return "sh:uniqueLang true"
	case 20:
		return "sh:lessThan " + g.property()
	case 21:
		return "sh:lessThanOrEquals " + g.property()
	}
	return fmt.Sprintf("sh:qualifiedValueShape %s ; sh:qualified%sCount %d", inner(), g.of("Min", "Max"), g.IntN(3))
}

// value0 is a value that a constraint may name: no blank node.
func (g generator) value0() string {
	if g.IntN(2) == 0 {
		return g.literal()
	}
	return g.node()
}

// shapes writes one to three shapes with targets.
func (g generator) shapes() string {
	var b strings.Builder
	for i := range 1 + g.IntN(3) {
		fmt.Fprintf(&b, "ex:S%d a sh:NodeShape ; %s ; %s .\n", i,
			g.of("sh:targetClass ex:C0", "sh:targetClass ex:C1", "sh:targetNode ex:n0 , ex:n1", "sh:targetSubjectsOf ex:p", "sh:targetObjectsOf ex:q"),
			g.constraints(false, 2))
	}
	return b.String()
}
