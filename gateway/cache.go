package gateway

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/memory"
	"github.com/ehdsgw/ehdsgw/gateway/cache/redis"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

func (g *Gateway) openCache(ctx context.Context) error {
	drivers := memory.Drivers(g.o.Clock)
	for scheme, open := range redis.Drivers(redis.Options{}) {
		drivers[scheme] = open
	}
	c, err := cache.Open(ctx, g.cfg.Cache.URL.Reveal(), drivers)
	if err != nil {
		return err
	}
	g.cache = cache.Safe(c, cache.SafeOptions{Now: g.o.Clock, Logger: g.log})
	return nil
}

// receiptTTL is how long a retry storm is answered from the cache.
const receiptTTL = time.Hour

// shield is the inbox behind the retry-storm cache.
func (g *Gateway) shield() (*exchange.StormShield, error) {
	secret, err := g.keys.Secret(cacheSecret)
	if err != nil {
		return nil, err
	}
	names := cache.NewKeys(g.cfg.Entity, secret)
	return &exchange.StormShield{
		Inner: g.inbox, Cache: g.cache, TTL: receiptTTL,
		Key: func(token [sha256.Size]byte) string { return names.Receipt(token) },
	}, nil
}
