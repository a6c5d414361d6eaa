package evidence

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBundleRoundTrip(t *testing.T) {
	w := newWorld(t)
	data, err := w.bundle.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseBundle(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.bundle, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r := VerifyBundle(t.Context(), got, w.trust, w.signed); !r.OK {
		t.Errorf("after a round trip: %+v", r)
	}
	w.bundle.Entries[3].Token = "\xff"
	if _, err := w.bundle.Marshal(); !errors.Is(err, ErrBundle) {
		t.Errorf("a token that is not text: %v", err)
	}
}

func TestParseBundleRefusals(t *testing.T) {
	w := newWorld(t)
	data, err := w.bundle.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	good := string(data)
	for name, s := range map[string]string{
		"empty":            "",
		"not an object":    "[]",
		"trailing data":    good + "{}",
		"unknown member":   strings.Replace(good, `"case"`, `"casus"`, 1),
		"other case":       strings.Replace(good, `"entity"`, `"Entity"`, 1),
		"duplicate member": strings.Replace(good, `"case"`, `"entity": "x", "case"`, 1),
		"duplicate chain":  strings.Replace(good, `"chains": {`, `"chains": {"a": [], "a": [],`, 1),
		"kelvin sign":      strings.Replace(good, `"token"`, "\"to\u212aen\"", 1),
		"invalid UTF-8":    strings.Replace(good, "app:1", "app:\xff", 1),
		"other version":    strings.Replace(good, BundleVersion, "ehds-evidence-bundle/v0", 1),
		"no entity":        strings.Replace(good, `"entity": "`+us+`"`, `"entity": ""`, 1),
		"wrong type":       strings.Replace(good, `"case": "app:1"`, `"case": 1`, 1),
		"deep":             strings.Replace(good, `"app:1"`, strings.Repeat("[", 40)+strings.Repeat("]", 40), 1),
		"truncated":        good[:len(good)/2],
	} {
		if s == good {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if _, err := ParseBundle([]byte(s)); !errors.Is(err, ErrBundle) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTrustFile(t *testing.T) {
	a, b := newTestLog(t, "log.example/a", 1), newTestLog(t, "log.example/b", 2)
	wit := newTestWitness("witness.example/w", 3)
	log := func(entity, origin, vkey string) string {
		return `{"entity":"` + entity + `","origin":"` + origin + `","vkey":"` + vkey + `"}`
	}
	file := func(logs, witnesses string) string {
		return `{"version":1,"anchors":[{"entity":"https://anchor.example","jwks":{"keys":[]}}],"logs":[` + logs + `],"witnesses":[` + witnesses + `]}`
	}
	rotated := newTestLog(t, "log.example/a", 5)
	good := file(log(us, a.origin, a.vkey)+","+log(us, a.origin, rotated.vkey)+","+log(peer, b.origin, b.vkey), `"`+wit.vkey()+`"`)
	tf, err := ParseTrustFile([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	book, err := tf.book()
	if err != nil {
		t.Fatal(err)
	}
	if keys, ok := book.keys(us, a.origin); !ok || len(keys) != 3 {
		t.Errorf("a log with two keys and one witness gives %d verifiers", len(keys))
	}
	if _, ok := book.keys(peer, a.origin); ok {
		t.Error("a log key is usable for another entity")
	}
	for name, s := range map[string]string{
		"other version":      strings.Replace(good, `"version":1`, `"version":2`, 1),
		"two owners":         file(log(us, a.origin, a.vkey)+","+log(peer, a.origin, a.vkey), ""),
		"key of another":     file(log(us, a.origin, b.vkey), ""),
		"witness as log":     file(log(us, wit.name, wit.vkey()), ""),
		"log as witness":     file("", `"`+a.vkey+`"`),
		"no entity":          file(log("", a.origin, a.vkey), ""),
		"broken key":         file(log(us, a.origin, "x"), ""),
		"broken witness":     file("", `"x"`),
		"unknown member":     strings.Replace(good, `"logs"`, `"lags"`, 1),
		"duplicate member":   strings.Replace(good, `"logs"`, `"witnesses":[],"logs"`, 1),
		"trailing data":      good + "x",
		"not even an object": `"x"`,
	} {
		if _, err := ParseTrustFile([]byte(s)); !errors.Is(err, ErrTrustFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
