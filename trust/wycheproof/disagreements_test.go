package wycheproof

// disagreement explains the vectors of a file that trust/jose judges otherwise, by the rule that made
// the difference.
type disagreement struct {
	file  string
	count int
	ours  string
	rule  string
	why   string
}

const (
	jwsFile  = "json_web_signature_test.json"
	jwkFile  = "json_web_key_test.json"
	signFile = "mldsa_65_sign_seed_test.json"

	symmetric = "key-unknown: private or symmetric key material"
	noContext = "RFC 9964 signs with an empty context string; there is no way to give another"
	noMAC     = "a symmetric key has no place between parties who do not trust each other, and burns a published set's entry"
)

var disagreements = []disagreement{
	{"rsa_signature_2048_sha256_test.json", 2, "refuses", "RSA exponent is small", "exponent 3: keys below 65537 are not used"},
	{"rsa_signature_3072_sha256_test.json", 1, "refuses", "RSA exponent is small", "exponent 3: keys below 65537 are not used"},
	{"rsa_signature_8192_sha256_test.json", 7, "refuses", "n or e", "8192 bits: above 4096 a key makes a verifier work"},
	{"mldsa_65_verify_test.json", 2, "refuses", "context string", noContext},
	{signFile, 3, "refuses", "context string", noContext},
	{signFile, 20, "refuses", "external mu", "gives the inner digest instead of a message; JOSE signs messages"},
	{signFile, 1, "refuses", "another signature", "a hedged signature; the test compares with the deterministic one"},
	{jwsFile, 22, "refuses", "alg", "RS384, RS512 and PS256 to PS512 are not in the profile"},
	{jwsFile, 2, "refuses", "base64", "a character outside the alphabet is dropped by lenient decoders; only the canonical spelling is read"},
	{jwsFile, 2, "refuses", "key-unknown: key type", "P-521 is not in the profile"},
	{jwsFile, 8, "refuses", symmetric, noMAC},
	{jwsFile, 2, "refuses", "key-unknown", "PS384 of RFC 7520 §4.2 with a key for it; not in the profile"},
	{jwkFile, 4, "refuses", symmetric, noMAC},
}
