package gate

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// The table has the fields of Release 7 as observed, in their shapes.
func TestFieldsOfRelease7(t *testing.T) {
	t.Parallel()
	var observed struct {
		Sections map[string]json.RawMessage `json:"sections"`
	}
	if err := json.Unmarshal(sharedFile(t, "form", "release-7-fields.json"), &observed); err != nil {
		t.Fatal(err)
	}
	shapeOf := map[string]shape{"string": Text, "boolean": Flag, "choice{key,value}": Choice, "choice{key,value}[]": Choices,
		"phone{number,countryCode,isoCode}": Phone, "attachments[{id,name,size}]": Files, "string[]": Texts,
		"string | choice{key,value}": TextOrChoice, "string | attachments[{id,name,size}]": TextOrFiles}
	n := 0
	for name, raw := range observed.Sections {
		fields := map[string]string{}
		number, isSection := strings.CutPrefix(name, "section")
		number, _, _ = strings.Cut(number, " ")
		section, err := strconv.Atoi(number)
		switch {
		case name == "tabulationPlanArray entry":
			continue
		case !isSection: // beside the sections
			section = 0
			fields[name] = ""
			if err := json.Unmarshal(raw, new(string)); err != nil {
				t.Fatal(err)
			}
		case err != nil:
			t.Fatal(name)
		default:
			if err := json.Unmarshal(raw, &fields); err != nil {
				t.Fatal(err)
			}
		}
		table := release7[section]
		if section == cohortSection {
			table = release7Cohort
		}
		if section > 0 && len(table) != len(fields) {
			t.Errorf("%s: %d fields, observed are %d", name, len(table), len(fields))
		}
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			got, known := table[field]
			want, plain := shapeOf[fields[field]]
			if !known || plain && got.shape != want || !plain && section > 0 && got.shape != Records {
				t.Errorf("%s.%s: %+v, observed is %s", name, field, got, fields[field])
			}
			n++
		}
	}
	if n < 200 {
		t.Errorf("only %d fields were compared", n)
	}
}

// The application observed on the wire is complete but for what the wire does not say: its language.
func TestTheObservedApplicationIsComplete(t *testing.T) {
	t.Parallel()
	b, wire, err := ReadApplication(sharedFile(t, "dispatcher", "application_metadata.json"))
	if err != nil || !wire {
		t.Fatal(err)
	}
	if got := found(Check(b, Options{Today: testDay})); !slices.Equal(got, []where{{"language", "/body/language"}}) {
		t.Errorf("found %v", got)
	}
	f := Read(b)
	from, to, ok := f.Period()
	if !f.PublicSector() || f.Format() != ehds.FormatPseudonymised || !slices.Equal(f.Purposes(), []string{"e", "a"}) || len(f.People()) != 2 ||
		!slices.Equal(f.Countries(), []string{"FR"}) || !ok || from.Year() != 2027 || to.Year() != 2029 || b.Datasets[0].Country != "FR" {
		t.Errorf("read %+v", f)
	}
}

func TestReadApplication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		kind ehds.ApplicationKind
		wire bool
		bad  bool
	}{
		"metadata":               {`{"application_type":"DATA_ACCESS_APPLICATION","form":{}}`, ehds.DataAccessApplication, true, false},
		"the list's spelling":    {`{"application_type":"request","form":{}}`, ehds.DataRequestApplication, true, false},
		"the short spelling":     {`{"application_type":"DATA_REQUEST","form":{}}`, ehds.DataRequestApplication, true, false},
		"body":                   {`{"kind":"DATA_REQUEST_APPLICATION","form":{}}`, ehds.DataRequestApplication, false, false},
		"body without kind":      {`{"form":{}}`, "", false, true},
		"metadata without form":  {`{"application_type":"request"}`, "", false, true},
		"metadata, form null":    {`{"application_type":"request","form":null}`, "", true, true},
		"datasets of a bad type": {`{"kind":"DATA_REQUEST_APPLICATION","form":{},"datasets":7}`, "", false, true},
		"list":                   {`[]`, "", false, true},
		"nothing":                {``, "", false, true},
	} {
		b, wire, err := ReadApplication([]byte(c.raw))
		if (err != nil) != c.bad || b.Kind != c.kind || wire != c.wire {
			t.Errorf("%s: %q %t %v", name, b.Kind, wire, err)
		}
	}
}
