package rdf

import (
	"math"
	"strconv"
	"strings"
)

// literalOf is the literal of a scalar (JSON-LD 1.1 API §8.2.2). An empty
// datatype leaves the choice to the value.
func literalOf(v jsonValue, datatype string) Term {
	choose := func(native string) string {
		if datatype == "" {
			return native
		}
		return datatype
	}
	switch v.kind {
	case jsonTrue:
		return NewTyped("true", choose(XSDBoolean))
	case jsonFalse:
		return NewTyped("false", choose(XSDBoolean))
	case jsonNumber:
		lexical, integer := canonicalNumber(v.text, datatype == XSDDouble)
		if integer {
			return NewTyped(lexical, choose(XSDInteger))
		}
		return NewTyped(lexical, choose(XSDDouble))
	}
	return NewTyped(v.text, datatype)
}

// canonicalNumber is a number in the canonical form of xsd:integer, where it
// is an integer below 10^21, or of xsd:double.
func canonicalNumber(text string, double bool) (lexical string, integer bool) {
	digits := strings.TrimPrefix(text, "-")
	if !double && !strings.ContainsAny(digits, ".eE") && len(digits) <= 21 {
		if digits == "0" {
			return "0", true
		}
		return text, true
	}
	f, _ := strconv.ParseFloat(text, 64) // the reader has refused what is too large
	if !double && f == math.Trunc(f) && math.Abs(f) < 1e21 {
		if f == 0 {
			return "0", true
		}
		return strconv.FormatFloat(f, 'f', -1, 64), true
	}
	return canonicalDouble(f), false
}

// canonicalDouble is "%1.15E" without needless zeros, as §8.6 of the
// Recommendation asks.
func canonicalDouble(f float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', 15, 64), "E")
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	n, _ := strconv.Atoi(exponent)
	return mantissa + "E" + strconv.Itoa(n)
}

// jsonLiteral is the literal of datatype rdf:JSON for a value (JSON-LD 1.1
// §10.2), whose lexical form is the canonical JSON of RFC 8785.
func (p *jsonLD) jsonLiteral(v jsonValue) Term {
	return NewTyped(string(appendCanonicalJSON(nil, p.anyOf(v, false))), NSRDF+"JSON")
}
