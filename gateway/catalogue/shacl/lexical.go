package shacl

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// lexicalForms tell whether a string is in the lexical space of a datatype (XML Schema 1.1 Part 2).
// Datatypes that are not listed permit every string, or are not known.
var lexicalForms = map[string]func(string) bool{
	rdf.XSDBoolean: func(s string) bool { return s == "true" || s == "false" || s == "1" || s == "0" },
	rdf.XSDDecimal: isDecimal,
	rdf.XSDInteger: isInteger,
	rdf.XSDDouble:  isDouble, rdf.NSXSD + "float": isDouble,

	rdf.NSXSD + "long":               within("-9223372036854775808", "9223372036854775807"),
	rdf.NSXSD + "int":                within("-2147483648", "2147483647"),
	rdf.NSXSD + "short":              within("-32768", "32767"),
	rdf.NSXSD + "byte":               within("-128", "127"),
	rdf.NSXSD + "unsignedLong":       within("0", "18446744073709551615"),
	rdf.NSXSD + "unsignedInt":        within("0", "4294967295"),
	rdf.NSXSD + "unsignedShort":      within("0", "65535"),
	rdf.NSXSD + "unsignedByte":       within("0", "255"),
	rdf.NSXSD + "nonNegativeInteger": within("0", ""),
	rdf.NSXSD + "positiveInteger":    within("1", ""),
	rdf.NSXSD + "nonPositiveInteger": within("", "0"),
	rdf.NSXSD + "negativeInteger":    within("", "-1"),

	rdf.XSDDateTime:                 func(s string) bool { _, ok := parseTime(dateTimeForm, s); return ok },
	rdf.NSXSD + "dateTimeStamp":     func(s string) bool { m, ok := parseTime(dateTimeForm, s); return ok && m.zoned },
	rdf.XSDDate:                     func(s string) bool { _, ok := parseTime(dateForm, s); return ok },
	rdf.NSXSD + "time":              func(s string) bool { _, ok := parseTime(clockForm, s); return ok },
	rdf.NSXSD + "gYear":             func(s string) bool { _, ok := parseTime(yearForm, s); return ok },
	rdf.NSXSD + "gYearMonth":        func(s string) bool { _, ok := parseTime(yearMonthForm, s); return ok },
	rdf.NSXSD + "gMonthDay":         func(s string) bool { _, ok := parseTime(monthDayForm, s); return ok },
	rdf.NSXSD + "gMonth":            func(s string) bool { _, ok := parseTime(monthForm, s); return ok },
	rdf.NSXSD + "gDay":              func(s string) bool { _, ok := parseTime(dayForm, s); return ok },
	rdf.XSDDuration:                 func(s string) bool { return isDuration(s, "YMDHMS") },
	rdf.NSXSD + "yearMonthDuration": func(s string) bool { return isDuration(s, "YM") },
	rdf.NSXSD + "dayTimeDuration":   func(s string) bool { return isDuration(s, "  DHMS") },

	rdf.NSXSD + "hexBinary":    func(s string) bool { return len(s)%2 == 0 && strings.Trim(s, "0123456789abcdefABCDEF") == "" },
	rdf.NSXSD + "base64Binary": isBase64,
	rdf.NSXSD + "language":     isLanguage,
	rdf.NSXSD + "Name":         isName,
	rdf.NSXSD + "NCName":       func(s string) bool { return isName(s) && !strings.Contains(s, ":") },
	rdf.NSXSD + "NMTOKEN":      func(s string) bool { return s != "" && strings.IndexFunc(s, notNameChar) < 0 },
	rdf.XSDAnyURI:              func(s string) bool { return !strings.ContainsAny(s, " \t\r\n<>\"{}|\\^`") },
}

// boolean reads an xsd:boolean.
func boolean(t rdf.Term) (value, ok bool) {
	if t.Kind != rdf.Literal || t.Datatype != rdf.XSDBoolean || !lexicalForms[rdf.XSDBoolean](t.Value) {
		return false, false
	}
	return t.Value == "true" || t.Value == "1", true
}

// integerType reports whether a datatype is xsd:integer or derived from it.
func integerType(datatype string) bool {
	switch name, ok := strings.CutPrefix(datatype, rdf.NSXSD); {
	case !ok:
		return false
	default:
		switch name {
		case "integer", "long", "int", "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
			"nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger":
			return true
		}
	}
	return false
}

// digits counts the ASCII digits at the start of s.
func digits(s string) int {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

// unsigned takes a sign off.
func unsigned(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

func isInteger(s string) bool {
	s = unsigned(s)
	return s != "" && digits(s) == len(s)
}

func isDecimal(s string) bool {
	s = unsigned(s)
	whole := digits(s)
	if whole == len(s) {
		return whole > 0
	}
	fraction := digits(s[whole+1:])
	return s[whole] == '.' && whole+1+fraction == len(s) && whole+fraction > 0
}

func isDouble(s string) bool {
	switch s {
	case "INF", "+INF", "-INF", "NaN":
		return true
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		return isDecimal(s[:i]) && isInteger(s[i+1:])
	}
	return isDecimal(s)
}

// within makes the lexical form of a bounded integer; an empty bound is none.
func within(least, most string) func(string) bool {
	return func(s string) bool {
		return isInteger(s) && (least == "" || compareDecimals(s, least) >= 0) && (most == "" || compareDecimals(s, most) <= 0)
	}
}

// isDuration reports whether s is a duration with the given designators, years to seconds; a space
// stands for one that may not occur.
func isDuration(s, designators string) bool {
	s = strings.TrimPrefix(s, "-")
	if len(s) < 3 || s[0] != 'P' {
		return false
	}
	s = s[1:]
	at, inTime := 0, false
	for s != "" {
		if s[0] == 'T' {
			if inTime || len(s) == 1 || len(designators) < 4 {
				return false
			}
			inTime, at, s = true, max(at, 3), s[1:]
			continue
		}
		n := digits(s)
		if n == 0 || n == len(s) {
			return false
		}
		rest := s[n:]
		if rest[0] == '.' {
			fraction := digits(rest[1:])
			if fraction == 0 || fraction+1 >= len(rest) || rest[fraction+1] != 'S' {
				return false
			}
			rest = rest[fraction+1:]
		}
		limit := len(designators)
		if !inTime {
			limit = min(limit, 3)
		}
		found := -1
		for i := at; i < limit; i++ {
			if designators[i] == rest[0] {
				found = i
				break
			}
		}
		if found < 0 {
			return false
		}
		at, s = found+1, rest[1:]
	}
	return true
}
