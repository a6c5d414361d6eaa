package shacl

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// sort of values that can be compared with each other (SPARQL 1.1 §17.3).
type order uint8

const (
	unordered order = iota
	decimalOrder
	floatOrder
	stringOrder
	booleanOrder
	dateTimeOrder
	dateOrder
	timeOrder
	yearOrder
	yearMonthOrder
)

// ordered is a literal's value, to compare it.
type ordered struct {
	order  order
	text   string // of decimals, strings and booleans
	float  float64
	moment moment
}

// valueOf reads the value of a literal. What is ill-typed or has no order is unordered.
func valueOf(t rdf.Term) ordered {
	if t.Kind != rdf.Literal {
		return ordered{}
	}
	name, ok := strings.CutPrefix(t.Datatype, rdf.NSXSD)
	if !ok {
		return ordered{}
	}
	if valid := lexicalForms[t.Datatype]; valid != nil && !valid(t.Value) {
		return ordered{}
	}
	switch name {
	case "string":
		return ordered{order: stringOrder, text: t.Value}
	case "boolean":
		if t.Value == "true" || t.Value == "1" {
			return ordered{order: booleanOrder, text: "1"}
		}
		return ordered{order: booleanOrder, text: "0"}
	case "double", "float":
		f, err := parseFloat(t.Value)
		if err != nil {
			return ordered{}
		}
		return ordered{order: floatOrder, float: f}
	case "decimal":
		return ordered{order: decimalOrder, text: t.Value}
	case "dateTime", "dateTimeStamp":
		return timed(dateTimeOrder, dateTimeForm, t.Value)
	case "date":
		return timed(dateOrder, dateForm, t.Value)
	case "time":
		return timed(timeOrder, clockForm, t.Value)
	case "gYear":
		return timed(yearOrder, yearForm, t.Value)
	case "gYearMonth":
		return timed(yearMonthOrder, yearMonthForm, t.Value)
	}
	if integerType(t.Datatype) {
		return ordered{order: decimalOrder, text: t.Value}
	}
	return ordered{}
}

func timed(o order, form timeForm, s string) ordered {
	m, ok := parseTime(form, s)
	if !ok {
		return ordered{}
	}
	return ordered{order: o, moment: m}
}

// parseFloat reads an xsd:double. A number too large is infinite, as in XML Schema.
func parseFloat(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && f != 0 {
		err = nil
	}
	return f, err
}

// compare orders two values; ok is false when they cannot be compared.
func (v ordered) compare(w ordered) (result int, ok bool) {
	switch {
	case v.order == unordered || w.order == unordered:
		return 0, false
	case v.order == decimalOrder && w.order == decimalOrder:
		return compareDecimals(v.text, w.text), true
	case v.order <= floatOrder && w.order <= floatOrder:
		a, b := v.asFloat(), w.asFloat()
		return cmp.Compare(a, b), a == a && b == b // NaN has no place
	case v.order != w.order:
		return 0, false
	case v.order == stringOrder, v.order == booleanOrder:
		return strings.Compare(v.text, w.text), true
	}
	return v.moment.compare(w.moment)
}

func (v ordered) asFloat() float64 {
	if v.order == floatOrder {
		return v.float
	}
	f, _ := parseFloat(v.text) // a decimal in lexical form always parses
	return f
}
