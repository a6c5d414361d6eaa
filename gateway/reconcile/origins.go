package reconcile

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"

// origins finds out which of our datasets each one shown is. The centre adds the identifier at origin to
// what a description says of identifiers elsewhere, and a description may name another dataset there,
// such as its other edition: no two of those shown are the same one of ours.
type origins struct {
	ours  *digest.Tree
	known []digest.Entry // settled: ours, and as we hold them
	taken map[string]bool
	rest  []unsettled
}

// unsettled is a dataset shown that is not as we hold it.
type unsettled struct {
	Dataset
	digest digest.Sum
}

func newOrigins(ours *digest.Tree) *origins { return &origins{ours: ours, taken: map[string]bool{}} }

// see takes a dataset. One that is as we hold it is settled at once.
func (o *origins) see(d Dataset) error {
	sum, err := digest.ParseSum(d.Exchange)
	if err != nil {
		return err
	}
	for _, id := range d.Origins {
		if held, ok := o.ours.Digest(id); ok && held == sum && !o.taken[id] {
			o.settle(id, sum)
			return nil
		}
	}
	o.rest = append(o.rest, unsettled{d, sum})
	return nil
}

func (o *origins) settle(id string, sum digest.Sum) {
	o.taken[id] = true
	o.known = append(o.known, digest.Entry{Identifier: id, Digest: sum})
}

// entries are all that are shown, once everything was seen.
func (o *origins) entries() []digest.Entry {
	for _, d := range o.rest {
		o.settle(o.name(d.Dataset), d.digest)
	}
	o.rest = nil
	return o.known
}

// name is the identifier of a dataset that is not as we hold it: one of ours that is not yet found, else
// one that nobody has, else the centre's own. What is shown twice is an orphan the second time.
func (o *origins) name(d Dataset) string {
	for _, id := range d.Origins {
		if _, ours := o.ours.Digest(id); ours && !o.taken[id] {
			return id
		}
	}
	for _, id := range d.Origins {
		if _, ours := o.ours.Digest(id); !ours && !o.taken[id] {
			return id
		}
	}
	return d.Identifier
}
