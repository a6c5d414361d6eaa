package ehds

import "testing"

func TestParsePermitID(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     PermitID
		ok       bool
	}{
		{"one body", "DP-NL-2025-0001-v2", PermitID{"NL", "", 2025, 1, 2}, true},
		{"with a body", "DP-DE-RKI-2026-0042-v1", PermitID{"DE", "RKI", 2026, 42, 1}, true},
		{"code like a year", "DP-DE-2025-2026-0042-v1", PermitID{"DE", "2025", 2026, 42, 1}, true},
		{"long number", "DP-NL-2025-123456789-v9999", PermitID{"NL", "", 2025, 123456789, 9999}, true},
		{"another spelling of the number", "DP-NL-2025-00001-v2", PermitID{}, false},
		{"short number", "DP-NL-2025-001-v1", PermitID{}, false},
		{"version zero", "DP-NL-2025-0001-v0", PermitID{}, false},
		{"version with a zero", "DP-NL-2025-0001-v01", PermitID{}, false},
		{"no version", "DP-NL-2025-0001", PermitID{}, false},
		{"lower case", "dp-nl-2025-0001-v1", PermitID{}, false},
		{"newline at the end", "DP-NL-2025-0001-v1\n", PermitID{}, false},
		{"other digits", "DP-NL-2025-٠٠٠١-v1", PermitID{}, false},
		{"empty", "", PermitID{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParsePermitID(c.in)
			if (err == nil) != c.ok || got != c.want {
				t.Fatalf("ParsePermitID = %+v, %v", got, err)
			}
			if c.ok && got.String() != c.in {
				t.Errorf("String() = %q", got.String())
			}
		})
	}
}

func FuzzParsePermitID(f *testing.F) {
	for _, s := range []string{"DP-NL-2025-0001-v2", "DP-DE-RKI-2026-0042-v1", "DP-DE-2025-2026-0042-v1", "DP-NL-2025-00001-v2", "DP--", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePermitID(s)
		if err != nil {
			if p != (PermitID{}) {
				t.Fatalf("an error comes with %+v", p)
			}
			return
		}
		if p.String() != s {
			t.Fatalf("%q reads as %q", s, p.String())
		}
	})
}
