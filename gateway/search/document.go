package search

import (
	"errors"
	"time"
)

// Origin says whose description it is.
type Origin string

// The origins.
const (
	Own Origin = "own" // published by this gateway
	EU  Origin = "eu"  // of the EU catalogue, as the centre shows it
)

// Document is one description as it is searched and listed.
type Document struct {
	// Key is unique in the index: the origin, a colon, and the case id or the centre's identifier.
	Key    string `json:"key"`
	Origin Origin `json:"origin"`
	// Country is an ISO 3166-1 alpha-2 code, or empty when unknown.
	Country string `json:"country,omitempty"`
	// Identifier is the identifier at origin, CentralID the centre's, IRI the dataset's.
	Identifier string `json:"identifier,omitempty"`
	CentralID  string `json:"central_id,omitempty"`
	IRI        string `json:"iri,omitempty"`
	// Title and Description are by lower-case language tag, "und" without one.
	Title       map[string]string   `json:"title,omitempty"`
	Description map[string]string   `json:"description,omitempty"`
	Keywords    map[string][]string `json:"keywords,omitempty"`
	// Categories are the codes of Art. 51(1); Themes codes or IRIs; Access PUBLIC, RESTRICTED or NON_PUBLIC.
	Categories []string `json:"categories,omitempty"`
	Themes     []string `json:"themes,omitempty"`
	Access     string   `json:"access_rights,omitempty"`
	Publisher  string   `json:"publisher,omitempty"`
	HDAB       string   `json:"hdab,omitempty"`
	// Modified is when it last changed where it is from; zero when unknown.
	Modified time.Time `json:"modified,omitzero"`
	// Version tells two states of one description apart, such as its digest; without a space.
	Version string `json:"version"`
	// Content is the description as N-Quads where the index keeps it: for what can be fetched again.
	Content []byte `json:"-"`
}

// Facet is a property whose values are counted among what is found.
type Facet string

// The facets.
const (
	ByCountry  Facet = "country"
	ByCategory Facet = "category"
	ByTheme    Facet = "theme"
	ByAccess   Facet = "access"
	ByOrigin   Facet = "origin"
)

// Facets lists all, in the order they are shown.
func Facets() []Facet { return []Facet{ByCountry, ByCategory, ByTheme, ByAccess, ByOrigin} }

// Count is how often a value occurs among what is found.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// Result is one page of what was found.
type Result struct {
	Total int               `json:"total"`
	Hits  []Document        `json:"hits"` // without Content
	Count map[Facet][]Count `json:"facets"`
}

// Errors of the index.
var (
	ErrQuery   = errors.New("not a query") // with the reason
	ErrClosed  = errors.New("the search index is closed")
	ErrDamaged = errors.New("the search index is damaged") // Reset mends it
)
