package federation

import (
	"encoding/json"
	"slices"
)

// Names of the standard operators (OpenID Federation 1.1 §6.1.3.1).
const (
	opValue      = "value"
	opAdd        = "add"
	opDefault    = "default"
	opOneOf      = "one_of"
	opSubsetOf   = "subset_of"
	opSupersetOf = "superset_of"
	opEssential  = "essential"
)

// parameter is the value of a metadata parameter on its way through the operators.
type parameter struct {
	value   any
	present bool
}

// operator is one row of the standard's list: what it takes, how two of it merge, what it does. A
// reason other than "" says why it refuses.
type operator struct {
	name  string
	takes func(operand any) bool
	merge func(superior, subordinate any) (merged any, reason string)
	apply func(p parameter, operand any) (after parameter, reason string)
}

// operators in the order they are applied in.
var operators = []operator{
	{opValue, isValue, mergeEqual, applyValue},
	{opAdd, isList, mergeUnion, applyAdd},
	{opDefault, isDefault, mergeEqual, applyDefault},
	{opOneOf, isList, mergeOneOf, applyOneOf},
	{opSubsetOf, isList, mergeIntersection, applySubsetOf},
	{opSupersetOf, isList, mergeUnion, applySupersetOf},
	{opEssential, isBool, mergeOr, applyEssential},
}

func operatorNamed(name string) (operator, bool) {
	i := slices.IndexFunc(operators, func(o operator) bool { return o.name == name })
	if i < 0 {
		return operator{}, false
	}
	return operators[i], true
}

// isValue: any JSON value, null included, which removes the parameter.
func isValue(any) bool { return true }

// isDefault: anything but null, which no operator may output (§6.1.3).
func isDefault(v any) bool { return v != nil }

func isBool(v any) bool {
	_, ok := v.(bool)
	return ok
}

// isList: a list of strings, numbers or objects.
func isList(v any) bool {
	list, ok := v.([]any)
	return ok && !slices.ContainsFunc(list, func(e any) bool { return !isElement(e) })
}

// isElement: what lists consist of, and what one_of compares.
func isElement(v any) bool {
	switch v.(type) {
	case string, json.Number, map[string]any:
		return true
	}
	return false
}

// items are the values of a list.
func items(v any) []any {
	list, _ := v.([]any)
	return list
}

func mergeEqual(superior, subordinate any) (any, string) {
	if !equal(superior, subordinate) {
		return nil, "two superiors set different values"
	}
	return superior, ""
}

func mergeUnion(superior, subordinate any) (any, string) {
	return union(items(superior), items(subordinate)), ""
}

func mergeIntersection(superior, subordinate any) (any, string) {
	return intersection(items(superior), items(subordinate)), ""
}

func mergeOneOf(superior, subordinate any) (any, string) {
	both := intersection(items(superior), items(subordinate))
	if len(both) == 0 {
		return nil, "two superiors allow no value in common"
	}
	return both, ""
}

func mergeOr(superior, subordinate any) (any, string) {
	return superior == true || subordinate == true, ""
}

func applyValue(_ parameter, operand any) (parameter, string) {
	return parameter{value: operand, present: operand != nil}, ""
}

func applyAdd(p parameter, operand any) (parameter, string) {
	if !p.present {
		return parameter{value: union(nil, items(operand)), present: true}, ""
	}
	if !isList(p.value) {
		return p, notAList
	}
	// What the parameter has is left as it stands, repetitions included.
	have := set(items(p.value))
	out := slices.Clone(items(p.value))
	for _, v := range union(nil, items(operand)) {
		if !have[identity(v)] {
			out = append(out, v)
		}
	}
	p.value = out
	return p, ""
}

func applyDefault(p parameter, operand any) (parameter, string) {
	if p.present {
		return p, ""
	}
	return parameter{value: operand, present: true}, ""
}

func applyOneOf(p parameter, operand any) (parameter, string) {
	switch {
	case !p.present:
		return p, ""
	case !isElement(p.value):
		return p, "the parameter is no string, number or object"
	case !contains(items(operand), []any{p.value}):
		return p, "the value is none of those allowed"
	}
	return p, ""
}

func applySubsetOf(p parameter, operand any) (parameter, string) {
	if !p.present {
		return p, ""
	}
	if !isList(p.value) {
		return p, notAList
	}
	p.value = intersection(items(p.value), items(operand))
	return p, ""
}

func applySupersetOf(p parameter, operand any) (parameter, string) {
	switch {
	case !p.present:
		return p, ""
	case !isList(p.value):
		return p, notAList
	case !contains(items(p.value), items(operand)):
		return p, "a value that must be among them is missing"
	}
	return p, ""
}

func applyEssential(p parameter, operand any) (parameter, string) {
	if operand == true && !p.present {
		return p, "the parameter is required and absent"
	}
	return p, ""
}

const notAList = "the parameter is no list of strings, numbers or objects"
