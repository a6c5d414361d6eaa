package shacl

import (
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// maxPathDepth and maxPathSize bound a path. The Recommendation leaves paths that contain themselves
// ill-formed (SHACL §2.3.1.8).
const (
	maxPathDepth = 32
	maxPathSize  = 512
)

// path reads the path a statement names. An ill-formed one is a defect and gives nil.
func (c *compiler) path(s *shape, st statement) *pathNode {
	p := pathParser{c: c}
	n, err := p.parse(st.value, 0)
	if err != nil {
		c.defect(s, &st, DefectIllFormed, true, "the property shape is not checked", "sh:path: %v", err)
		return nil
	}
	return n
}

type pathParser struct {
	c    *compiler
	size int
}

var pathOps = []struct {
	property rdf.Term
	op       pathOp
}{
	{sh("inversePath"), opInverse},
	{sh("alternativePath"), opAlternative},
	{sh("zeroOrMorePath"), opZeroOrMore},
	{sh("oneOrMorePath"), opOneOrMore},
	{sh("zeroOrOnePath"), opZeroOrOne},
}

func (p *pathParser) parse(t rdf.Term, depth int) (*pathNode, error) {
	if p.size++; depth > maxPathDepth || p.size > maxPathSize {
		return nil, errors.New("too long, or it contains itself")
	}
	if t.Kind == rdf.Literal {
		return nil, fmt.Errorf("%s is no path", t)
	}
	if t.Kind == rdf.IRI {
		return &pathNode{op: opPredicate, predicate: t, constant: p.c.constant(t)}, nil
	}
	if p.c.g.Has(t, rdfFirst, rdf.Term{}) {
		return p.list(opSequence, t, depth)
	}
	for _, o := range pathOps {
		inner, ok := p.c.g.Object(t, o.property)
		if !ok {
			continue
		}
		if o.op == opAlternative {
			return p.list(o.op, inner, depth)
		}
		part, err := p.parse(inner, depth+1)
		if err != nil {
			return nil, err
		}
		return &pathNode{op: o.op, parts: []*pathNode{part}}, nil
	}
	return nil, fmt.Errorf("%s is no path", t)
}

func (p *pathParser) list(op pathOp, head rdf.Term, depth int) (*pathNode, error) {
	members, err := p.c.list(head)
	if err != nil {
		return nil, err
	}
	if len(members) < 2 {
		return nil, errors.New("a sequence or alternative has two members at least")
	}
	n := &pathNode{op: op}
	for _, m := range members {
		part, err := p.parse(m, depth+1)
		if err != nil {
			return nil, err
		}
		n.parts = append(n.parts, part)
	}
	return n, nil
}

// list returns the members of a SHACL list (SHACL §1.4).
func (c *compiler) list(head rdf.Term) ([]rdf.Term, error) {
	var out []rdf.Term
	seen := map[rdf.Term]bool{}
	for head != rdfNil {
		first, rest := c.g.Objects(head, rdfFirst), c.g.Objects(head, rdfRest)
		if seen[head] || len(first) != 1 || len(rest) != 1 {
			return nil, errors.New("not a well-formed list")
		}
		seen[head] = true
		out = append(out, first[0])
		head = rest[0]
	}
	return out, nil
}
