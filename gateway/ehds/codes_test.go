package ehds

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sharedFile(t *testing.T, elem ...string) []byte {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	b, err := os.ReadFile(filepath.Join(append([]string{root}, elem...)...))
	if err != nil {
		t.Skipf("test data is absent: %v", err)
	}
	return b
}

func TestCategoriesAreThoseOfTheCodeList(t *testing.T) {
	var list struct {
		Concepts []struct {
			Code string `json:"code"`
		} `json:"concepts"`
	}
	if err := json.Unmarshal(sharedFile(t, "catalogue", "codelists", "healthcategories.json"), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Concepts) != len(Categories()) {
		t.Errorf("%d codes in the list, %d here", len(list.Concepts), len(Categories()))
	}
	for _, c := range list.Concepts {
		if _, ok := Category(c.Code); !ok {
			t.Errorf("the list has %s", c.Code)
		}
	}
}

func TestCategoriesFollowTheArticle(t *testing.T) {
	late, strict := "", ""
	for i, c := range Categories() {
		if want := string(rune('a' + i)); c.Letter != want {
			t.Errorf("%s stands at %s", c.Letter, want)
		}
		if byLetter, ok := Category(c.Letter); !ok || byLetter != c {
			t.Errorf("Category(%s) = %+v", c.Letter, byLetter)
		}
		switch c.From {
		case "2031-03-26":
			late += c.Letter
		case "2029-03-26":
		default:
			t.Errorf("%s applies from %s", c.Code, c.From)
		}
		if c.StricterNational {
			strict += c.Letter
		}
	}
	if late != "bfgmp" || strict != "fgiq" {
		t.Errorf("from 2031: %s; stricter national measures: %s", late, strict)
	}
	for _, bad := range []string{"", "r", "ehrs", "XXXX"} {
		if _, ok := Category(bad); ok {
			t.Errorf("Category(%q) exists", bad)
		}
	}
}

func TestPurposes(t *testing.T) {
	public := ""
	for _, p := range Purposes() {
		if got, ok := Purpose(p.Key); !ok || got != p {
			t.Errorf("Purpose(%s) = %+v", p.Key, got)
		}
		if p.PublicOnly {
			public += p.Key
		}
	}
	if public != "abc" {
		t.Errorf("reserved to public bodies: %s", public)
	}
	for _, bad := range []string{"", "g", "A", "SCIENTIFIC_RESEARCH"} {
		if _, ok := Purpose(bad); ok {
			t.Errorf("Purpose(%q) exists", bad)
		}
	}
	if len(ProhibitedUses()) != 5 {
		t.Errorf("%d prohibited uses", len(ProhibitedUses()))
	}
}

func TestCountries(t *testing.T) {
	eu, codes := 0, map[string]bool{}
	for _, c := range Countries() {
		if c.EU {
			eu++
		}
		if len(c.Code) != 2 || codes[c.Code] || c.Name != strings.ToUpper(c.Name) {
			t.Errorf("%+v", c)
		}
		codes[c.Code] = true
		byCode, ok1 := CountryByCode(c.Code)
		byName, ok2 := CountryByName(strings.ToLower(c.Name))
		if !ok1 || !ok2 || byCode != c || byName != c {
			t.Errorf("%s is not found by code and name", c.Code)
		}
	}
	if eu != 27 || len(codes) != 30 {
		t.Errorf("%d in the EU, %d in all", eu, len(codes))
	}
	for in, want := range map[string]string{"NETHERLANDS": "NL", "The Netherlands": "NL", "Czech Republic": "CZ", "FRANCE": "FR"} {
		if c, ok := CountryByName(in); !ok || c.Code != want {
			t.Errorf("%s is %s", in, c.Code)
		}
	}
	for _, bad := range []string{"", "UNITED KINGDOM", "NL", "SWITZERLAND"} {
		if _, ok := CountryByName(bad); ok {
			t.Errorf("CountryByName(%q) exists", bad)
		}
	}
	if _, ok := CountryByCode("nl"); ok {
		t.Error("codes are upper case")
	}
	Countries()[0].Code = "XX"
	if _, ok := CountryByCode("AT"); !ok {
		t.Error("a caller changed the table")
	}
}

func TestFormats(t *testing.T) {
	for key, want := range map[string]string{"a": FormatAnonymised, "b": FormatPseudonymised, "": "", "B": "", "c": ""} {
		if got, ok := FormatOfKey(key); got != want || ok != (want != "") {
			t.Errorf("%q is %q", key, got)
		}
	}
}
