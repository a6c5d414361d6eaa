package config

// peerProfile is the one profile hubs speak with each other.
const peerProfile = "peer-1"

// sealingAlgorithms are those of wire profile §2.
var sealingAlgorithms = []string{"HPKE-3", "HPKE-0", "HPKE-10"}

// checkRecognition refuses words that are no policy.
func (b *builder) checkRecognition(path string, r Recognition) {
	b.oneOf(path+".standard", r.Standard, "manual", "assist", "automatic")
	b.oneOf(path+".accelerated", r.Accelerated, "manual", "assist", "automatic")
	if r.TrustedHolder == "automatic" {
		b.refuse(path+".trusted_holder", "must not be automatic: the body decides on the holder's proposal")
		return
	}
	b.oneOf(path+".trusted_holder", r.TrustedHolder, "manual", "assist")
}

// checkPeers refuses peers that could not be told apart from others we speak with.
func (b *builder) checkPeers(c *Config) {
	seen := map[string]int{}
	for i, p := range c.Peers {
		path := at("peers", i)
		if b.required(path+".entity", p.Entity) {
			b.entityURL(path+".entity", p.Entity, c.Development)
			b.unique(path+".entity", seen, p.Entity, i)
			switch p.Entity {
			case c.Entity:
				b.refuse(path+".entity", "must not be the gateway itself")
			case c.Central.Entity:
				b.refuse(path+".entity", "must not be the central platform: nothing is sealed through it")
			}
		}
		b.oneOf(path+".profile", p.Profile, peerProfile)
		b.checkRecognition(path+".recognition", p.Recognition)
		if len(p.Sealing) == 0 {
			b.refuse(path+".sealing", "at least one algorithm; nothing goes to a peer in clear")
		}
		algs := map[string]int{}
		for n, alg := range p.Sealing {
			b.oneOf(at(path+".sealing", n), alg, sealingAlgorithms...)
			b.unique(at(path+".sealing", n), algs, alg, n)
		}
	}
}
