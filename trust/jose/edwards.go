package jose

import (
	"math/big"
	"slices"
)

// validEd25519 reports whether an encoded Ed25519 public key is the canonical
// encoding of a point on the curve (RFC 8032 §5.1.3) whose order is not small.
// Signatures under a small-order key can hold for many messages, so they prove
// nothing; the verifying primitive itself does not look.
func validEd25519(encoded []byte) bool {
	big255 := slices.Clone(encoded)
	big255[31] &= 0x7f // the sign of x: both signs of a non-zero x are canonical
	slices.Reverse(big255)
	y := new(big.Int).SetBytes(big255)
	p := fieldPrime()
	if y.Cmp(p) >= 0 {
		return false
	}
	// The curve -x² + y² = 1 + d·x²·y² gives x² = u/v.
	one := big.NewInt(1)
	y2 := new(big.Int).Mul(y, y)
	u := new(big.Int).Sub(y2, one)
	v := new(big.Int).Mul(curveD(p), y2)
	v.Add(v, one) // never 0, since -1/d is no square
	uv := new(big.Int).Mul(u, v)
	if big.Jacobi(uv.Mod(uv, p), p) != 1 {
		return false // u/v is no square, or x = 0: the points of order 1 and 2
	}
	if y.Sign() == 0 {
		return false // order 4
	}
	// A point doubles to one with y = 0 exactly when x² = -y², that is
	// u + y²·v = 0: the points of order 8.
	sum := v.Mul(v, y2)
	sum.Add(sum, u)
	return sum.Mod(sum, p).Sign() != 0
}

func fieldPrime() *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), 255)
	return p.Sub(p, big.NewInt(19))
}

// curveD is d = -121665/121666 (RFC 8032 §5.1).
func curveD(p *big.Int) *big.Int {
	d := new(big.Int).ModInverse(big.NewInt(121666), p)
	d.Mul(d, big.NewInt(-121665))
	return d.Mod(d, p)
}
