package forge

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// PeekHeader reads a compact token's header for showing it, however wrong the rest is. Nothing in it may be
// believed.
func PeekHeader(token string) (map[string]any, error) {
	first, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return nil, fmt.Errorf("%w: header", ErrToken)
	}
	var header map[string]any
	if err := json.Unmarshal(raw, &header); err != nil {
		return nil, fmt.Errorf("%w: header", ErrToken)
	}
	return header, nil
}
