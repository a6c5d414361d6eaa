package keys

import (
	"crypto"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Info is what may be told about a key: everything but the key. Times are UTC;
// zero means that it has not happened.
type Info struct {
	Purpose   Purpose
	Owner     string
	Kid       string // RFC 7638 thumbprint
	Alg       string // empty for a record key
	State     State
	Created   time.Time
	Published time.Time
	// NotBefore is from when a next key may sign; zero for any other.
	NotBefore time.Time
	// Activated is when the key began to sign; zero for a next key.
	Activated time.Time
	Retired   time.Time
	// Expires is when the last token of a retired key has expired.
	Expires time.Time
	Revoked time.Time
	Reason  Reason // of the revocation
	// First says that the key was active from its making: nobody asked for it, it was needed to start.
	First bool
	// Device says that the private half lives in a device.
	Device bool
	// WhenDue says that the key takes over at NotBefore by itself.
	WhenDue bool
}

// List tells of every key, by purpose, owner and age.
func (s *Store) List() []Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all()
	out := make([]Info, len(all))
	for i, k := range all {
		out[i] = k.info()
	}
	return out
}

func (k *key) info() Info {
	at := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	i := Info{
		Purpose: k.Purpose, Owner: k.Owner, Kid: k.Kid, Alg: k.Alg, State: k.State,
		Created: k.Created, Published: at(k.PublishedAt), Retired: at(k.RetiredAt), Expires: at(k.ExpiresAt),
		Revoked: at(k.RevokedAt), Reason: k.Reason, WhenDue: k.WhenDue, First: k.First || k.PublishedAt == nil,
		Device: k.Device != "",
	}
	if i.Published.IsZero() {
		i.Published = k.Created
	}
	switch {
	case k.State == Next:
		i.NotBefore = k.NotBefore
	case k.ActivatedAt != nil:
		i.Activated = *k.ActivatedAt
	case k.State != Revoked || k.PublishedAt == nil: // a file of the first release
		i.Activated = k.NotBefore
	}
	return i
}

// Past is a key that no longer signs, as the historical keys list it.
type Past struct {
	Kid, Alg string
	Key      crypto.PublicKey
	// From and Until bound the time in which the key signed. Until is zero for
	// a key that was revoked before it was retired, From for one that never signed.
	From, Until time.Time
	// Revoked is zero for a key that was merely retired.
	Revoked time.Time
	Reason  Reason
}

// Past returns the keys of purpose and owner that no longer sign, oldest
// first: retiring, historical and revoked ones.
func (s *Store) Past(purpose Purpose, owner string) ([]Past, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Past
	for _, k := range s.slots[at] {
		switch k.State {
		case Retiring, Historical, Revoked:
			i := k.info()
			out = append(out, Past{
				Kid: k.Kid, Alg: k.Alg, Key: k.public.Key,
				From: i.Activated, Until: i.Retired, Revoked: i.Revoked, Reason: i.Reason,
			})
		}
	}
	return out, nil
}

// all are the keys in the order of List. It needs s.mu, as do the following.
func (s *Store) all() []key {
	var out []key
	for _, list := range s.slots {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b key) int { return strings.Compare(a.file, b.file) })
	return out
}

// find is the slot's key of an algorithm in a state, the newest when there are several.
func (s *Store) find(at slot, alg string, state State) *key {
	for _, k := range slices.Backward(s.slots[at]) {
		if k.Alg == alg && k.State == state {
			return &k
		}
	}
	return nil
}

func (s *Store) byKid(kid string) *key {
	for _, k := range s.all() {
		if k.Kid == kid {
			return &k
		}
	}
	return nil
}

// nextNumber is the first number above those of the slot's files.
func (s *Store) nextNumber(at slot) int {
	n := 0
	for _, k := range s.slots[at] {
		if match := fileNames.FindStringSubmatch(k.file); match != nil {
			if i, err := strconv.Atoi(match[1]); err == nil {
				n = max(n, i)
			}
		}
	}
	return n + 1
}
