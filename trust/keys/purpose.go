package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Purpose is what a key is for. A key serves one purpose only.
type Purpose string

// The purposes.
const (
	// Federation keys sign entity statements (OpenID Federation 1.1).
	Federation Purpose = "federation"
	// Exchange keys sign messages, receipts and responses.
	Exchange Purpose = "exchange"
	// Permit keys sign permits and status lists, nothing else.
	Permit Purpose = "permit"
	// Log keys sign the checkpoints of the evidence log (C2SP signed-note),
	// nothing else.
	Log Purpose = "log"
	// Record keys wrap the data keys of the record store; 32 random bytes.
	Record Purpose = "record"
)

// State is where a key stands in its life.
type State string

// The states.
const (
	// Next is published and does not sign yet.
	Next State = "next"
	// Active signs and is published.
	Active State = "active"
	// Retiring no longer signs and is still published.
	Retiring State = "retiring"
	// Revoked neither signs nor is published.
	Revoked State = "revoked"
)

var slug = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// slotFor checks purpose and owner.
func slotFor(purpose Purpose, owner string) (slot, error) {
	switch purpose {
	case Federation, Exchange, Permit, Record:
		if !slug.MatchString(owner) {
			return slot{}, fmt.Errorf("%w: %q is not a slug (a-z, 0-9, inner hyphens, at most 64)", ErrOwner, owner)
		}
	case Log:
		// C2SP signed-note: a key name is not empty and has no space or plus.
		if owner == "" || len(owner) > 255 || strings.ContainsFunc(owner, unfitInKeyName) {
			return slot{}, fmt.Errorf("%w: %q cannot name a log", ErrOwner, owner)
		}
	default:
		return slot{}, fmt.Errorf("%w: %q", ErrPurpose, purpose)
	}
	return slot{purpose, owner}, nil
}

func unfitInKeyName(r rune) bool {
	return r == '+' || r == unicode.ReplacementChar || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// signingSlot is slotFor for the purposes that sign tokens.
func signingSlot(purpose Purpose, owner string) (slot, error) {
	switch purpose {
	case Federation, Exchange, Permit:
		return slotFor(purpose, owner)
	}
	return slot{}, fmt.Errorf("%w: %q keys sign no tokens", ErrPurpose, purpose)
}

// fileName names the file of the slot's n-th key. An origin has characters
// that a file name cannot hold, so its hash stands for it.
func (at slot) fileName(n int) string {
	owner := at.owner
	if at.purpose == Log {
		sum := sha256.Sum256([]byte(owner))
		owner = hex.EncodeToString(sum[:16])
	}
	return fmt.Sprintf("%s.%s.%04d.json", at.purpose, owner, n)
}
