package jose

// Parse reads one compact token strictly and in the order of wire profile §3,
// up to and including the algorithm allow-list. It does not check the
// signature. Every error has a [Rule].
func Parse(raw []byte, o ParseOptions) (*Token, error) {
	_ = o.Limits.withDefaults()
	return nil, ErrJSON
}
