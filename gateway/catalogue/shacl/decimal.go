package shacl

import "strings"

// compareDecimals orders two decimals exactly, without a limit of size and without allocating. Both are
// in the lexical space of xsd:decimal.
func compareDecimals(a, b string) int {
	signA, wholeA, fractionA := splitDecimal(a)
	signB, wholeB, fractionB := splitDecimal(b)
	if signA != signB {
		return signA - signB
	}
	order := len(wholeA) - len(wholeB)
	if order == 0 {
		order = strings.Compare(wholeA, wholeB)
	}
	if order == 0 {
		order = strings.Compare(fractionA, fractionB)
	}
	return order * signA
}

// splitDecimal takes a decimal apart; the sign of zero is 0, digits that say nothing are left out.
func splitDecimal(s string) (sign int, whole, fraction string) {
	sign = 1
	if strings.HasPrefix(s, "-") {
		sign = -1
	}
	whole, fraction, _ = strings.Cut(unsigned(s), ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" && fraction == "" {
		sign = 0
	}
	return sign, whole, fraction
}
