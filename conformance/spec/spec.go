// Package spec holds what the gateway is held to, as data: requirements with their source and level.
//
// It is for the conformance suite and for the documents made from it. The wording is this project's; the
// identifiers are the sources'. A public matrix gives one wording for a range of identifiers in several
// places: a row keeps the range together.
package spec

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed requirements.json
var requirements []byte

// Requirement is one requirement, or several that a source words together.
type Requirement struct {
	IDs    []string `json:"ids"`
	Source string   `json:"source"`
	Level  string   `json:"level"` // RFC 2119 words; several where the identifiers differ
	Actor  string   `json:"actor"` // who it binds
	What   string   `json:"what"`
	// Untested is why no test can show it, where none can.
	Untested string `json:"untested,omitempty"`
}

// Requirements lists them in the order of the source.
func Requirements() ([]Requirement, error) {
	var out []Requirement
	d := json.NewDecoder(bytes.NewReader(requirements))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("requirements.json: %w", err)
	}
	return out, nil
}
