package register

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Kind is a kind of entry.
type Kind string

// The kinds, with the duty each stands for.
const (
	KindApplication Kind = "application" // received (Art. 57(1)(j)(ii))
	KindDecision    Kind = "decision"    // for or against, with its reasons (Art. 57(1)(j)(iii))
	KindPermit      Kind = "permit"      // a version of a permit: who, which data, what for (Art. 58(1)(f))
	KindResult      Kind = "result"      // what came of it (Art. 58(1)(g), 61(4))
	KindMeasure     Kind = "measure"     // for non-compliance (Art. 57(1)(j)(iv), 63(7))
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{KindApplication, KindDecision, KindPermit, KindResult, KindMeasure}
}

// Entry is one entry. Everything in it is public.
type Entry struct {
	ID      string    `json:"id"`
	Kind    Kind      `json:"kind"`
	Date    time.Time `json:"date"`    // when it happened: received, decided, granted, published
	Updated time.Time `json:"updated"` // when the entry last changed

	Application     string               `json:"application_id,omitempty"`
	ApplicationKind ehds.ApplicationKind `json:"application_kind,omitempty"`
	Title           string               `json:"title,omitempty"`
	User            *User                `json:"user,omitempty"`
	Body            *Body                `json:"body,omitempty"` // none on the entry of a whole application
	Purposes        []string             `json:"purposes,omitempty"`
	Datasets        []Dataset            `json:"datasets,omitempty"`
	// Status is where the application, the decision or the permit stands: a value of TEHDAS2 D6.4, or
	// StatusReplaced.
	Status string `json:"status,omitempty"`

	Decision   string       `json:"decision_id,omitempty"`
	Outcome    ehds.Outcome `json:"outcome,omitempty"`
	Replaces   string       `json:"replaces,omitempty"` // the decision an appeal set aside
	Reasons    string       `json:"reasons,omitempty"`
	Conditions []string     `json:"conditions,omitempty"`

	Permit   string `json:"permit_id,omitempty"`
	Previous string `json:"previous,omitempty"` // the version it takes the place of
	// ReplacedBy is the version that takes its place: from the day after To on, or during that day.
	ReplacedBy string `json:"replaced_by,omitempty"`
	// From and To are full-dates, the first and the last day the version holds. A version whose place was
	// taken before it began has neither.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`

	Summary string   `json:"summary,omitempty"` // of results
	URLs    []string `json:"urls,omitempty"`    // of results, https only
	Measure string   `json:"measure,omitempty"`
	Against string   `json:"against,omitempty"` // USER | HOLDER

	// Erased says that the case is no longer on record: only its identifier and a date are left.
	Erased bool `json:"erased,omitempty"`
}

// User is who applied. A natural person is never named.
type User struct {
	Name    string `json:"name,omitempty"`
	Country string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Natural bool   `json:"natural_person,omitempty"`
}

// Body is a health data access body.
type Body struct {
	Entity string            `json:"entity"`
	Name   map[string]string `json:"name,omitempty"` // by language
}

// Dataset is a dataset asked for or granted.
type Dataset struct {
	ID     string            `json:"dataset_id"`
	Title  map[string]string `json:"title,omitempty"` // by language
	Holder string            `json:"holder,omitempty"`
	// Refused says why a decision in favour leaves the dataset out.
	Refused string `json:"refused,omitempty"`
}
