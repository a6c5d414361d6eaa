package rems

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options configure the driver.
type Options struct {
	URL    string // of REMS, https; paths below it begin with /api
	APIKey string
	// Owner is the user who may create users (role owner or user-owner).
	Owner string
	// Handler is a user who handles every workflow applied to: the gateway's own, for its acts are not
	// taken for those of staff.
	Handler string
	Poll    time.Duration // between two looks at what changed; 0 looks each time
	// NotifySecret is what notifications of REMS carry as "Authorization: Bearer"; empty takes none.
	NotifySecret string
	MaxBody      int64 // bytes of one answer; 0 means DefaultMaxBody
	Mapping      Mapping
	// Visa verifies a visa of REMS and tells of whom and of which resource it is. Nil reads no visas.
	Visa func(raw string) (subject, resource string, err error)
}

// DefaultMaxBody bounds one answer of REMS, in bytes.
const DefaultMaxBody = 16 << 20

// Mapping says how an application becomes one of REMS, and what a permit grants where REMS does not say.
type Mapping struct {
	Version   int            `json:"version"`
	Body      string         `json:"body"` // part of decision ids: letters, digits, dot, dash
	Signatory ehds.Signatory `json:"signatory"`
	// Items are catalogue items of REMS by dataset_id. A dataset that is not listed is looked up in the
	// catalogue of REMS by its identifier.
	Items map[string]int `json:"items,omitempty"`
	// Licenses are those an applicant accepts by filing.
	Licenses []int   `json:"licenses,omitempty"`
	Fields   []Field `json:"fields"`
	// Attachments is the field of type attachment that takes the files; without it they cannot be handed
	// over, and an application with files is refused.
	Attachments *Place `json:"attachments,omitempty"`
	// AskField is the field of the form, SECTION.FIELD, that a return without marked fields is about.
	AskField string `json:"ask_field,omitempty"`
	// Withdraw is close or remark: what a withdrawal does in REMS.
	Withdraw string `json:"withdraw,omitempty"`
	Grant    Grant  `json:"grant,omitzero"`
}

// Place is a field of a form of REMS.
type Place struct {
	Form  int    `json:"form"`
	Field string `json:"field"`
}

// Field takes a value from an application to a field of REMS. From is a JSON pointer into the form, such
// as /section2/projectName, or one of the words title, application_id, case, version, catalogue, body,
// language, datasets and form (all of it, as JSON).
type Field struct {
	From string `json:"from"`
	Place
}

// Grant is what a permit grants where neither REMS nor the form says (Art. 68(10)).
type Grant struct {
	Fees           *ehds.Fees `json:"fees,omitempty"`
	Conditions     []string   `json:"conditions,omitempty"`
	DurationMonths int        `json:"duration_months,omitempty"` // at most
	SPE            string     `json:"spe,omitempty"`
	Tools          []string   `json:"tools,omitempty"`
	Categories     []string   `json:"categories,omitempty"` // for datasets whose categories nobody knows
}

// ErrMapping is returned for a mapping that is not one.
var ErrMapping = errors.New("rems: the mapping")

// What a withdrawal does in REMS.
const (
	withdrawClose  = "close"
	withdrawRemark = "remark"
)

// ParseMapping reads a mapping strictly: what it does not know, it refuses.
func ParseMapping(raw []byte) (Mapping, error) {
	var m Mapping
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrMapping, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%w: something follows the object", ErrMapping)
	}
	if m.Withdraw == "" {
		m.Withdraw = withdrawClose
	}
	return m, m.check()
}

func (m Mapping) check() error {
	wanting := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrMapping}, args...)...)
	}
	switch {
	case m.Version != 1:
		return wanting("only version 1 is known")
	case m.Body == "" || strings.ContainsAny(m.Body, " /\\"):
		return wanting("body: letters, digits, dots and dashes are wanted")
	case m.Signatory.Name == "" || m.Signatory.JobTitle == "":
		return wanting("signatory: name and job_title are wanted")
	case len(m.Fields) == 0:
		return wanting("fields: at least one field of REMS is wanted")
	case m.Withdraw != withdrawClose && m.Withdraw != withdrawRemark:
		return wanting("withdraw: close or remark is wanted")
	}
	seen := map[Place]bool{}
	for i, f := range m.Fields {
		if f.Form < 1 || f.Place.Field == "" || seen[f.Place] {
			return wanting("fields[%d]: a form from 1 and a field used once are wanted", i)
		}
		if !strings.HasPrefix(f.From, "/section") && !isWord(f.From) {
			return wanting("fields[%d].from: a pointer such as /section2/projectName is wanted, or title, case, form, …", i)
		}
		seen[f.Place] = true
	}
	if a := m.Attachments; a != nil && (a.Form < 1 || a.Field == "" || seen[*a]) {
		return wanting("attachments: a form from 1 and a field of its own are wanted")
	}
	if _, _, ok := sectionField(m.AskField); m.AskField != "" && !ok {
		return wanting("ask_field: SECTION.FIELD is wanted, such as 9.additionalInformation")
	}
	for _, c := range m.Grant.Categories {
		if k, ok := ehds.Category(c); !ok || k.Code != c {
			return wanting("grant.categories: Art. 51(1) has no category of this code")
		}
	}
	return nil
}

func (o Options) check() error {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return errors.New("rems: the URL is an https one, without query and user")
	}
	if o.APIKey == "" || o.Owner == "" || o.Handler == "" {
		return errors.New("rems: an API key, an owner of users and a handler are wanted")
	}
	return o.Mapping.check()
}
