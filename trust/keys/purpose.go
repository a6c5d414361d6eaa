package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
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
	// Sealing keys open what peers seal for us (HPKE in JWE, wire profile §3).
	// They sign nothing.
	Sealing Purpose = "sealing"
	// Visa keys sign GA4GH visas and passports (wire profile §6), nothing else.
	Visa Purpose = "visa"
)

// The algorithms of keys made here (RFC 9864; RFC 7518 §3.4; RFC 9964;
// draft-ietf-jose-pq-composite-sigs).
const (
	Ed25519   = "Ed25519"
	ES256     = "ES256"
	MLDSA65   = "ML-DSA-65"
	Composite = "ML-DSA-65-Ed25519"
)

// Algorithms are those a purpose may have keys of, the usual one first. Keys of several may be active
// side by side. It is nil for a purpose whose keys are not rotated.
func (p Purpose) Algorithms() []string {
	switch p {
	case Federation:
		return []string{Ed25519, ES256}
	case Exchange, Permit:
		return []string{Ed25519, ES256, MLDSA65, Composite}
	case Visa:
		return []string{ES256}
	case Sealing:
		return []string{HPKE3, HPKE0, HPKE10}
	}
	return nil
}

// Publication is how long a next key is published before it signs: the longest life of the entity
// configuration that shows it (wire profile §1). A sealing key is used by those who see it, and waits
// for nobody.
func (p Purpose) Publication() time.Duration {
	if p == Sealing {
		return 0
	}
	return 24 * time.Hour
}

// Overlap is how long a retired key stays published: until the last token it signed has expired, and
// 14 days at least (wire profile §1). A permit is good for ten years and may be extended (Art. 68(12)
// of Regulation (EU) 2025/327), a visa for 30 days.
func (p Purpose) Overlap() time.Duration {
	const day = 24 * time.Hour
	switch p {
	case Permit:
		return 10*366*day + day
	case Visa:
		return 31 * day
	}
	return 15 * day // a message on as4 or spool lives 14 days; one more for clocks and iat
}

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
	// Historical is over: not published, and listed among the historical keys.
	Historical State = "historical"
	// Revoked neither signs nor is published, and is listed as revoked.
	Revoked State = "revoked"
)

var slug = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$`)

// slotFor checks purpose and owner.
func slotFor(purpose Purpose, owner string) (slot, error) {
	switch purpose {
	case Federation, Exchange, Permit, Visa, Sealing, Record:
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
	if purpose.Algorithms() == nil || purpose == Sealing {
		return slot{}, fmt.Errorf("%w: %q keys sign no tokens", ErrPurpose, purpose)
	}
	return slotFor(purpose, owner)
}

// rotatingSlot is slotFor for the purposes whose keys rotate, and one of their algorithms.
func rotatingSlot(purpose Purpose, owner, alg string) (slot, error) {
	at, err := slotFor(purpose, owner)
	if err == nil && purpose.Algorithms() == nil {
		err = fmt.Errorf("%w: %q keys are not rotated", ErrPurpose, purpose)
	}
	if err != nil {
		return slot{}, err
	}
	if !slices.Contains(purpose.Algorithms(), alg) {
		return slot{}, fmt.Errorf("%w: %s keys have %s, not %q", ErrAlg, purpose, strings.Join(purpose.Algorithms(), " or "), alg)
	}
	return at, nil
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
