package jose

import "math/big"

// rocaPrimes are the primes whose residues give a modulus of CVE-2017-15361 away.
var rocaPrimes = []int64{
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
	101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
}

// isROCA reports whether an RSA modulus has the form that a faulty key generator in many smart cards
// gave it, from which it can be factored (CVE-2017-15361, "The Return of Coppersmith's Attack"): both
// primes are powers of 65537 modulo the product of small primes, so the modulus is one modulo each.
// A random modulus passes for one with a chance below 2^-27.
func isROCA(n *big.Int) bool {
	for _, p := range rocaPrimes {
		if !isPowerOf65537(new(big.Int).Mod(n, big.NewInt(p)).Int64(), p) {
			return false
		}
	}
	return true
}

func isPowerOf65537(residue, p int64) bool {
	for power, i := int64(1), int64(0); i < p; i++ {
		if power == residue {
			return true
		}
		power = power * 65537 % p
	}
	return false
}
