package jose

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckJSON(t *testing.T) {
	tests := []struct{ name, text, rule string }{
		{"empty object", `{}`, ""},
		{"white space around", " \t\r\n{ } \n", ""},
		{"every kind of value", `{"a":[1,-0,1.5,1e3,-2E-2,true,false,null,"x",{}]}`, ""},
		{"escapes", `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, ""},
		{"same name at different levels", `{"a":{"a":{"a":1}}}`, ""},
		{"same name in sibling objects", `{"x":[{"a":1},{"a":1}]}`, ""},
		{"names that differ in case", `{"a":1,"A":2}`, ""},
		{"names that look alike", "{\"\u00e9\":1,\"e\u0301\":2}", ""}, // composed and decomposed
		{"empty name once", `{"":1}`, ""},
		{"empty name twice", `{"":1,"":2}`, "duplicate-member"},
		{"array", `[]`, "json"},
		{"number", `1`, "json"},
		{"nothing", ``, "json"},
		{"white space only", `  `, "json"},
		{"unclosed object", `{`, "json"},
		{"unclosed string", `{"a`, "json"},
		{"string ending in a backslash", `{"a\`, "json"},
		{"unknown escape", `{"a":"\x"}`, "json"},
		{"short escape", `{"a":"\u12"}`, "json"},
		{"bad hex", `{"a":"\u12g4"}`, "json"},
		{"half a pair", `{"a":"\ud83d\u0041"}`, "utf8"},
		{"half a pair at the end", `{"a":"\ud83d`, "utf8"},
		{"name is not text", `{1:2}`, "json"},
		{"no colon", `{"a" 1}`, "json"},
		{"no comma", `{"a":1 "b":2}`, "json"},
		{"comma first", `{,"a":1}`, "json"},
		{"comma last in array", `{"a":[1,]}`, "json"},
		{"single quotes", `{'a':1}`, "json"},
		{"comment", `{/**/}`, "json"},
		{"plus sign", `{"a":+1}`, "json"},
		{"bare minus", `{"a":-}`, "json"},
		{"no digits after point", `{"a":1.}`, "json"},
		{"no digits before point", `{"a":.1}`, "json"},
		{"no exponent", `{"a":1e}`, "json"},
		{"hexadecimal", `{"a":0x10}`, "json"},
		{"infinity", `{"a":Infinity}`, "json"},
		{"literal in another case", `{"a":True}`, "json"},
		{"literal with a tail", `{"a":nullx}`, "json"},
		{"form feed", "{\f}", "json"},
		{"no-break space", "{}\u00a0", "trailing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckJSON([]byte(tt.text), 0)
			if Rule(err) != tt.rule || (tt.rule == "") != (err == nil) {
				t.Fatalf("%v, want rule %q", err, tt.rule)
			}
			if err == nil && !json.Valid([]byte(tt.text)) {
				t.Error("accepted what encoding/json refuses")
			}
		})
	}
}

// A hostile object of many members costs a bounded amount, and is still read.
func TestManyMembers(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"a":0`)
	for i := range 100_000 {
		b.WriteString(`,"`)
		b.WriteString(strings.Repeat("b", i%7))
		b.WriteString(strings.Trim(strings.ReplaceAll(time.Duration(i).String(), "µ", "u"), " "))
		b.WriteString(`":0`)
	}
	first := b.String() + "}"
	if err := CheckJSON([]byte(first), 0); err != nil {
		t.Error(err)
	}
	if err := CheckJSON([]byte(b.String()+`,"a":1}`), 0); Rule(err) != "duplicate-member" {
		t.Error(err)
	}
}

type embedded struct {
	Shared string `json:"shared"`
	Name   string `json:"name"` // hidden by the outer one
}

type Deep struct {
	Item string `json:"item"`
}

type claims struct {
	embedded
	*Deep
	Named  embedded        `json:"named"`
	Name   int             `json:"name"`
	List   []Deep          `json:"list"`
	Map    map[string]Deep `json:"map"`
	Any    any             `json:"any"`
	Raw    json.RawMessage `json:"raw"`
	Time   time.Time       `json:"time"`
	Keys   KeySet          `json:"jwks"`
	Hidden string          `json:"-"`
	Plain  string
	lower  string
}

func TestDecodeStrict(t *testing.T) {
	if (claims{}).lower != "" {
		t.Fatal("unexported fields stay empty")
	}
	tests := []struct{ name, text, rule string }{
		{"known members", `{"shared":"s","item":"i","named":{"shared":"n"},"name":1,"list":[{"item":"a"}],"map":{"x":{"item":"b"}},"Plain":"p"}`, ""},
		{"null members", `{"list":null,"map":null,"named":null}`, ""},
		{"anything inside any and raw", `{"any":{"ITEM":{"x":1}},"raw":{"Item":1,"item":2}}`, ""},
		{"unknown member", `{"x":1}`, "unknown-member"},
		{"unknown member in a list", `{"list":[{"item":"a"},{"x":1}]}`, "unknown-member"},
		{"unknown member in a map", `{"map":{"k":{"x":1}}}`, "unknown-member"},
		{"unknown member in a named embedded struct", `{"named":{"x":1}}`, "unknown-member"},
		{"hidden field", `{"Hidden":"x"}`, "unknown-member"},
		{"name of a hidden field", `{"-":"x"}`, "unknown-member"},
		{"unexported field", `{"lower":"x"}`, "unknown-member"},
		{"name of an embedded type", `{"Deep":{}}`, "unknown-member"},
		{"case variant", `{"NAME":1}`, "member-case"},
		{"case variant next to the real one", `{"name":1,"Name":2}`, "member-case"},
		{"case variant, escaped", `{"\u004eame":1}`, "member-case"},
		{"case variant by folding", `{"li\u017ft":[]}`, "member-case"}, // the long s
		{"case variant of an embedded field", `{"Shared":"x"}`, "member-case"},
		{"case variant in a list", `{"list":[{"ITEM":"x"}]}`, "member-case"},
		{"case variant of a name without tag", `{"plain":"x"}`, "member-case"},
		{"wrong type", `{"name":"secret"}`, "json"},
		{"time that is none", `{"time":"secret"}`, "json"},
		{"rule of a nested reader", `{"jwks":{"keys":1}}`, "json"},
		{"duplicate", `{"name":1,"name":2}`, "duplicate-member"},
		{"array", `[]`, "json"},
		{"trailing", `{} {}`, "trailing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v claims
			err := DecodeStrict([]byte(tt.text), &v)
			if Rule(err) != tt.rule || (tt.rule == "") != (err == nil) {
				t.Fatalf("%v, want rule %q", err, tt.rule)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error repeats input: %v", err)
			}
			var open claims
			err = DecodeKnown([]byte(tt.text), &open)
			if want := strings.ReplaceAll(tt.rule, "unknown-member", ""); Rule(err) != want {
				t.Errorf("DecodeKnown: %v, want rule %q", err, want)
			}
		})
	}
}

func TestDecodeStrictDecodes(t *testing.T) {
	var got struct {
		A int
		B []string `json:"b"`
	}
	if err := DecodeStrict([]byte(`{"A":7,"b":["x"]}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.A != 7 || !reflect.DeepEqual(got.B, []string{"x"}) {
		t.Errorf("decoded %+v", got)
	}
	var m map[string]int
	if err := DecodeStrict([]byte(`{"a":1,"A":2}`), &m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "A": 2}, m); diff != "" {
		t.Error(diff)
	}
	for _, target := range []any{nil, claims{}, (*claims)(nil)} {
		if err := DecodeStrict([]byte(`{}`), target); err == nil {
			t.Errorf("decoded into %T", target)
		}
	}
}
