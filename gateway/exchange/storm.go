package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// ReceiptCache is the part of gateway/cache used here. What is in it may vanish at any time.
type ReceiptCache interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// StormShield answers the very same bytes, sent again and again, from the cache. It is never on the
// path of a new message: only a reply that said DUPLICATE is kept, so the record has judged the token
// before, and losing the cache costs nothing but work.
type StormShield struct {
	Inner interface {
		Receive(ctx context.Context, raw []byte, parts Parts) Reply
	}
	Cache ReceiptCache
	Key   func(token [sha256.Size]byte) string
	TTL   time.Duration
}

type cachedReply struct {
	Receipt string `json:"receipt"`
}

// Receive answers from the cache, or asks the inbox.
func (s *StormShield) Receive(ctx context.Context, raw []byte, parts Parts) Reply {
	key := s.Key(sha256.Sum256(raw))
	if value, ok, err := s.Cache.Get(ctx, key); err == nil && ok {
		var c cachedReply
		if json.Unmarshal(value, &c) == nil && c.Receipt != "" {
			return Reply{Receipt: c.Receipt, Status: ehds.Duplicate, Rule: "duplicate-cached"}
		}
	}
	reply := s.Inner.Receive(ctx, raw, parts)
	if reply.Status == ehds.Duplicate && reply.Fault == nil && reply.Receipt != "" {
		if value, err := json.Marshal(cachedReply{Receipt: reply.Receipt}); err == nil {
			_ = s.Cache.Set(ctx, key, value, s.TTL) // a miss next time
		}
	}
	return reply
}
