package ehds

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// CaseKind is the first part of a case identifier (wire profile §3).
type CaseKind string

// The kinds of case.
const (
	CaseApplication CaseKind = "app" // app:<application_id>
	CaseNational    CaseKind = "nat" // nat:<country>:<national id>
	CaseDataset     CaseKind = "ds"  // ds:<country>:<identifier at origin>
	CaseEnforcement CaseKind = "enf" // enf:<country>:<id>
	CaseReport      CaseKind = "rep" // rep:<country>:<period>
	CaseCatalogue   CaseKind = "cat" // cat:<country>:<id of one comparison> (ext-1)
)

// CaseID identifies what messages are about. Order and sealing keys follow the case.
type CaseID struct {
	Kind    CaseKind
	Country string // ISO 3166-1 alpha-2; empty for app:
	ID      string
}

// MaxCaseID is the longest case identifier accepted, in bytes.
const MaxCaseID = 512

// ErrCaseID is returned for an identifier of no known form.
var ErrCaseID = errors.New("not a case identifier")

var (
	countryForm     = regexp.MustCompile(`^[A-Z]{2}$`)
	applicationForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
)

// ParseCaseID reads a case identifier. Identifiers at origin may be any printable text, IRIs
// included, but no control characters or spaces.
func ParseCaseID(s string) (CaseID, error) {
	if len(s) > MaxCaseID {
		return CaseID{}, ErrCaseID
	}
	kind, rest, ok := strings.Cut(s, ":")
	if !ok {
		return CaseID{}, ErrCaseID
	}
	if CaseKind(kind) == CaseApplication {
		if !applicationForm.MatchString(rest) {
			return CaseID{}, ErrCaseID
		}
		return CaseID{Kind: CaseApplication, ID: rest}, nil
	}
	switch CaseKind(kind) {
	case CaseNational, CaseDataset, CaseEnforcement, CaseReport, CaseCatalogue:
	default:
		return CaseID{}, ErrCaseID
	}
	country, id, ok := strings.Cut(rest, ":")
	if !ok || id == "" || !countryForm.MatchString(country) || !printable(id) {
		return CaseID{}, ErrCaseID
	}
	return CaseID{Kind: CaseKind(kind), Country: country, ID: id}, nil
}

// String is the identifier as it travels.
func (c CaseID) String() string {
	if c.Kind == CaseApplication {
		return string(c.Kind) + ":" + c.ID
	}
	return string(c.Kind) + ":" + c.Country + ":" + c.ID
}

// Personal says whether messages of such a case may hold personal data, so that the record seals
// them with the case's own key.
func (k CaseKind) Personal() bool {
	return k == CaseApplication || k == CaseNational || k == CaseEnforcement
}

// DatasetCase is the case of one dataset of one nation. Spaces, control characters, bytes
// that are not UTF-8 and the percent sign are percent-encoded in the identifier at origin, so that
// every identifier has exactly one case and every case can be read back.
func DatasetCase(country, identifier string) CaseID {
	return CaseID{Kind: CaseDataset, Country: country, ID: escapeID(identifier)}
}

// ApplicationCase is the case of one application.
func ApplicationCase(id string) CaseID { return CaseID{Kind: CaseApplication, ID: id} }

// NationalCase is the case of an application that was filed with a national hub, under that hub's own
// id for it.
func NationalCase(country, id string) CaseID {
	return CaseID{Kind: CaseNational, Country: country, ID: escapeID(id)}
}

// PeriodCase is the case of the report over a period, which ends are full-dates.
func PeriodCase(country, from, to string) CaseID {
	return CaseID{Kind: CaseReport, Country: country, ID: from + "--" + to}
}

// MeasureCase is the case of a measure of a nation.
func MeasureCase(country, id string) CaseID {
	return CaseID{Kind: CaseEnforcement, Country: country, ID: id}
}

// ApplicationID is the id of the application a case is about; empty when it is about none.
func (c CaseID) ApplicationID() string {
	if c.Kind == CaseApplication || c.Kind == CaseNational {
		return c.ID
	}
	return ""
}

func printable(s string) bool {
	for _, r := range s {
		if !allowedRune(r) {
			return false
		}
	}
	return true
}

// allowedRune refuses spaces, control characters and what stands for broken UTF-8.
func allowedRune(r rune) bool {
	return r > 0x20 && (r < 0x7f || r >= 0xa0) && r != utf8.RuneError
}

// escapeID percent-encodes the bytes of every rune that printable refuses, and the percent sign.
func escapeID(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if allowedRune(r) && r != '%' {
			b.WriteString(s[i : i+n])
		} else {
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
		i += n
	}
	return b.String()
}

// Identifier is the identifier at origin that a dataset's case was made of.
func (c CaseID) Identifier() (string, error) {
	id, err := url.PathUnescape(c.ID)
	if err != nil || c.Kind != CaseDataset {
		return "", ErrCaseID
	}
	return id, nil
}
