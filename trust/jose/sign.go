package jose

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
)

// SigningKey is a key that signs. Signer may live in memory or in a device.
type SigningKey struct {
	// Kid is the RFC 7638 thumbprint of the signer's public key.
	Kid string
	// Alg is "Ed25519", "ES256", "ML-DSA-65" or "ML-DSA-65-Ed25519".
	Alg string
	// Signer makes the signatures.
	Signer crypto.Signer
}

// NewSigningKey fills kid and alg from the signer's public key: Ed25519,
// ECDSA on P-256, ML-DSA-65 or the composite; anything else is ErrKey.
func NewSigningKey(s crypto.Signer) (SigningKey, error) {
	if s == nil {
		return SigningKey{}, ErrKey
	}
	kid, err := Thumbprint(s.Public())
	if err != nil {
		return SigningKey{}, err
	}
	for _, a := range algorithms {
		if a.sign != nil && a.fits(s.Public()) {
			return SigningKey{Kid: kid, Alg: a.name, Signer: s}, nil
		}
	}
	return SigningKey{}, ErrKey
}

// Public returns the verification key with use "sig", as it is published.
func (k SigningKey) Public() (PublicKey, error) {
	if _, err := k.check(); err != nil {
		return PublicKey{}, err
	}
	return PublicKey{Kid: k.Kid, Alg: k.Alg, Use: "sig", Key: k.Signer.Public()}, nil
}

func (k SigningKey) check() (algorithm, error) {
	alg, ok := algorithmNamed(k.Alg)
	if !ok || alg.sign == nil {
		return algorithm{}, ErrAlg
	}
	if k.Signer == nil || !alg.fits(k.Signer.Public()) {
		return algorithm{}, fmt.Errorf("%w: type or curve", ErrKey)
	}
	kid, err := Thumbprint(k.Signer.Public())
	if err != nil {
		return algorithm{}, err
	}
	if kid != k.Kid {
		return algorithm{}, fmt.Errorf("%w: kid is not the thumbprint", ErrKey)
	}
	return alg, nil
}

// SignOptions are the optional header members of a signed token.
type SignOptions struct {
	// TrustChain and PeerTrustChain are written when not empty.
	TrustChain, PeerTrustChain []string
	// Cty is written when not empty.
	Cty string
	// Extra are further header members, written sorted by name. Members of
	// the closed set, crit, b64, jwk, x5u and x5c are refused.
	Extra map[string]any
}

// Sign makes a compact JWS with the given typ over payload, which must pass
// [CheckJSON] with the default depth; it is signed as it stands. The header's
// kid is the RFC 7638 thumbprint of the key, which k.Kid must equal. What a
// signer outside this process returns is verified before it is released.
// Errors have a [Rule].
func Sign(k SigningKey, typ string, o SignOptions, payload []byte) (string, error) {
	alg, err := k.check()
	if err != nil {
		return "", err
	}
	if typ == "" {
		return "", ErrTyp
	}
	if err := CheckJSON(payload, DefaultMaxDepth); err != nil {
		return "", fmt.Errorf("%w (payload)", err)
	}
	return sign(k, alg, typ, o, payload)
}

// sign is Sign for a payload of any kind.
func sign(k SigningKey, alg algorithm, typ string, o SignOptions, payload []byte) (string, error) {
	header, err := signHeader(k, typ, o)
	if err != nil {
		return "", err
	}
	size := alg.size(k.Signer.Public())
	b64 := base64.RawURLEncoding
	token := make([]byte, 0, b64.EncodedLen(len(header))+b64.EncodedLen(len(payload))+b64.EncodedLen(size)+2)
	token = b64.AppendEncode(token, header)
	token = append(token, '.')
	token = b64.AppendEncode(token, payload)
	sig, err := alg.sign(k.Signer, token)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if len(sig) != size || !inMemory(k.Signer) && alg.verify(k.Signer.Public(), token, sig) != nil {
		return "", fmt.Errorf("%w: signer returned a bad signature", ErrSignature)
	}
	token = append(token, '.')
	return string(b64.AppendEncode(token, sig)), nil
}

func signHeader(k SigningKey, typ string, o SignOptions) ([]byte, error) {
	type member struct {
		name  string
		value any
	}
	members := []member{{"alg", k.Alg}, {"kid", k.Kid}, {"typ", typ}}
	if o.Cty != "" {
		members = append(members, member{"cty", o.Cty})
	}
	if len(o.TrustChain) > 0 {
		members = append(members, member{"trust_chain", o.TrustChain})
	}
	if len(o.PeerTrustChain) > 0 {
		members = append(members, member{"peer_trust_chain", o.PeerTrustChain})
	}
	for _, name := range slices.Sorted(maps.Keys(o.Extra)) {
		if slices.Contains(closedHeaders, name) || slices.Contains(neverHeaders, name) {
			return nil, ErrHeaderMember
		}
		members = append(members, member{name, o.Extra[name]})
	}
	var out bytes.Buffer
	for i, m := range members {
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, ErrHeaderMember
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, ErrHeaderMember
		}
		out.WriteByte("{,"[min(i, 1)])
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	if out.Len() > DefaultMaxHeader {
		return nil, fmt.Errorf("%w: header", ErrSize)
	}
	return out.Bytes(), CheckJSON(out.Bytes(), DefaultMaxDepth)
}

// String names the key without its secret.
func (k SigningKey) String() string { return k.Alg + " " + k.Kid }

// GoString is String, so that %#v shows no secret either.
func (k SigningKey) GoString() string { return k.String() }

// LogValue is String for structured logs.
func (k SigningKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON always fails: a private key is never written by accident.
func (k SigningKey) MarshalJSON() ([]byte, error) {
	return nil, fmt.Errorf("%w: a signing key has no JSON form", ErrKey)
}
