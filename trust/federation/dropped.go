package federation

import (
	"slices"
	"time"
)

// statedKeys remembers which keys the newest statement seen lists for an entity, by who made it. A chain in a
// header may bring an older word of a superior than others brought, as when its owner could not reach the
// superior lately; but not to pass with a key that the superior has dropped since.
type statedKeys struct {
	*recent[pair, stated]
}

type stated struct {
	iat  int64
	kids []string
}

// note keeps the keys that the statements of a chain that holds list.
func (k statedKeys) note(chain []*Statement) {
	for _, s := range chain[1:] {
		key := pair{s.Iss, s.Sub}
		if was, ok := k.get(key); ok && was.iat > s.Iat {
			continue
		}
		kids := make([]string, len(s.JWKS.Keys))
		for i, key := range s.JWKS.Keys {
			kids[i] = key.Kid
		}
		k.put(key, stated{s.Iat, kids})
	}
}

// dropped says whether a statement of the chain is signed by a key that a newer statement than the chain's
// lists no more.
func (k statedKeys) dropped(chain []*Statement) bool {
	for i, s := range chain[1:] {
		newer, ok := k.get(pair{s.Iss, s.Sub})
		if ok && s.Iat < newer.iat && !slices.Contains(newer.kids, chain[i].parsed.Header.Kid) {
			return true
		}
	}
	return false
}

// note remembers what a chain that holds says of its entities; r.mu is held.
func (r *Resolver) note(chain []*Statement, now time.Time) {
	r.newest.note(chain, now)
	r.stated.note(chain)
}

// outdated says whether a chain loses against what was seen of its entities; r.mu is held.
func (r *Resolver) outdated(chain []*Statement) bool {
	return r.newest.outdated(chain) || r.stated.dropped(chain)
}
