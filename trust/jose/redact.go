package jose

import (
	"bytes"
	"encoding/json"
	"slices"
)

// redacted stands in the place of a secret.
const redacted = "(secret, not shown)"

// Redact returns JSON for showing to people: every JWK in it keeps its public
// members and loses the value of those that are private or symmetric key
// material. A text without any is returned as it is, and so is one that is not
// JSON. Any object in a list called keys, or with a kty, crv, n or pub,
// counts as a JWK.
func Redact(raw []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || !redact(v, false) {
		return raw
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return []byte(`"` + redacted + `"`) // decoded above, so it has a JSON form
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// redact changes v in place and says whether it did. asKeys says that the
// objects of a list are keys, whatever they look like.
func redact(v any, asKeys bool) (changed bool) {
	switch x := v.(type) {
	case []any:
		for _, e := range x {
			object, ok := e.(map[string]any)
			if ok && asKeys {
				changed = redactObject(object, true) || changed
				continue
			}
			changed = redact(e, false) || changed
		}
	case map[string]any:
		return redactObject(x, looksLikeJWK(x))
	}
	return changed
}

func redactObject(object map[string]any, key bool) (changed bool) {
	for name, value := range object {
		if key && slices.Contains(privateMembers, name) {
			object[name], changed = redacted, true
			continue
		}
		changed = redact(value, name == "keys") || changed
	}
	return changed
}

func looksLikeJWK(object map[string]any) bool {
	return slices.ContainsFunc([]string{"kty", "crv", "n", "pub"}, func(name string) bool {
		_, ok := object[name]
		return ok
	})
}
