package wycheproof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// judge says whether trust/jose accepts a vector, and the rule that refused it.
type judge func(t *testing.T, g group, v vector) (accepted bool, rule string)

const kid = "vector"

// publicKey reads the key as a key set with one entry, as a peer would publish it.
func publicKey(members json.RawMessage, alg string) (jose.PublicKey, string) {
	var jwk map[string]any
	if err := json.Unmarshal(members, &jwk); err != nil || jwk == nil {
		return jose.PublicKey{}, "no JWK"
	}
	jwk["kid"], jwk["alg"] = kid, alg
	text, err := json.Marshal(map[string]any{"keys": []any{jwk}})
	if err != nil {
		return jose.PublicKey{}, err.Error()
	}
	set, err := jose.ParseKeySet(text)
	if err != nil {
		return jose.PublicKey{}, err.Error()
	}
	if len(set.Ignored) > 0 {
		return jose.PublicKey{}, set.Ignored[0].Reason
	}
	return set.Keys[0], ""
}

// judgeSignature verifies msg and sig as a token's signing input and signature.
func judgeSignature(alg string) judge {
	return func(t *testing.T, g group, v vector) (bool, string) {
		members := g.PublicKeyJWK
		if members == nil {
			members = g.KeyJWK
		}
		if members == nil {
			members = fromHex(t, g.PublicKey)
		}
		key, reason := publicKey(members, alg)
		if reason != "" {
			return false, reason
		}
		if v.Ctx != "" {
			return false, "context string"
		}
		return verify(key, alg, unhex(t, v.Msg), unhex(t, v.Sig))
	}
}

// fromHex makes the JWK of a group that gives its key in hexadecimal: an ML-DSA one, or a point.
func fromHex(t *testing.T, raw json.RawMessage) []byte {
	b64 := base64.RawURLEncoding
	var pub string
	if json.Unmarshal(raw, &pub) == nil {
		return marshal(t, map[string]string{"kty": "AKP", "pub": b64.EncodeToString(unhex(t, pub))})
	}
	var point struct {
		Uncompressed string `json:"uncompressed"`
	}
	if err := json.Unmarshal(raw, &point); err != nil || len(point.Uncompressed) != 130 {
		t.Fatalf("public key %s: %v", raw, err)
	}
	xy := unhex(t, point.Uncompressed[2:])
	return marshal(t, map[string]string{"kty": "EC", "crv": "P-256", "x": b64.EncodeToString(xy[:32]), "y": b64.EncodeToString(xy[32:])})
}

func verify(key jose.PublicKey, alg string, input, sig []byte) (bool, string) {
	token := jose.Token{Header: jose.Header{Alg: alg, Kid: key.Kid}, SigningInput: input, Signature: sig}
	err := token.Verify(key)
	return err == nil, jose.Rule(err)
}

// judgeSeed signs with the deterministic variant and compares.
func judgeSeed(t *testing.T, g group, v vector) (bool, string) {
	if v.Ctx != "" {
		return false, "context string"
	}
	if v.Msg == "" && v.Mu != "" {
		return false, "external mu"
	}
	key, err := jose.SignerFromSeed("ML-DSA-65", unhex(t, g.PrivateSeed))
	if err != nil {
		return false, jose.Rule(err)
	}
	sig, err := key.Signer.Sign(nil, unhex(t, v.Msg), nil)
	if err != nil {
		return false, err.Error()
	}
	return bytes.Equal(sig, unhex(t, v.Sig)), "another signature"
}

// judgeJWS takes a whole compact token apart and verifies its signature with the group's key. What the
// strict reader asks of header and payload is not asked here: no vector has a typ.
func judgeJWS(t *testing.T, g group, v vector) (bool, string) {
	members := g.Public
	if members == nil {
		members = g.Private
	}
	var jwk map[string]json.RawMessage
	if err := json.Unmarshal(members, &jwk); err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi"} { // what a signer publishes has none
		delete(jwk, private)
	}
	return tokenHolds(t, marshal(t, map[string]any{"keys": []any{jwk}}), v.JWS)
}

// judgeKeySet is judgeJWS for groups that give a whole set.
func judgeKeySet(t *testing.T, g group, v vector) (bool, string) {
	members := g.Public
	if members == nil {
		members = g.Private
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(members, &set) != nil || set.Keys == nil {
		members = marshal(t, map[string]any{"keys": []json.RawMessage{members}})
	}
	return tokenHolds(t, members, v.JWS)
}

func tokenHolds(t *testing.T, keySet []byte, compact string) (bool, string) {
	set, err := jose.ParseKeySet(keySet)
	if err != nil {
		return false, jose.Rule(err)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return false, "segments"
	}
	b64 := base64.RawURLEncoding.Strict()
	header, errHeader := b64.DecodeString(parts[0])
	_, errPayload := b64.DecodeString(parts[1])
	sig, errSig := b64.DecodeString(parts[2])
	if errHeader != nil || errPayload != nil || errSig != nil || strings.ContainsAny(compact, "\r\n") {
		return false, "base64"
	}
	if err := jose.CheckJSON(header, 0); err != nil {
		return false, jose.Rule(err)
	}
	var h map[string]string
	if json.Unmarshal(header, &h) != nil {
		return false, "header-member"
	}
	if _, critical := h["crit"]; critical {
		return false, "header-member"
	}
	key, err := set.Select(h["kid"], h["alg"], "sig")
	if err != nil {
		return false, jose.Rule(err) + because(set)
	}
	return verify(key, h["alg"], []byte(parts[0]+"."+parts[1]), sig)
}

func because(set jose.KeySet) string {
	if len(set.Ignored) > 0 {
		return ": " + set.Ignored[0].Reason
	}
	return ""
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
