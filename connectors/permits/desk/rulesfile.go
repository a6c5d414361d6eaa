package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// maxRules bounds the rules file, in bytes.
const maxRules = 1 << 20

// RulesError lists everything wrong with a rules file, each finding as "/pointer: message".
type RulesError struct{ Findings []string }

// Error joins the findings.
func (e *RulesError) Error() string { return "desk rules: " + strings.Join(e.Findings, "; ") }

// ParseRules reads a rules file strictly: unknown and repeated members, wrong types and values that
// make no sense are all reported at once in a *RulesError.
func ParseRules(b []byte) (Rules, error) {
	var r Rules
	if len(b) > maxRules {
		return r, &RulesError{[]string{": the file is too large"}}
	}
	var f findings
	f.walk("", b, reflect.TypeFor[Rules]())
	if len(f) > 0 {
		return r, &RulesError{f}
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, &RulesError{[]string{": " + err.Error()}}
	}
	f.values(r)
	if len(f) > 0 {
		sort.Strings(f)
		return Rules{}, &RulesError{f}
	}
	return r, nil
}

type findings []string

func (f *findings) add(path, format string, a ...any) {
	*f = append(*f, path+": "+fmt.Sprintf(format, a...))
}

// walk checks the shape of raw against a type, member by member.
func (f *findings) walk(path string, raw []byte, t reflect.Type) {
	switch {
	case t.Kind() == reflect.Pointer:
		f.walk(path, raw, t.Elem())
	case t.Kind() == reflect.Struct:
		names := fieldsOf(t)
		f.object(path, raw, func(name string) reflect.Type { return names[name] })
	case t.Kind() == reflect.Map:
		f.object(path, raw, func(string) reflect.Type { return t.Elem() })
	case t.Kind() == reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) != nil || items == nil {
			f.add(path, "a list is wanted")
		}
		for i, item := range items {
			f.walk(fmt.Sprintf("%s/%d", path, i), item, t.Elem())
		}
	default:
		if string(raw) == "null" || json.Unmarshal(raw, reflect.New(t).Interface()) != nil {
			f.add(path, "a %s is wanted", t.Kind())
		}
	}
}

func (f *findings) object(path string, raw []byte, typeOf func(string) reflect.Type) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		f.add(path, "an object is wanted")
		return
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		name, _ := key.(string)
		var value json.RawMessage
		if err == nil {
			err = dec.Decode(&value)
		}
		if err != nil {
			f.add(path, "not JSON")
			return
		}
		at := path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		switch t := typeOf(name); {
		case seen[name]:
			f.add(at, "given twice")
		case t == nil:
			f.add(at, "no such member")
		default:
			f.walk(at, value, t)
		}
		seen[name] = true
	}
	if _, err := dec.Token(); err != nil {
		f.add(path, "not JSON")
	} else if _, err := dec.Token(); err != io.EOF {
		f.add(path, "something follows the object")
	}
}

// fieldsOf lists the members a struct has in JSON, embedded ones included.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous {
			for k, v := range fieldsOf(sf.Type) {
				out[k] = v
			}
			continue
		}
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		out[name] = sf.Type
	}
	return out
}

var bodyID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)

func (f *findings) values(r Rules) {
	if r.Version != 1 {
		f.add("/version", "only version 1 is known")
	}
	if !bodyID.MatchString(r.Body.ID) {
		f.add("/body/id", "letters, digits, dots and dashes are wanted")
	}
	if r.Body.Signatory.Name == "" || r.Body.Signatory.JobTitle == "" {
		f.add("/body/signatory", "name and job_title are wanted")
	}
	for id, d := range r.Datasets {
		at := "/datasets/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(id)
		f.categories(at+"/categories", d.Categories)
		f.oneOf(at+"/access_rights", d.AccessRights, "", ehds.AccessPublic, ehds.AccessRestricted, ehds.AccessNonPublic)
	}
	names := map[string]bool{}
	for i, rule := range r.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		if rule.Name == "" || names[rule.Name] {
			f.add(at+"/name", "a name used once is wanted")
		}
		names[rule.Name] = true
		f.when(at+"/when", rule.When)
		f.then(at+"/then", rule.Then, rule.When.Kind)
	}
	f.then("/default", r.Default, "")
}

func (f *findings) when(at string, w When) {
	f.oneOf(at+"/kind", string(w.Kind), "", string(ehds.DataAccessApplication), string(ehds.DataRequestApplication))
	f.oneOf(at+"/format", w.Format, "", ehds.FormatAnonymised, ehds.FormatPseudonymised)
	f.oneOf(at+"/access_rights", w.AccessRights, "", ehds.AccessPublic, ehds.AccessRestricted, ehds.AccessNonPublic)
	for name, keys := range map[string][]string{"purposes_any": w.PurposesAny, "purposes_only": w.PurposesOnly} {
		for i, k := range keys {
			if unknownPurpose(k) {
				f.add(fmt.Sprintf("%s/%s/%d", at, name, i), "Art. 53(1) has no such point")
			}
		}
	}
	for i, c := range w.CountriesAny {
		if _, ok := ehds.CountryByCode(c); !ok {
			f.add(fmt.Sprintf("%s/countries_any/%d", at, i), "not an ISO code of an EU or EEA country")
		}
	}
}

// then checks what a rule does. A rule that grants must state what no form and no record has: fees.
func (f *findings) then(at string, t Then, kind ehds.ApplicationKind) {
	f.oneOf(at+"/decide", t.Decide, string(ehds.Positive), string(ehds.Negative), decideManual)
	f.categories(at+"/categories", t.Categories)
	if t.DurationMonths < 0 || t.DurationMonths > 12*ehds.MaxPermitYears {
		f.add(at+"/duration_months", "1 to 120 are wanted (Art. 68(12))")
	}
	if t.Fees != nil && (t.Fees.AmountCents < 0 || len(t.Fees.Currency) != 3) {
		f.add(at+"/fees", "an amount from 0 and an ISO 4217 currency are wanted")
	}
	if t.Decide == string(ehds.Negative) && t.Reasons == "" {
		f.add(at+"/reasons", "a refusal needs reasons")
	}
	if t.Decide != string(ehds.Positive) || kind == ehds.DataRequestApplication {
		return
	}
	if t.Fees == nil {
		f.add(at+"/fees", "a grant states its fees, also none (Art. 68(10)(g))")
	}
}

func (f *findings) categories(at string, codes []string) {
	for i, c := range codes {
		if k, ok := ehds.Category(c); !ok || k.Code != c {
			f.add(fmt.Sprintf("%s/%d", at, i), "Art. 51(1) has no category of this code")
		}
	}
}

func (f *findings) oneOf(at, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	f.add(at, "one of %s is wanted", strings.Join(allowed, " "))
}
