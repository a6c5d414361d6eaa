package forge

import (
	"errors"
	"fmt"
	"testing"
)

func TestEmptyHeaderMembersAreRefused(t *testing.T) {
	k := newKey(t, AlgEd25519)
	for member, ok := range map[string]bool{
		``: true, `,"trust_chain":["a"]`: true, `,"cty":"x"`: true,
		`,"cty":""`: false, `,"cty":null`: false, `,"trust_chain":[]`: false, `,"trust_chain":null`: false,
		`,"trust_chain":["a",null]`: false, `,"peer_trust_chain":[]`: false,
	} {
		raw, err := SignBytes(k, fmt.Appendf(nil, `{"alg":%q,"kid":%q,"typ":"x+jwt"%s}`, k.Alg, k.Kid, member), []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(raw, "x+jwt"); (err == nil) != ok || err != nil && !errors.Is(err, ErrToken) {
			t.Errorf("%q: %v", member, err)
		}
	}
}
