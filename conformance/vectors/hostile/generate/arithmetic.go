package generate

import (
	"encoding/asn1"
	"math/big"
	"slices"
)

// order is the order of Ed25519's group (RFC 8032 §5.1).
func order() *big.Int {
	l, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	return l
}

// littleS gives and takes S, which Ed25519 writes with the lowest octet first.
func littleS(s []byte) *big.Int {
	b := slices.Clone(s)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func withS(sig []byte, s *big.Int) []byte {
	b := s.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return append(slices.Clone(sig[:32]), b...)
}

func addOrder(sig []byte) []byte { return withS(sig, new(big.Int).Add(littleS(sig[32:]), order())) }

func negateS(sig []byte) []byte { return withS(sig, new(big.Int).Sub(order(), littleS(sig[32:]))) }

// der and rawECDSA convert between the two spellings of an ECDSA signature.
func der(r, s *big.Int) []byte { return must(asn1.Marshal(struct{ R, S *big.Int }{r, s})) }

func rawECDSA(der []byte) []byte {
	var p struct{ R, S *big.Int }
	must(asn1.Unmarshal(der, &p))
	return append(p.R.FillBytes(make([]byte, 32)), p.S.FillBytes(make([]byte, 32))...)
}
