package ehds

import (
	"errors"
	"regexp"
	"strings"
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
	case CaseNational, CaseDataset, CaseEnforcement, CaseReport:
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

// DatasetCase is the case of one dataset of one nation. Spaces and control characters in the
// identifier at origin are percent-encoded, so that every identifier has exactly one case.
func DatasetCase(country, identifier string) CaseID {
	return CaseID{Kind: CaseDataset, Country: country, ID: escapeID(identifier)}
}

// ApplicationCase is the case of one application.
func ApplicationCase(id string) CaseID { return CaseID{Kind: CaseApplication, ID: id} }

func printable(s string) bool {
	for _, r := range s {
		if r <= 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0xfffd {
			return false
		}
	}
	return true
}

func escapeID(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= 0x20 || c == 0x7f || c == '%' {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
