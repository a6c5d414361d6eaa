package documents

import (
	"regexp"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Kind is a kind of document.
type Kind string

// The kinds.
const (
	Decision  Kind = "decision"   // a positive decision that leads to no permit (Art. 69(4))
	PrePermit Kind = "pre-permit" // a positive decision with the permit it leads to, unsigned (TEHDAS2 D6.4 §9)
	Permit    Kind = "permit"
	Refusal   Kind = "refusal"
	Appeal    Kind = "appeal" // the outcome of an appeal
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Decision, PrePermit, Permit, Refusal, Appeal} }

// MediaType is the media type of every document.
const MediaType = "application/pdf"

// Facts are what a document says.
type Facts struct {
	Kind     Kind
	Language string         // BCP 47, of the case
	Issued   time.Time      // when the decision was issued: the document's date
	Zone     *time.Location // of the body, whose local time decides the day; nil is UTC
	Body     Body

	Application Application
	Card        *ehds.DecisionBody // Decision, PrePermit, Refusal
	AnswerBy    string             // RFC 3339 full-date: the last day to answer a positive decision
	Grant       *ehds.PermitDetail // PrePermit, Permit
	Permit      *PermitFacts       // Permit
	Appeal      *AppealFacts       // Appeal

	// Files are embedded. The first one with Signed set is named as the signed original.
	Files []File
}

// Body is the health data access body that decided.
type Body struct{ Name, Entity string }

// Application is what the document says of the application.
type Application struct {
	ID        string
	Kind      ehds.ApplicationKind
	Title     string
	Version   int
	Submitted time.Time
	Datasets  []string // their titles, or their ids
}

// PermitFacts are what stands in a permit besides what it grants.
type PermitFacts struct {
	ID, Previous string
	From, To     time.Time // To is the first instant after its last day
	StatusList   string
	StatusIndex  int64
}

// AppealFacts are the outcome of an appeal.
type AppealFacts struct {
	ID, DecisionID string
	Approved       bool
	Reasons        string
}

// File is a file inside a document.
type File struct {
	Name      string // ASCII letters, digits, '.', '-' and '_'
	MediaType string
	Signed    bool
	Content   []byte
}

// What can be embedded: names and media types that mean the same to every reader.
var (
	fileName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	mediaType = regexp.MustCompile(`^[a-z]+/[A-Za-z0-9][A-Za-z0-9.+-]{0,99}$`)
)

// Document is a document made.
type Document struct {
	Kind     Kind
	Language string // the one it is in
	Name     string // file name
	Content  []byte // PDF
	Findings []Finding
}

// Finding is what staff should know of a document. The document says so too.
type Finding string

// The findings.
const (
	Shortened Finding = "shortened" // a text is longer than a document shows
	Replaced  Finding = "replaced"  // characters the typeface does not have
	Language  Finding = "language"  // there is no template in the language of the case: it is in English
)
