package evidence

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// BundleVersion is the only version of the bundle's form.
const BundleVersion = "ehds-evidence-bundle/v1"

// Limits of a bundle.
const (
	maxBundleSize = 256 << 20
	maxEntries    = 100_000
)

// ErrBundle means that bytes are not an evidence bundle.
var ErrBundle = errors.New("not an evidence bundle")

// Directions of an entry, seen from the bundle's entity.
const (
	DirectionIn    = "in"
	DirectionOut   = "out"
	DirectionLocal = "local" // never left: a transition, a decision, a key change
)

// Bundle is everything one entity can show about a case, for a reader without gateway and network
// (wire profile §7). It carries no keys that a verifier may rely on: those come from the TrustFile.
type Bundle struct {
	Version     string             `json:"version"` // BundleVersion
	Case        string             `json:"case"`    // of every message in it; empty means of several
	Entity      string             `json:"entity"`  // whose bundle and whose log
	MadeAt      time.Time          `json:"made_at"` // unsigned; not before any message in it
	Entries     []Entry            `json:"entries"`
	Receipts    []PeerReceipt      `json:"receipts"`
	Checkpoints []string           `json:"checkpoints"` // signed notes, text
	Consistency []ConsistencyProof `json:"consistency,omitempty"`
	// Chains holds entity statements (OpenID Federation 1.1), leaf first, by entity; HistoricalKeys
	// the jwk-set+jwt by entity. Both are input for the SignatureChecker.
	Chains         map[string][]string `json:"chains"`
	HistoricalKeys map[string]string   `json:"historical_keys"`
}

// Entry is one leaf with its material.
type Entry struct {
	Class     Class  `json:"class"`
	Direction string `json:"direction"`
	// Token is what the leaf commits to: a compact JWS for messages and receipts, a text of the
	// gateway's own for local entries. Empty, like Salt, when the case was erased.
	Token string `json:"token,omitempty"`
	Salt  string `json:"salt,omitempty"` // standard base64
	Leaf  string `json:"leaf"`
	Proof string `json:"proof"`
}

// PeerReceipt is what a peer acknowledged; the receipt itself carries evidence in the peer's log.
type PeerReceipt struct {
	TokenSHA256 string `json:"token_sha256"` // lower-case hex, of a token among the entries
	Receipt     string `json:"receipt"`      // compact JWS
}

// ConsistencyProof shows that the tree of size To extends the one of size From; a verified
// checkpoint of each size must be in the bundle.
type ConsistencyProof struct {
	Origin string   `json:"origin"`
	From   int64    `json:"from"`
	To     int64    `json:"to"`
	Hashes []string `json:"hashes"` // RFC 6962 §2.1.2, base64
}

// NewConsistencyProof puts a proof from tlog.ProveTree in its text form.
func NewConsistencyProof(origin string, from, to int64, proof tlog.TreeProof) ConsistencyProof {
	c := ConsistencyProof{Origin: origin, From: from, To: to, Hashes: make([]string, len(proof))}
	for i, h := range proof {
		c.Hashes[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return c
}

// ParseBundle reads a bundle strictly: one JSON object, no unknown, duplicate or oddly cased members.
// It verifies nothing. Errors wrap ErrBundle.
func ParseBundle(data []byte) (Bundle, error) {
	var b Bundle
	if len(data) > maxBundleSize {
		return b, fmt.Errorf("%w: longer than %d bytes", ErrBundle, maxBundleSize)
	}
	if err := decodeStrict(data, &b, bundleMembers); err != nil {
		return Bundle{}, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if err := b.check(); err != nil {
		return Bundle{}, err
	}
	return b, nil
}

// Marshal writes the bundle as indented JSON with its version.
func (b Bundle) Marshal() ([]byte, error) {
	b.Version = BundleVersion
	if err := b.check(); err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	return append(out, '\n'), nil
}

func (b Bundle) check() error {
	switch {
	case b.Version != BundleVersion:
		return fmt.Errorf("%w: unknown version", ErrBundle)
	case b.Entity == "":
		return fmt.Errorf("%w: no entity", ErrBundle)
	case len(b.Entries)+len(b.Receipts)+len(b.Checkpoints)+len(b.Consistency) > maxEntries:
		return fmt.Errorf("%w: more than %d parts", ErrBundle, maxEntries)
	}
	for i, e := range b.Entries {
		if !utf8.ValidString(e.Token) { // JSON would change it silently
			return fmt.Errorf("%w: entries[%d]: the token is not text", ErrBundle, i)
		}
	}
	return nil
}
