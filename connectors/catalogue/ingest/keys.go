package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
)

// Role is what a key may do.
type Role string

// The roles.
const (
	RolePublisher Role = "publisher" // push and take back
	RoleReader    Role = "reader"    // ask who it is
)

// Key is a caller. The key itself is known to its holder alone.
type Key struct {
	Name   string `json:"name"` // who has it; [a-z0-9-], shows in findings
	Role   Role   `json:"role"`
	SHA256 string `json:"sha256"` // of the key's characters, in lower-case hexadecimal
}

// ErrKeys is wrapped by every error of ParseKeys.
var ErrKeys = errors.New("ingest: the keys cannot be used")

var keyName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// ParseKeys reads {"keys": [{"name", "role", "sha256"}, …]}. There is at least one; names and digests are
// unique; other members are refused.
func ParseKeys(content []byte) ([]Key, error) {
	var in struct {
		Keys []Key `json:"keys"`
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return nil, fmt.Errorf(`%w: want {"keys": [{"name": …, "role": …, "sha256": …}]}`, ErrKeys)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows the JSON object", ErrKeys)
	}
	if len(in.Keys) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrKeys)
	}
	seen := map[string]bool{}
	for n, k := range in.Keys {
		raw, err := hex.DecodeString(k.SHA256)
		switch {
		case !keyName.MatchString(k.Name):
			return nil, fmt.Errorf("%w: key %d: a name is of a-z, 0-9 and hyphens", ErrKeys, n+1)
		case k.Role != RolePublisher && k.Role != RoleReader:
			return nil, fmt.Errorf("%w: key %q: the role is %q or %q", ErrKeys, k.Name, RolePublisher, RoleReader)
		case err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != k.SHA256:
			return nil, fmt.Errorf("%w: key %q: sha256 is 64 lower-case hexadecimal digits", ErrKeys, k.Name)
		case k.SHA256 == digest(""):
			return nil, fmt.Errorf("%w: key %q: that is the digest of an empty key", ErrKeys, k.Name)
		case seen[k.Name] || seen[k.SHA256]:
			return nil, fmt.Errorf("%w: key %q: name or digest occurs twice", ErrKeys, k.Name)
		}
		seen[k.Name], seen[k.SHA256] = true, true
	}
	return in.Keys, nil
}

// maxKeysFile bounds the file with the keys, in bytes.
const maxKeysFile = 1 << 20

// ReadKeys gives the content of the file with the keys, for Options.
func ReadKeys(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxKeysFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	case len(content) > maxKeysFile:
		return nil, fmt.Errorf("%w: the file is over 1 MiB", ErrKeys)
	}
	return content, nil
}

// digest is the SHA-256 of a text in hexadecimal.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
