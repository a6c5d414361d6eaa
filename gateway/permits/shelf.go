package permits

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// ListAge is the longest a change of status stays unseen in a list served from here.
const ListAge = 2 * time.Second

const (
	// maxLists bounds the lists kept: a body has one for every year it issued permits in.
	maxLists = 256
	// listDeadline bounds the making of one list, the fetching of its trust chain included.
	listDeadline = 30 * time.Second
)

// signedList is a list as it was signed, or why it could not be.
type signedList struct {
	token string
	used  bool
	err   error
	at    time.Time // before its entries were read
}

// listShelf keeps signed lists for ListAge and makes each once for all who ask at the same time.
type listShelf struct {
	clock  func() time.Time
	flight singleflight.Group

	mu    sync.Mutex
	lists map[string]signedList
}

func newListShelf(clock func() time.Time) *listShelf {
	return &listShelf{clock: clock, lists: map[string]signedList{}}
}

// get returns the list kept under uri while it is fresh, and what make gives otherwise. The making
// is detached from ctx: a caller that hangs up must not fail the others. The error is ctx's.
func (s *listShelf) get(ctx context.Context, uri string, make func(context.Context) signedList) (signedList, error) {
	if l, ok := s.fresh(uri); ok {
		return l, nil
	}
	done := s.flight.DoChan(uri, func() (any, error) {
		if l, ok := s.fresh(uri); ok { // made while we came here
			return l, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), listDeadline)
		defer cancel()
		l := make(ctx)
		s.keep(uri, l)
		return l, nil
	})
	select {
	case <-ctx.Done():
		return signedList{}, fmt.Errorf("status list: %w", ctx.Err())
	case r := <-done:
		l, _ := r.Val.(signedList)
		return l, r.Err
	}
}

func (s *listShelf) fresh(uri string) (signedList, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.lists[uri]
	return l, ok && s.current(l)
}

// current says whether a list may still be given out. One from the future was kept before the clock
// was set back.
func (s *listShelf) current(l signedList) bool {
	age := s.clock().Sub(l.at)
	return age >= 0 && age < ListAge
}

// keep puts a list on the shelf. One that was never used is not kept: strangers choose the years they
// ask for, and must not push out what others read.
func (s *listShelf) keep(uri string, l signedList) {
	if !l.used {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.lists[uri]; !ok && len(s.lists) >= maxLists {
		s.makeRoom()
	}
	s.lists[uri] = l
}

// makeRoom drops the lists no longer fresh, and the oldest when all are; s.mu is held.
func (s *listShelf) makeRoom() {
	var oldest string
	for uri, l := range s.lists {
		if !s.current(l) {
			delete(s.lists, uri)
		} else if o, ok := s.lists[oldest]; !ok || l.at.Before(o.at) {
			oldest = uri
		}
	}
	if len(s.lists) >= maxLists {
		delete(s.lists, oldest)
	}
}
