package keys

import (
	"errors"
	"slices"
	"time"
)

// Tick moves what is due at now and returns what it moved: retiring keys whose
// last token has expired become historical, and next keys that wait for their
// rotation become active. Each move happens once, however long nobody called.
func (s *Store) Tick(now time.Time) ([]Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var moved []Info
	var errs []error
	for _, k := range s.all() {
		switch {
		case k.State == Retiring && k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
			k.State = Historical
			if err := s.changed(k.file, k.record); err != nil {
				errs = append(errs, err)
				continue
			}
			moved = append(moved, k.info())
		case k.State == Next && k.WhenDue && !now.Before(k.NotBefore):
			r, err := s.promote(k)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			moved = append(moved, r.Key)
			if r.Retired != nil {
				moved = append(moved, *r.Retired)
			}
		case k.stale:
			errs = append(errs, s.changed(k.file, k.record))
		}
	}
	return moved, errors.Join(errs...)
}

// settle draws the conclusion of every rotation: an active key that another
// one replaces is retiring, even when the power failed before its own file said so.
func settle(list []key) {
	for _, successor := range list {
		if successor.Replaces == "" {
			continue
		}
		i := slices.IndexFunc(list, func(k key) bool { return k.Kid == successor.Replaces && k.Alg == successor.Alg })
		if i < 0 || list[i].State != Active {
			continue
		}
		k := &list[i]
		retired := successor.NotBefore
		expires := retired.Add(k.Purpose.Overlap())
		k.State, k.RetiredAt, k.ExpiresAt, k.stale = Retiring, &retired, &expires, true
	}
}
