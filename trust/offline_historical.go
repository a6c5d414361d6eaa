package trust

import (
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// keysThen are the exchange keys of an entity that may have signed at a time, none twice.
type keysThen struct {
	set     jose.KeySet
	revoked map[string]time.Time // by kid
	chain   error                // why the entity's chain says nothing of that time; nil when it does
}

// keysAt collects the keys the chain lists, those that were retired since, and those that were revoked:
// their tokens are read, so that a witness's word can be weighed. ErrCannotTell when nothing at hand
// speaks for the entity.
func (o *Offline) keysAt(id string, at time.Time) (keysThen, error) {
	k := keysThen{revoked: map[string]time.Time{}}
	past := o.past(id)
	for _, h := range past {
		if h.Revoked != nil {
			if before, ok := k.revoked[h.Key.Kid]; !ok || h.Revoked.At.Before(before) {
				k.revoked[h.Key.Kid] = h.Revoked.At
			}
		}
	}
	entity, err := o.entity(id)
	switch {
	case err != nil:
		k.chain = err
	case at.After(entity.Expires.Add(Leeway)):
		k.chain = fmt.Errorf("%w: the chain of %s ended before", evidence.ErrCannotTell, id)
	default:
		k.set.Keys = append(k.set.Keys, keysFor(entity, ForExchange).Keys...)
	}
	listed := map[string]bool{}
	for _, key := range k.set.Keys {
		listed[key.Kid] = true
	}
	for _, h := range past {
		_, revoked := k.revoked[h.Key.Kid]
		if !listed[h.Key.Kid] && (revoked || h.Signed(at)) {
			listed[h.Key.Kid] = true
			k.set.Keys = append(k.set.Keys, h.Key)
		}
	}
	if k.chain != nil && len(k.set.Keys) == 0 {
		return k, k.chain
	}
	return k, nil
}

// past are an entity's historical exchange keys. A list that is absent, another entity's, or not proved
// under a pinned anchor adds nothing: whoever makes a bundle could as well have left it out.
func (o *Offline) past(id string) []federation.HistoricalKey {
	token, ok := o.Historical[id]
	if !ok {
		return nil
	}
	h, err := federation.VerifyHistorical(token, o.Anchors)
	if err != nil || h.Issuer != id {
		return nil
	}
	var keys []federation.HistoricalKey
	for _, k := range h.Keys {
		if k.EntityType == federation.TypeGateway {
			keys = append(keys, k)
		}
	}
	return keys
}

// revocation is the earliest revocation among the keys that signed; nil when there is none.
func (k keysThen) revocation(by []jose.PublicKey) error {
	var first *evidence.RevokedError
	for _, key := range by {
		if at, ok := k.revoked[key.Kid]; ok && (first == nil || at.Before(first.At)) {
			first = &evidence.RevokedError{At: at}
		}
	}
	if first == nil {
		return nil // a nil *RevokedError would be an error
	}
	return first
}
