package trust_test

import (
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

func TestSealingKeyOf(t *testing.T) {
	t.Parallel()
	x, p, again := sealingKey(t, "HPKE-3", 1).Public(), sealingKey(t, "HPKE-0", 2).Public(), sealingKey(t, "HPKE-3", 3).Public()
	signing := x
	signing.Use = "sig"
	ours := []string{"HPKE-10", "HPKE-3", "HPKE-0"}
	for name, tt := range map[string]struct {
		keys   []jose.PublicKey
		listed []string
		algs   []string
		kid    string
		err    error
	}{
		"the one both like":               {[]jose.PublicKey{p, x}, []string{"HPKE-0", "HPKE-3"}, ours, x.Kid, nil},
		"our order decides":               {[]jose.PublicKey{p, x}, []string{"HPKE-3", "HPKE-0"}, []string{"HPKE-0", "HPKE-3"}, p.Kid, nil},
		"a key that is not listed":        {[]jose.PublicKey{x}, nil, ours, "", jose.ErrAlg},
		"nothing in common":               {[]jose.PublicKey{x}, []string{"HPKE-3"}, []string{"HPKE-0"}, "", jose.ErrAlg},
		"we seal with nothing":            {[]jose.PublicKey{x}, []string{"HPKE-3"}, nil, "", jose.ErrAlg},
		"an algorithm nobody here knows":  {[]jose.PublicKey{x}, []string{"HPKE-7"}, []string{"HPKE-7"}, "", jose.ErrAlg},
		"listed without a key":            {[]jose.PublicKey{p}, []string{"HPKE-3", "HPKE-0"}, ours, "", jose.ErrKeyUnknown},
		"two keys":                        {[]jose.PublicKey{x, again}, []string{"HPKE-3"}, ours, "", jose.ErrKeyAmbiguous},
		"the same key twice":              {[]jose.PublicKey{x, x}, []string{"HPKE-3"}, ours, "", jose.ErrKeyAmbiguous},
		"a key that says it is to verify": {[]jose.PublicKey{signing}, []string{"HPKE-3"}, ours, "", jose.ErrKeyUnknown},
	} {
		e := &federation.Entity{Gateway: &federation.GatewayMetadata{Keys: jose.KeySet{Keys: tt.keys}, SealingAlgs: tt.listed}}
		got, err := trust.SealingKeyOf(e, tt.algs)
		if got.Kid != tt.kid || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v; want %q, %v", name, got.Kid, err, tt.kid, tt.err)
		}
	}
	for _, e := range []*federation.Entity{nil, {HDAB: &federation.HDABMetadata{Keys: jose.KeySet{Keys: []jose.PublicKey{x}}}}} {
		if _, err := trust.SealingKeyOf(e, ours); !errors.Is(err, jose.ErrAlg) {
			t.Errorf("no gateway: %v", err)
		}
	}
}
