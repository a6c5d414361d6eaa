package permits

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

// StatusList is the URI of a body's list for permits issued in a year.
func (o *Office) StatusList(hdab string, year int) string {
	return fmt.Sprintf("%s/status/%d", hdab, year)
}

// SignedList is the statuslist+jwt of a list; ok is false when the body never used it. What was
// signed in the last ListAge is given again, and so is a failure to sign, so that reading, which
// needs no credentials, costs one signature in that time however many ask. ErrNotHosted when the
// body is not one of ours.
func (o *Office) SignedList(ctx context.Context, hdab string, year int) (token string, ok bool, err error) {
	if _, hosted := o.bodies[hdab]; !hosted {
		return "", false, fmt.Errorf("%w: %s", ErrNotHosted, hdab)
	}
	uri := o.StatusList(hdab, year)
	l, err := o.lists.get(ctx, uri, func(ctx context.Context) signedList { return o.makeList(ctx, hdab, uri) })
	if err != nil {
		return "", false, err
	}
	return l.token, l.used && l.err == nil, l.err
}

// makeList signs a list as the register has it now.
func (o *Office) makeList(ctx context.Context, hdab, uri string) (l signedList) {
	l.at = o.clock()
	if _, l.used, l.err = o.status.StatusBits(ctx, uri); l.err != nil || !l.used {
		return l
	}
	seal, err := o.sealer(ctx, hdab, false)
	if err != nil {
		l.err = err
		return l
	}
	// The chain may have taken a while to fetch: the entries are those of after it.
	l.at = o.clock()
	bits, _, err := o.status.StatusBits(ctx, uri)
	if err != nil {
		l.err = err
		return l
	}
	list, err := listOf(bits, o.size)
	if err != nil {
		l.err = err
		return l
	}
	claims, err := statuslist.Issue(hdab, uri, l.at, list)
	if err != nil {
		l.err = err
		return l
	}
	l.token, l.err = seal(statuslist.Typ, claims)
	return l
}

func listOf(bits map[int64]int, size int) (*statuslist.List, error) {
	list := statuslist.New(size)
	for idx, v := range bits {
		if err := list.Set(idx, v); err != nil {
			return nil, fmt.Errorf("entry %d: %w", idx, err)
		}
	}
	return list, nil
}
