package forge

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// SchemaFinding is one place where a document breaks its schema.
type SchemaFinding struct {
	Pointer string // RFC 6901
	Rule    string // the schema's keyword
}

// CheckBody judges a document by one of the schemas of package ehds. It knows the keywords of JSON
// Schema 2020-12 that those use, and reports any other one as a finding: no rule is skipped in
// silence. Patterns are compiled as RE2, formats date-time and uri are asserted.
func CheckBody(schema, document []byte) []SchemaFinding {
	rules, err := ParseJSON(schema)
	if err != nil {
		return []SchemaFinding{{Rule: "schema"}}
	}
	v, err := ParseJSON(document)
	if err != nil {
		return []SchemaFinding{{Rule: "json"}}
	}
	c := &schemaCheck{}
	c.check(rules, v, "")
	return c.found
}

// maxFindings bounds what a hostile document can make us collect.
const maxFindings = 100

type schemaCheck struct{ found []SchemaFinding }

func (c *schemaCheck) fail(pointer, rule string) {
	if len(c.found) < maxFindings {
		c.found = append(c.found, SchemaFinding{pointer, rule})
	}
}

// holds judges without reporting.
func holds(rules, v any) bool {
	c := &schemaCheck{}
	c.check(rules, v, "")
	return len(c.found) == 0
}

func (c *schemaCheck) check(rules, v any, at string) {
	schema, ok := rules.(map[string]any)
	if !ok {
		c.fail(at, "schema")
		return
	}
	keywords := make([]string, 0, len(schema))
	for k := range schema {
		keywords = append(keywords, k)
	}
	sort.Strings(keywords)
	for _, k := range keywords {
		switch k {
		case "$schema", "$id", "title", "description", "then", "properties", "additionalProperties":
		case "if":
			if holds(schema["if"], v) && schema["then"] != nil {
				c.check(schema["then"], v, at)
			}
		case "allOf":
			for _, s := range list(schema[k]) {
				c.check(s, v, at)
			}
		default:
			if !c.keyword(k, schema[k], v, at) {
				c.fail(at, k)
			}
		}
	}
	if members, ok := v.(map[string]any); ok {
		c.members(schema, members, at)
	}
}

// keyword judges one keyword; one of another type of value holds (JSON Schema §6).
func (c *schemaCheck) keyword(k string, rule, v any, at string) bool {
	switch k {
	case "type":
		return typeOf(rule, v)
	case "const":
		return reflect.DeepEqual(rule, v)
	case "enum":
		return anyOf(list(rule), func(e any) bool { return reflect.DeepEqual(e, v) })
	case "anyOf":
		return anyOf(list(rule), func(s any) bool { return holds(s, v) })
	}
	switch v := v.(type) {
	case string:
		return textRule(k, rule, v)
	case json.Number:
		return numberRule(k, rule, v)
	case []any:
		return c.arrayRule(k, rule, v, at)
	case map[string]any:
		return objectRule(k, rule, v)
	}
	return known(k)
}

var keywords = []string{"pattern", "minLength", "maxLength", "format", "minimum", "maximum", "items", "minItems",
	"maxItems", "required", "minProperties", "maxProperties", "propertyNames"}

func known(k string) bool {
	for _, w := range keywords {
		if w == k {
			return true
		}
	}
	return false
}

func typeOf(rule, v any) bool {
	switch v := v.(type) {
	case string:
		return rule == "string"
	case bool:
		return rule == "boolean"
	case nil:
		return rule == "null"
	case []any:
		return rule == "array"
	case map[string]any:
		return rule == "object"
	case json.Number:
		_, err := strconv.ParseInt(string(v), 10, 64)
		return rule == "number" || rule == "integer" && err == nil
	}
	return false
}

func textRule(k string, rule any, v string) bool {
	switch k {
	case "minLength":
		return utf8.RuneCountInString(v) >= count(rule)
	case "maxLength":
		return utf8.RuneCountInString(v) <= count(rule)
	case "pattern":
		re, err := regexp.Compile(fmt.Sprint(rule))
		return err == nil && re.MatchString(v)
	case "format":
		switch rule {
		case "date-time":
			_, err := time.Parse(time.RFC3339Nano, v)
			return err == nil
		case "date":
			_, err := time.Parse(time.DateOnly, v)
			return err == nil
		case "uri":
			u, err := url.Parse(v)
			return err == nil && u.IsAbs()
		}
		return false
	}
	return known(k)
}

func numberRule(k string, rule any, v json.Number) bool {
	bound, okBound := new(big.Rat).SetString(fmt.Sprint(rule))
	// A bounded exponent: big.Rat would write 1e999999999 out.
	if strings.ContainsAny(string(v), "eE") || len(v) > 32 {
		return false
	}
	n, ok := new(big.Rat).SetString(string(v))
	switch k {
	case "minimum":
		return ok && okBound && n.Cmp(bound) >= 0
	case "maximum":
		return ok && okBound && n.Cmp(bound) <= 0
	}
	return known(k)
}

func (c *schemaCheck) arrayRule(k string, rule any, v []any, at string) bool {
	switch k {
	case "minItems":
		return len(v) >= count(rule)
	case "maxItems":
		return len(v) <= count(rule)
	case "items":
		for i, e := range v {
			c.check(rule, e, at+"/"+strconv.Itoa(i))
		}
		return true
	}
	return known(k)
}

func objectRule(k string, rule any, v map[string]any) bool {
	switch k {
	case "minProperties":
		return len(v) >= count(rule)
	case "maxProperties":
		return len(v) <= count(rule)
	case "required":
		for _, name := range list(rule) {
			if _, ok := v[fmt.Sprint(name)]; !ok {
				return false
			}
		}
		return true
	case "propertyNames":
		for name := range v {
			if !holds(rule, name) {
				return false
			}
		}
		return true
	}
	return known(k)
}

func (c *schemaCheck) members(schema, v map[string]any, at string) {
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range sortedNames(v) {
		below := at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		if rule, ok := properties[name]; ok {
			c.check(rule, v[name], below)
		} else if rule, ok := schema["additionalProperties"].(map[string]any); ok {
			c.check(rule, v[name], below)
		} else if schema["additionalProperties"] == false {
			c.fail(below, "additionalProperties")
		}
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func anyOf(l []any, f func(any) bool) bool {
	for _, e := range l {
		if f(e) {
			return true
		}
	}
	return false
}

// count reads a length from a schema, -1 when it is malformed. The schemas are this project's own.
func count(rule any) int {
	n, err := strconv.Atoi(fmt.Sprint(rule))
	if err != nil {
		return -1
	}
	return n
}
