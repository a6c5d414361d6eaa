package evidence

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

const maxTrustFile = 4 << 20

// ErrTrustFile means that a trust file cannot be used.
var ErrTrustFile = errors.New("not a usable trust file")

// TrustFile is what the reader of a bundle believes, obtained apart from the bundle: anchors, log
// keys, witnesses.
type TrustFile struct {
	Version   int           `json:"version"` // 1
	Anchors   []TrustAnchor `json:"anchors"`
	Logs      []TrustedLog  `json:"logs"`
	Witnesses []string      `json:"witnesses"` // vkeys, C2SP signed-note type 0x04
}

// TrustAnchor is a federation anchor with its pinned keys (RFC 7517 JWK Set); for the
// SignatureChecker, not read here.
type TrustAnchor struct {
	Entity string          `json:"entity"`
	JWKS   json.RawMessage `json:"jwks"`
}

// TrustedLog is one key of an entity's evidence log. A log with several keys is listed several times.
type TrustedLog struct {
	Entity string `json:"entity"`
	Origin string `json:"origin"`
	VKey   string `json:"vkey"`
}

// ParseTrustFile reads a trust file strictly and checks every key in it. Errors wrap ErrTrustFile.
func ParseTrustFile(data []byte) (TrustFile, error) {
	var t TrustFile
	if len(data) > maxTrustFile {
		return t, fmt.Errorf("%w: longer than %d bytes", ErrTrustFile, maxTrustFile)
	}
	if err := decodeStrict(data, &t, trustMembers); err != nil {
		return TrustFile{}, fmt.Errorf("%w: %w", ErrTrustFile, err)
	}
	if _, err := t.book(); err != nil {
		return TrustFile{}, err
	}
	return t, nil
}

// logBook is the trust file's log part, ready for use.
type logBook struct {
	byEntity  map[string]map[string][]note.Verifier // entity → origin → keys
	owner     map[string]string                     // origin → entity
	witnesses []note.Verifier
}

func (t TrustFile) book() (logBook, error) {
	book := logBook{byEntity: map[string]map[string][]note.Verifier{}, owner: map[string]string{}}
	if t.Version != 1 {
		return book, fmt.Errorf("%w: unknown version", ErrTrustFile)
	}
	seen := map[string]bool{}
	for i, l := range t.Logs {
		if owner, ok := book.owner[l.Origin]; l.Entity == "" || ok && owner != l.Entity {
			return book, fmt.Errorf("%w: logs[%d]: an origin belongs to exactly one entity", ErrTrustFile, i)
		}
		v, err := VerifierFor(l.VKey)
		if err != nil {
			return book, fmt.Errorf("%w: logs[%d]: %w", ErrTrustFile, i, err)
		}
		if _, witness := v.(*witnessVerifier); witness || v.Name() != l.Origin {
			return book, fmt.Errorf("%w: logs[%d]: not a log key named like the origin", ErrTrustFile, i)
		}
		if seen[l.VKey] {
			continue
		}
		seen[l.VKey] = true
		book.owner[l.Origin] = l.Entity
		if book.byEntity[l.Entity] == nil {
			book.byEntity[l.Entity] = map[string][]note.Verifier{}
		}
		book.byEntity[l.Entity][l.Origin] = append(book.byEntity[l.Entity][l.Origin], v)
	}
	for i, vkey := range t.Witnesses {
		v, err := VerifierFor(vkey)
		if err != nil {
			return book, fmt.Errorf("%w: witnesses[%d]: %w", ErrTrustFile, i, err)
		}
		if _, witness := v.(*witnessVerifier); !witness {
			return book, fmt.Errorf("%w: witnesses[%d]: not a cosignature key", ErrTrustFile, i)
		}
		if !seen[vkey] {
			book.witnesses = append(book.witnesses, v)
		}
		seen[vkey] = true
	}
	return book, nil
}

// keys returns the verifiers for a log of an entity, witnesses included; false when it is unknown.
func (b logBook) keys(entity, origin string) ([]note.Verifier, bool) {
	own := b.byEntity[entity][origin]
	if len(own) == 0 {
		return nil, false
	}
	return append(append([]note.Verifier(nil), own...), b.witnesses...), true
}
