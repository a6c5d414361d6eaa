package roles

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

// TestHostileChains: the counterparts refuse every chain the product must refuse. They apply no
// policies and no constraints, so an honest chain that has some is refused here as well.
func TestHostileChains(t *testing.T) {
	w, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := forge.ParseJWKS(w.AnchorKeys)
	if err != nil {
		t.Fatal(err)
	}
	anchor, at := Anchor{Entity: w.Anchor, JWKS: keys}, time.Unix(w.At, 0)
	accepted, refused := 0, 0
	for _, s := range suites {
		for _, c := range s.Controls {
			if c.Chain == nil {
				continue
			}
			if _, err := anchor.VerifyChain(c.Chain, at); err == nil {
				accepted++
			}
		}
		for _, v := range s.Vectors {
			if v.Attack.Chain == nil {
				continue
			}
			if _, err := anchor.VerifyChain(v.Attack.Chain, at); err == nil {
				t.Errorf("%s is accepted: %s", v.ID, v.Title)
			}
			refused++
		}
	}
	t.Logf("%d hostile chains refused, %d honest ones accepted", refused, accepted)
	if accepted < 2 || refused < 40 {
		t.Error("too few chains to prove anything")
	}
}
