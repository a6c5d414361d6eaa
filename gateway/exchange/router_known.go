package exchange

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Known is what our published record says of the datasets an application asks for, whichever of our
// bodies decides on them.
func (r *Router) Known(datasets []ehds.ApplicationDataset) map[string]gate.Dataset {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := map[string]gate.Dataset{}
	for _, d := range datasets {
		if p, ok := r.find(d); ok {
			out[d.DatasetID] = gate.Dataset{Categories: p.facts.Categories, Holder: p.facts.Holder, TrustedHolder: p.trusted}
		}
	}
	return out
}

// designated says whether a body has designated a data holder as trusted.
func (r *Router) designated(entity, holder string) bool {
	b, ok := r.Body(entity)
	return ok && holder != "" && slices.Contains(b.TrustedHolders, holder)
}

// Trusted are the tracks on which all data asked for are those of one trusted data holder (Art. 72(1)), in
// the order the datasets name them. Data our published record does not know are no such holder's.
func (r *Router) Trusted(datasets []ehds.ApplicationDataset) []ehds.Track {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var order []ehds.Track
	holders := map[ehds.Track]string{} // of each track, as long as it is one; none where it is not
	for _, d := range datasets {
		p, known := r.place(d)
		if !known && d.Country != r.Country {
			continue
		}
		t, holder := r.trackOf(p), ""
		if known && p.trusted {
			holder = p.facts.Holder
		}
		one, seen := holders[t]
		if !seen {
			order = append(order, t)
		} else if one != holder {
			holder = ""
		}
		holders[t] = holder
	}
	return slices.DeleteFunc(order, func(t ehds.Track) bool { return holders[t] == "" })
}
