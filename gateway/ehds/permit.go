package ehds

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// PermitClaims is the claims set of an ehds-permit+jwt (wire profile §6; contents: Art. 68(10)).
type PermitClaims struct {
	Iss    string       `json:"iss"` // the health data access body
	Sub    string       `json:"sub"` // opaque per permit holder and body
	Jti    string       `json:"jti"` // the permit id
	Iat    int64        `json:"iat"`
	Nbf    int64        `json:"nbf"`
	Exp    int64        `json:"exp"`
	Permit PermitDetail `json:"permit"`
	Status PermitStatus `json:"status"`
}

// PermitKind tells a data permit from an authorised participant's approval (Art. 68(8)).
type PermitKind string

// The kinds.
const (
	KindDataPermit     PermitKind = "DATA_PERMIT"
	KindAccessApproval PermitKind = "ACCESS_APPROVAL"
)

// MaxPermitYears is the longest duration of a permit, and of its one renewal, Art. 68(12).
const MaxPermitYears = 10

// PermitDetail carries Art. 68(10)(a) to (h).
type PermitDetail struct {
	Kind          PermitKind       `json:"kind"`
	ApplicationID string           `json:"application_id"`
	DecisionID    string           `json:"decision_id"`
	Version       int              `json:"version"`
	Previous      string           `json:"previous,omitempty"`
	Data          PermitData       `json:"data"`              // (a)
	Purposes      []string         `json:"purposes"`          // (b) keys of Art. 53(1)
	OptOut        PermitOptOut     `json:"opt_out_exception"` // (c)
	Persons       []PermitPerson   `json:"authorised_persons"`
	Investigator  string           `json:"principal_investigator"`
	Duration      PermitDuration   `json:"duration"` // (e)
	SPE           PermitSPE        `json:"spe"`      // (f)
	Fees          *Fees            `json:"fees,omitempty"`
	Conditions    []string         `json:"conditions"` // (h)
	Granted       []GrantedDataset `json:"granted_datasets"`
}

// PermitData is Art. 68(10)(a): what data, in which form.
type PermitData struct {
	Categories []string `json:"categories"` // codes of Art. 51(1)
	Format     string   `json:"format"`     // ANONYMISED | PSEUDONYMISED
	Sources    []string `json:"sources"`
}

// PermitOptOut is Art. 68(10)(c), and the instant opt-outs are held against.
type PermitOptOut struct {
	Applied bool   `json:"applied"`
	Reason  string `json:"reason,omitempty"`
	// Until is when the permit was issued as far as opt-outs are concerned, RFC 3339: who opted out by
	// then is left out of the data, later opt-outs do not affect it (Art. 71). With the exception applied
	// it is empty. The issuer sets it.
	Until string `json:"until,omitempty"`
}

// PermitPerson is a person authorised to access the data, Art. 68(10)(d).
type PermitPerson struct {
	Name        string `json:"name"`
	Affiliation string `json:"affiliation,omitempty"`
}

// PermitDuration is Art. 68(10)(e); dates are RFC 3339 full-date.
type PermitDuration struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// PermitSPE is the secure processing environment, Art. 68(10)(f).
type PermitSPE struct {
	Operator string   `json:"operator"`
	Tools    []string `json:"tools,omitempty"`
}

// GrantedDataset is one dataset granted, by holder.
type GrantedDataset struct {
	Holder    string `json:"holder"`
	DatasetID string `json:"dataset_id"`
	CatalogID string `json:"catalog_id,omitempty"`
	CentralID string `json:"central_id,omitempty"`
}

// PermitStatus refers to the status list (Token Status List draft §6): revocation lives outside the
// permit's signature.
type PermitStatus struct {
	StatusList StatusRef `json:"status_list"`
}

// StatusRef is an index in a status list.
type StatusRef struct {
	Idx int64  `json:"idx"`
	URI string `json:"uri"`
}

// Status list values, two bits (Token Status List draft §7.1).
const (
	StatusValid     = 0
	StatusInvalid   = 1
	StatusSuspended = 2
)

// PermitID is a permit's name: DP-<country>-<hdab code>-<year>-<n>-v<version>. The code may drop
// where a country has one body (TEHDAS2 D6.4 §9.3).
type PermitID struct {
	Country string
	HDAB    string
	Year    int
	Number  int
	Version int
}

// ErrPermitID is returned for a string that is no permit identifier.
var ErrPermitID = errors.New("not a permit identifier")

var permitForm = regexp.MustCompile(`^DP-([A-Z]{2})-(?:([A-Z0-9]{1,16})-)?(\d{4})-(\d{4,9})-v([1-9]\d{0,3})$`)

// String is the identifier.
func (p PermitID) String() string {
	code := ""
	if p.HDAB != "" {
		code = p.HDAB + "-"
	}
	return fmt.Sprintf("DP-%s-%s%04d-%04d-v%d", p.Country, code, p.Year, p.Number, p.Version)
}

// ParsePermitID reads a permit identifier. A four-digit body code is ambiguous with a year only
// when the rest does not match; the pattern decides.
func ParsePermitID(s string) (PermitID, error) {
	m := permitForm.FindStringSubmatch(s)
	if m == nil {
		return PermitID{}, ErrPermitID
	}
	p := PermitID{Country: m[1], HDAB: m[2]}
	for _, f := range []struct {
		to   *int
		from string
	}{{&p.Year, m[3]}, {&p.Number, m[4]}, {&p.Version, m[5]}} {
		n, err := strconv.Atoi(f.from)
		if err != nil {
			return PermitID{}, ErrPermitID
		}
		*f.to = n
	}
	if p.String() != s { // one permit, one spelling: no further leading zeros
		return PermitID{}, ErrPermitID
	}
	return p, nil
}
