package federation_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

func parsed(t *testing.T, raw, by string) federation.Policy {
	t.Helper()
	p, err := federation.ParsePolicy([]byte(raw), by)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPolicyIsRefused: malformed policies, with the parameter and operator at fault.
func TestPolicyIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ policy, parameter, operator string }{
		"not JSON":                                {`{`, "", ""},
		"a list":                                  {`[]`, "", ""},
		"null":                                    {`null`, "", ""},
		"a parameter twice":                       {`{"p":{},"p":{}}`, "", ""},
		"an operator twice":                       {`{"p":{"add":[],"add":[]}}`, "", ""},
		"a parameter's policy is a list":          {`{"p":[]}`, "p", ""},
		"a parameter's policy is null":            {`{"p":null}`, "p", ""},
		"add takes no string":                     {`{"p":{"add":"a"}}`, "p", "add"},
		"add takes no lists in the list":          {`{"p":{"add":[["a"]]}}`, "p", "add"},
		"add takes no null in the list":           {`{"p":{"add":[null]}}`, "p", "add"},
		"add takes no booleans":                   {`{"p":{"add":[true]}}`, "p", "add"},
		"default takes no null":                   {`{"p":{"default":null}}`, "p", "default"},
		"one_of takes no string":                  {`{"p":{"one_of":"a"}}`, "p", "one_of"},
		"one_of of a list of words":               {`{"scope":{"one_of":["a b"]}}`, "scope", "one_of"},
		"subset_of takes no object":               {`{"p":{"subset_of":{}}}`, "p", "subset_of"},
		"superset_of takes no number":             {`{"p":{"superset_of":1}}`, "p", "superset_of"},
		"essential takes no string":               {`{"p":{"essential":"true"}}`, "p", "essential"},
		"essential takes no null":                 {`{"p":{"essential":null}}`, "p", "essential"},
		"add beside one_of":                       {`{"p":{"add":["a"],"one_of":["a"]}}`, "p", "one_of"},
		"one_of beside subset_of":                 {`{"p":{"one_of":["a"],"subset_of":["a"]}}`, "p", "subset_of"},
		"one_of beside superset_of":               {`{"p":{"one_of":["a"],"superset_of":["a"]}}`, "p", "superset_of"},
		"add beyond subset_of":                    {`{"p":{"add":["a","b"],"subset_of":["a"]}}`, "p", "subset_of"},
		"superset_of beyond subset_of":            {`{"p":{"superset_of":["a","b"],"subset_of":["a"]}}`, "p", "superset_of"},
		"value null with essential":               {`{"p":{"value":null,"essential":true}}`, "p", "essential"},
		"value null with default":                 {`{"p":{"value":null,"default":"a"}}`, "p", "default"},
		"value null with subset_of":               {`{"p":{"value":null,"subset_of":[]}}`, "p", "subset_of"},
		"value not among one_of":                  {`{"p":{"value":"a","one_of":["b"]}}`, "p", "one_of"},
		"value a list with one_of":                {`{"p":{"value":["a"],"one_of":["a"]}}`, "p", "one_of"},
		"value a string with add":                 {`{"p":{"value":"a","add":["a"]}}`, "p", "add"},
		"value a string with add of nothing":      {`{"p":{"value":"a","add":[]}}`, "p", "add"},
		"value a string with superset of nothing": {`{"p":{"value":"a","superset_of":[]}}`, "p", "superset_of"},
		"value a string with subset of nothing":   {`{"p":{"value":"a","subset_of":[]}}`, "p", "subset_of"},
		"value null with superset of nothing":     {`{"p":{"value":null,"superset_of":[]}}`, "p", "superset_of"},
		"value true with one_of":                  {`{"p":{"value":true,"one_of":["a"]}}`, "p", "one_of"},
		"value beyond subset_of":                  {`{"p":{"value":["a","b"],"subset_of":["a"]}}`, "p", "subset_of"},
		"value short of superset_of":              {`{"p":{"value":["a"],"superset_of":["a","b"]}}`, "p", "superset_of"},
		"value short of add":                      {`{"p":{"value":["a"],"add":["b"]}}`, "p", "add"},
		"an operator in another case":             {`{"p":{"Subset_Of":["a"]}}`, "p", "subset_of"},
		"an operator with a Kelvin-like s":        {`{"p":{"ſubset_of":["a"]}}`, "p", "subset_of"},
	} {
		_, err := federation.ParsePolicy([]byte(c.policy), "https://superior.test")
		var p *federation.PolicyError
		if !errors.Is(err, federation.ErrInvalidPolicy) || !errors.As(err, &p) {
			t.Errorf("%s: error = %v", name, err)
			continue
		}
		if p.Parameter != c.parameter || p.Operator != c.operator || p.By != "https://superior.test" {
			t.Errorf("%s: at %q %q by %q", name, p.Parameter, p.Operator, p.By)
		}
	}
}

func TestMergeIsRefusedByName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ upper, lower, operator string }{
		"values differ":               {`{"p":{"value":"a"}}`, `{"p":{"value":"b"}}`, "value"},
		"value removed and set":       {`{"p":{"value":null}}`, `{"p":{"value":"b"}}`, "value"},
		"defaults differ":             {`{"p":{"default":1}}`, `{"p":{"default":2}}`, "default"},
		"large numbers differ":        {`{"p":{"default":9007199254740993}}`, `{"p":{"default":9007199254740992}}`, "default"},
		"nothing in common":           {`{"p":{"one_of":["a"]}}`, `{"p":{"one_of":["b"]}}`, "one_of"},
		"combined what may not be":    {`{"p":{"one_of":["a"]}}`, `{"p":{"subset_of":["a"]}}`, "subset_of"},
		"widened beyond the superior": {`{"p":{"subset_of":["a"]}}`, `{"p":{"add":["b"]}}`, "subset_of"},
	} {
		_, err := federation.MergePolicies(parsed(t, c.upper, "https://anchor.test"), parsed(t, c.lower, "https://ncp.test"))
		var p *federation.PolicyError
		if !errors.Is(err, federation.ErrInvalidPolicy) || !errors.As(err, &p) || p.Operator != c.operator || p.Parameter != "p" {
			t.Errorf("%s: error = %v", name, err)
			continue
		}
		if p.By != "https://anchor.test, https://ncp.test" && p.By != "https://ncp.test, https://anchor.test" {
			t.Errorf("%s: by %q", name, p.By)
		}
	}
}

// TestEqualValuesMerge: equality is that of JSON values, not of their spelling.
func TestEqualValuesMerge(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{`1`, `1.0`}, {`0`, `-0`}, {`"a"`, `"\u0061"`}, {`{"x":1,"y":[true]}`, `{ "y":[true], "x":1e0 }`}, {`1e400`, `1e400`},
	} {
		upper, lower := parsed(t, `{"p":{"value":`+c[0]+`}}`, "a"), parsed(t, `{"p":{"value":`+c[1]+`}}`, "b")
		if _, err := federation.MergePolicies(upper, lower); err != nil {
			t.Errorf("%s and %s: %v", c[0], c[1], err)
		}
	}
}

// TestMetadataIsRefused: values an operator cannot take count as metadata that does not pass.
func TestMetadataIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ policy, metadata, operator string }{
		"add to a string":         {`{"p":{"add":["a"]}}`, `"a"`, "add"},
		"subset of a boolean":     {`{"p":{"subset_of":["a"]}}`, `true`, "subset_of"},
		"superset of an object":   {`{"p":{"superset_of":["a"]}}`, `{}`, "superset_of"},
		"one_of a list":           {`{"p":{"one_of":["a"]}}`, `["a"]`, "one_of"},
		"one_of a boolean":        {`{"p":{"one_of":["a"]}}`, `true`, "one_of"},
		"one_of another":          {`{"p":{"one_of":["a"]}}`, `"A"`, "one_of"},
		"required and null":       {`{"p":{"essential":true}}`, `null`, "essential"},
		"lists within the list":   {`{"p":{"subset_of":["a"]}}`, `[["a"]]`, "subset_of"},
		"not all that must be":    {`{"p":{"superset_of":["a","b"]}}`, `["a"]`, "superset_of"},
		"default fails the check": {`{"p":{"default":"b","one_of":["a"]}}`, `null`, "one_of"},
		"no JSON at all":          {`{"p":{"one_of":["a"]}}`, `{`, ""},
	} {
		md := map[string]json.RawMessage{"p": json.RawMessage(c.metadata)}
		out, _, err := parsed(t, c.policy, "https://superior.test").Apply(md)
		var p *federation.PolicyError
		if !errors.Is(err, federation.ErrInvalidMetadata) || !errors.As(err, &p) || p.Operator != c.operator || p.Parameter != "p" || out != nil {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func TestEffectsNameWhatWasChangedAndByWhom(t *testing.T) {
	t.Parallel()
	upper := parsed(t, `{"contacts":{"add":["a@anchor.test"]},"gone":{"value":null},"scope":{"subset_of":["read","write"]}}`, "https://anchor.test")
	lower := parsed(t, `{"contacts":{"add":["n@ncp.test"]},"lang":{"default":"<fr>"},"kept":{"one_of":["x"],"essential":true}}`, "https://ncp.test")
	merged, err := federation.MergePolicies(upper, lower)
	if err != nil {
		t.Fatal(err)
	}
	out, effects, err := merged.Apply(map[string]json.RawMessage{
		"contacts": json.RawMessage(`["n@ncp.test"]`), "gone": json.RawMessage(`"<x>"`), "kept": json.RawMessage(`"x"`), "scope": json.RawMessage(`"admin read"`),
	})
	if err != nil {
		t.Fatal(err)
	}
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	want := []federation.Effect{
		{Parameter: "contacts", Operator: "add", By: []string{"https://anchor.test", "https://ncp.test"}, Before: raw(`["n@ncp.test"]`), After: raw(`["n@ncp.test","a@anchor.test"]`)},
		{Parameter: "gone", Operator: "value", By: []string{"https://anchor.test"}, Before: raw(`"<x>"`)},
		{Parameter: "lang", Operator: "default", By: []string{"https://ncp.test"}, After: raw(`"<fr>"`)},
		{Parameter: "scope", Operator: "subset_of", By: []string{"https://anchor.test"}, Before: raw(`"admin read"`), After: raw(`"read"`)},
	}
	if diff := cmp.Diff(want, effects); diff != "" {
		t.Error(diff)
	}
	wantOut := map[string]json.RawMessage{
		"contacts": raw(`["n@ncp.test","a@anchor.test"]`), "kept": raw(`"x"`), "lang": raw(`"<fr>"`), "scope": raw(`"read"`),
	}
	if diff := cmp.Diff(wantOut, out); diff != "" {
		t.Error(diff)
	}
}

// TestScopeIsAListOfWords (OpenID Federation 1.1 §6.1.3.1.8).
func TestScopeIsAListOfWords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ policy, scope, want string }{
		"default":             {`{"scope":{"default":"a b"}}`, ``, `"a b"`},
		"default as a list":   {`{"scope":{"default":["a","b"]}}`, ``, `"a b"`},
		"narrowed to nothing": {`{"scope":{"subset_of":["c"]}}`, `"a b"`, `""`},
		"added":               {`{"scope":{"add":["c"]}}`, `"a b"`, `"a b c"`},
		"superset in a text":  {`{"scope":{"superset_of":"b a"}}`, `"a b c"`, `"a b c"`},
		"set":                 {`{"scope":{"value":"x"}}`, `"a"`, `"x"`},
		"numbers stay a list": {`{"scope":{"value":[1]}}`, `"a"`, `[1]`},
	} {
		md := map[string]json.RawMessage{}
		if c.scope != "" {
			md["scope"] = json.RawMessage(c.scope)
		}
		out, _, err := parsed(t, c.policy, "").Apply(md)
		if err != nil || string(out["scope"]) != c.want {
			t.Errorf("%s: %s, %v", name, out["scope"], err)
		}
	}
}

func TestAnOperatorNotUnderstoodIsLeftOut(t *testing.T) {
	t.Parallel()
	p := parsed(t, `{"p":{"regexp":"^a","essential":false},"q":{"intersects":["a"]}}`, "")
	if got := encoded(t, p); string(got) != `{"p":{"essential":false},"q":{}}` {
		t.Errorf("%s", got)
	}
}

func TestMetadataPolicyNamesTheEntityType(t *testing.T) {
	t.Parallel()
	_, err := federation.ParseMetadataPolicy([]byte(`{"ehds_hdab":{"country":{"add":"FR"}}}`), "https://anchor.test")
	if want := "the metadata policy does not hold: ehds_hdab: country: add: it does not take a value of this type (policy of https://anchor.test)"; errText(err) != want {
		t.Errorf("error = %v", err)
	}
	long := strings.Repeat("x", 500)
	if _, err := federation.ParseMetadataPolicy([]byte(`{"t":{"`+long+`":{"add":"FR"}}}`), ""); len(errText(err)) > 300 {
		t.Errorf("a name others chose fills the log: %d bytes", len(errText(err)))
	}
	for _, bad := range []string{`[]`, `null`, `{"t":[]}`} {
		if _, err := federation.ParseMetadataPolicy([]byte(bad), ""); !errors.Is(err, federation.ErrInvalidPolicy) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	up, err := federation.ParseMetadataPolicy([]byte(`{"t":{"p":{"value":1}},"u":{"p":{"value":1}}}`), "a")
	if err != nil {
		t.Fatal(err)
	}
	low, err := federation.ParseMetadataPolicy([]byte(`{"u":{"p":{"value":2}}}`), "b")
	if err != nil {
		t.Fatal(err)
	}
	var p *federation.PolicyError
	if _, err := federation.MergeMetadataPolicies(up, low); !errors.As(err, &p) || p.EntityType != "u" || p.Parameter != "p" || p.Operator != "value" {
		t.Errorf("error = %v", err)
	}
	md := map[string]map[string]json.RawMessage{"t": {"p": json.RawMessage(`0`)}, "v": {}}
	out, effects, err := up.Apply(md)
	if err != nil || len(effects) != 1 || effects[0].EntityType != "t" || string(out["t"]["p"]) != "1" || out["u"] != nil || out["v"] == nil {
		t.Errorf("%v %v %v", out, effects, err)
	}
	required, err := federation.ParseMetadataPolicy([]byte(`{"v":{"p":{"essential":true}}}`), "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := required.Apply(md); !errors.As(err, &p) || p.EntityType != "v" || p.By != "a" {
		t.Errorf("error = %v", err)
	}
}

// TestListsAreSets: what an operator makes of a list has each value once, in the order it was found in;
// what no operator narrows keeps its repetitions.
func TestListsAreSets(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		`{"p":{"subset_of":["b","a","a"]}}`:         `["a","b"]`,
		`{"p":{"add":["c","a","c"]}}`:               `["a","b","a","x","c"]`,
		`{"p":{"superset_of":["a","a"]}}`:           `["a","b","a","x"]`,
		`{"p":{"value":["a","a"],"add":["a","a"]}}`: `["a","a"]`,
	} {
		out, _, err := parsed(t, policy, "").Apply(map[string]json.RawMessage{"p": json.RawMessage(`["a","b","a","x"]`)})
		if err != nil || string(out["p"]) != want {
			t.Errorf("%s: %s, %v", policy, out["p"], err)
		}
	}
	merged, err := federation.MergePolicies(parsed(t, `{"p":{"subset_of":["a","b","a"]}}`, ""), parsed(t, `{"p":{"subset_of":["b","a"]}}`, ""))
	if got := encoded(t, merged); err != nil || string(got) != `{"p":{"subset_of":["a","b"]}}` {
		t.Errorf("%s, %v", got, err)
	}
}
