package jose

import (
	"encoding/json"
	"slices"
)

// maxKid is the longest kid accepted, in bytes: kids become map keys and log
// attributes.
const maxKid = 256

// closedHeaders are the members every token may carry (wire profile §3).
var closedHeaders = []string{"alg", "kid", "typ", "cty", "trust_chain", "peer_trust_chain"}

// neverHeaders would change what is signed or bring a key along (RFC 7515
// §4.1, RFC 7797); no caller may admit them.
var neverHeaders = []string{"crit", "b64", "jwk", "x5u", "x5c"}

// parseHeader reads a header that passed CheckJSON. It is on the path of every
// token, so it reads the members where they stand.
func parseHeader(checked []byte, extra []string) (Header, error) {
	var h Header
	err := eachMember(checked, func(name, value []byte) error {
		if !h.member(name, value) && !h.admit(string(name), value, extra) {
			return ErrHeaderMember
		}
		return nil
	})
	if err != nil {
		return Header{}, err
	}
	if h.Alg == "" || h.Typ == "" || h.Kid == "" || len(h.Kid) > maxKid {
		return Header{}, ErrHeaderMember
	}
	return h, nil
}

// member takes a member of the closed set; false when it is none, or of the
// wrong type.
func (h *Header) member(name, value []byte) (ok bool) {
	switch string(name) {
	case "alg":
		h.Alg, ok = textOf(value)
	case "kid":
		h.Kid, ok = textOf(value)
	case "typ":
		h.Typ, ok = textOf(value)
	case "cty":
		h.Cty, ok = textOf(value)
		ok = ok && h.Cty != ""
	case "trust_chain":
		h.TrustChain, ok = textsOf(value)
		ok = ok && len(h.TrustChain) > 0
	case "peer_trust_chain":
		h.PeerTrustChain, ok = textsOf(value)
		ok = ok && len(h.PeerTrustChain) > 0
	}
	return ok
}

// admit takes a member that the caller listed.
func (h *Header) admit(name string, value []byte, extra []string) bool {
	if !slices.Contains(extra, name) || slices.Contains(neverHeaders, name) || slices.Contains(closedHeaders, name) {
		return false
	}
	if h.Extra == nil {
		h.Extra = map[string]json.RawMessage{}
	}
	h.Extra[name] = value
	return true
}

// eachMember calls f for every member of a checked object, in its order; value
// is as written.
func eachMember(checked []byte, f func(name, value []byte) error) error {
	s := scanner{data: checked, max: len(checked)}
	s.accept('{')
	for !s.accept('}') {
		s.accept(',')
		s.peek()
		name, err := s.text()
		if err != nil {
			return err
		}
		s.accept(':')
		s.peek()
		start := s.pos
		if err := s.value(); err != nil {
			return err
		}
		if err := f(unescape(name), s.data[start:s.pos]); err != nil {
			return err
		}
	}
	return nil
}
