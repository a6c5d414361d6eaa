package generate

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// The entities of the world.
const (
	us     = "https://ncp.de.test"          // who reads
	anchor = "https://anchor.test"          // pinned
	centre = "https://centre.test"          // onboarded
	french = "https://ncp.fr.test"          // onboarded
	body   = "https://ncp.fr.test/hdab/hdh" // onboarded, signs permits
	roman  = "https://ncp.it.test"          // not onboarded: known by the chains it brings
	canary = "https://canary.stranger.test" // nobody vouches for it, nobody may call it
	typMsg = "ehds-message+jwt"
	typRec = "ehds-receipt+jwt"
	typPer = "ehds-permit+jwt"
)

// now is when vectors are read: 1 March 2027, noon UTC.
func now() int64 { return time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC).Unix() }

// life is how long statements live, in seconds.
const life = 12 * 3600

// key is the key of a name, the same in every run. A name that starts with "es256 " gives a P-256
// key, all others Ed25519.
func key(name string) *forge.Key {
	alg := forge.AlgEd25519
	if len(name) > 6 && name[:6] == "es256 " {
		alg = forge.AlgES256
	}
	seed := sha256.Sum256([]byte("ehdsgw hostile vector key of " + name))
	k, err := forge.NewKey(alg, bytes.NewReader(seed[:]))
	if err != nil {
		panic(err) // a hash is a fit seed; a name whose hash is none would be changed here
	}
	return k
}

func fedKey(entity string) *forge.Key      { return key(entity + " federation") }
func exchangeKey(entity string) *forge.Key { return key(entity + " exchange") }
func es256Key(entity string) *forge.Key    { return key("es256 " + entity + " exchange") }
func permitKey(entity string) *forge.Key   { return key(entity + " permit") }

// claims are the members of a payload; changed gives a copy with pairs of name and value changed, a
// nil value deletes.
type claims map[string]any

func (c claims) changed(pairs ...any) claims {
	out := maps.Clone(c)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(out, pairs[i].(string))
			continue
		}
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// raw is JSON in a spelling of its own.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

// message are the claims of an honest message of the centre to us.
func message() claims {
	return claims{
		"iss": centre, "aud": us, "iat": now(), "exp": now() + 3600, "jti": "0195519a-3a00-7000-8000-000000000001",
		"type": "dataset.response", "profile": "hdeu-r6", "case": "ds:DE:example-1", "seq": 1,
		"body": map[string]any{"status": "VALIDATED", "findings": []any{}},
	}
}

// sign signs claims under the honest header of a key.
func sign(k *forge.Key, typ string, c any) string { return must(forge.Sign(k, typ, c)) }

// signHeader signs claims under a header in a spelling of its own.
func signHeader(k *forge.Key, header string, c any) string {
	return must(forge.SignBytes(k, []byte(header), encode(c)))
}

// signPayload signs a payload in a spelling of its own.
func signPayload(k *forge.Key, payload string) string {
	return must(forge.SignBytes(k, []byte(header(k, typMsg)), []byte(payload)))
}

// header is the honest header of a key.
func header(k *forge.Key, typ string) string {
	return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, k.Alg, k.Kid, typ)
}

func encode(v any) []byte {
	if r, ok := v.(json.RawMessage); ok {
		return r
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain maps
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the generator's own input: nothing here comes from outside
	}
	return v
}

// expectMessage is what we accept as a message.
func expectMessage() vectors.Expect {
	return vectors.Expect{Typ: typMsg, Audience: us, Purpose: "exchange", MaxLifetime: 86400, Marks: []string{"central-platform", "ncp"}}
}

// asMessage is a token read as a message.
func asMessage(token string) vectors.Document {
	return vectors.Document{Expect: expectMessage(), Token: token}
}
