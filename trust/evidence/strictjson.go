package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

const maxJSONDepth = 16

// The members of the two files, in their one spelling.
var (
	bundleMembers = []string{"version", "case", "entity", "made_at", "entries", "receipts", "checkpoints",
		"consistency", "chains", "historical_keys", "class", "direction", "token", "salt", "leaf", "proof",
		"token_sha256", "receipt", "origin", "from", "to", "hashes"}
	trustMembers = []string{"version", "anchors", "logs", "witnesses", "entity", "jwks", "origin", "vkey"}
)

// decodeStrict decodes one JSON value without unknown members, and without what encoding/json would
// let pass: duplicate members, members differing from a known one only in case, invalid UTF-8,
// trailing data, great depth.
func decodeStrict(data []byte, into any, members []string) error {
	if !utf8.Valid(data) {
		return errors.New("invalid UTF-8")
	}
	if err := checkMembers(json.NewDecoder(bytes.NewReader(data)), members); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return errors.New("wrong type or unknown member")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the end")
	}
	return nil
}

// scope is one open object or array while walking the tokens; seen is nil for an array.
type scope struct {
	seen  map[string]bool
	isKey bool // the next string is a member name
}

func checkMembers(dec *json.Decoder, members []string) error {
	var open []scope
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 {
			return nil
		}
		if err != nil {
			return errors.New("not JSON")
		}
		top := len(open) - 1
		if d, ok := tok.(json.Delim); ok && (d == '}' || d == ']') {
			open = open[:top]
			continue
		}
		if top >= 0 && open[top].isKey {
			name, _ := tok.(string)
			if open[top].seen[name] || misspelt(name, members) {
				return errors.New("duplicate or misspelt member")
			}
			open[top].seen[name], open[top].isKey = true, false
			continue
		}
		if top >= 0 && open[top].seen != nil {
			open[top].isKey = true
		}
		switch tok {
		case json.Delim('{'):
			open = append(open, scope{seen: map[string]bool{}, isKey: true})
		case json.Delim('['):
			open = append(open, scope{})
		}
		if len(open) > maxJSONDepth {
			return errors.New("nested too deep")
		}
	}
}

func misspelt(name string, members []string) bool {
	for _, m := range members {
		if name != m && strings.EqualFold(name, m) {
			return true
		}
	}
	return false
}
