package exchange

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// stagedBytes counts the bytes of attachments each sender has under way. Its zero value is ready.
type stagedBytes struct {
	mu    sync.Mutex
	peers map[string]int64
}

// take adds n bytes unless the sender has something under way and would exceed limit.
func (s *stagedBytes) take(peer string, n, limit int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if has := s.peers[peer]; has > 0 && has+n > limit {
		return false
	}
	if s.peers == nil {
		s.peers = map[string]int64{}
	}
	s.peers[peer] += n
	return true
}

func (s *stagedBytes) give(peer string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.peers[peer] -= n; s.peers[peer] <= 0 {
		delete(s.peers, peer)
	}
}

// reserve refuses, before any attachment is stored, a message that is certain to be refused for its
// number, and one of a sender with too much under way. What it lets pass is judged again, in order,
// when it is committed.
func (in *Inbox) reserve(ctx context.Context, d *delivery) *fault.Error {
	var total int64
	for _, a := range d.env.Attachments {
		total += a.Size
	}
	if total == 0 {
		return nil
	}
	at, err := in.Record.Standing(ctx, d.env.Case, d.v.Issuer)
	switch {
	case errors.Is(err, store.ErrErased):
		return caseErased()
	case err != nil:
		return unavailable(err)
	}
	if _, f := turn(at.Applied, at.Held, d.message()); f != nil {
		return f
	}
	limit := in.Limits.MaxStagedBytes
	if limit == 0 {
		limit = DefaultMaxStagedBytes
	}
	if !in.staged.take(d.v.Issuer, total, limit) {
		return fault.New(fault.RateLimited, "too-many-uploads", "too many attachments are under way; send one message at a time").After(5 * time.Second)
	}
	d.reserved = total
	return nil
}

// unstage drops the attachments that no message took, and gives the sender its budget back.
func (in *Inbox) unstage(ctx context.Context, d *delivery) {
	if len(d.blobs) > 0 {
		ids := make([]string, 0, len(d.blobs))
		for _, id := range d.blobs {
			ids = append(ids, id)
		}
		d.blobs = nil
		if err := in.Record.DropBlobs(context.WithoutCancel(ctx), ids...); err != nil {
			in.Logger.WarnContext(ctx, "staged attachments stay until the next start", "error", err)
		}
	}
	if d.reserved > 0 {
		in.staged.give(d.v.Issuer, d.reserved)
		d.reserved = 0
	}
}
