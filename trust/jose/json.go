package jose

// DecodeStrict decodes one JSON object into v.
func DecodeStrict(payload []byte, v any) error { return ErrJSON }

// CheckJSON checks one JSON object.
func CheckJSON(raw []byte, maxDepth int) error { return ErrJSON }

// Canonical returns the RFC 8785 form of raw.
func Canonical(raw []byte) ([]byte, error) { return nil, ErrJSON }

// ContentDigest returns the lower-case hex SHA-256 over the canonical form of
// payload without its top-level iat and exp.
func ContentDigest(payload []byte) (string, error) { return "", ErrJSON }
