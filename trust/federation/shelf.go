package federation

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"time"
)

// Shelf is a place for statements that instances share and that may lose them at any time. It is not
// trusted: what it holds is authenticated with Options.ShelfSecret, and every chain made of it is
// verified as if it had just come from the network. An error is a miss.
type Shelf interface {
	Get(ctx context.Context, key string) (value []byte, ok bool)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration)
}

// minShelfSecret is the shortest secret that authenticates, in bytes.
const minShelfSecret = 16

// sealedShelf writes documents with a MAC over address and content. Without it whoever writes to the
// shelf could bring back an older statement, rightly signed, and say that its host confirmed it now.
type sealedShelf struct {
	shelf  Shelf
	secret []byte
}

func newSealedShelf(s Shelf, secret []byte) *sealedShelf {
	if s == nil || len(secret) < minShelfSecret {
		return nil
	}
	return &sealedShelf{shelf: s, secret: append([]byte(nil), secret...)}
}

// shelved is a document as it stands on the shelf. An empty token says that there is none: a deletion
// that an older entry cannot undo.
type shelved struct {
	Token    string `json:"token"`
	ETag     string `json:"etag,omitempty"`
	Lifetime int64  `json:"lifetime"` // ms
	Fetched  int64  `json:"fetched"`  // Unix ms
}

// get returns the document kept for an address and when its host last spoke; a nil document with a
// time means that it was dropped then, and a zero time that nothing is known.
func (s *sealedShelf) get(ctx context.Context, address string, now time.Time) (*document, time.Time) {
	raw, ok := s.shelf.Get(ctx, address)
	if !ok || len(raw) < sha256.Size || len(raw) > maxShelved || !hmac.Equal(raw[:sha256.Size], s.mac(address, raw[sha256.Size:])) {
		return nil, time.Time{}
	}
	var v shelved
	if err := json.Unmarshal(raw[sha256.Size:], &v); err != nil {
		return nil, time.Time{}
	}
	at := time.UnixMilli(v.Fetched)
	if at.After(now.Add(clockLeeway)) {
		return nil, time.Time{}
	}
	if v.Token == "" {
		return nil, at
	}
	st, err := ParseStatement(v.Token)
	if err != nil {
		return nil, time.Time{}
	}
	return &document{statement: st, etag: v.ETag, lifetime: time.Duration(v.Lifetime) * time.Millisecond, fetched: at}, at
}

// maxShelved bounds an entry: a statement and little beside it.
const maxShelved = 2 * maxStatement

// put keeps a document while its statement lives, a day at most.
func (s *sealedShelf) put(ctx context.Context, address string, d *document, now time.Time) {
	ttl := min(time.Unix(d.statement.Exp, 0).Sub(now), mostKept)
	if ttl <= 0 {
		return
	}
	s.write(ctx, address, shelved{
		Token: d.statement.Token, ETag: d.etag, Lifetime: d.lifetime.Milliseconds(), Fetched: d.fetched.UnixMilli(),
	}, ttl)
}

// drop says that there is no document at an address.
func (s *sealedShelf) drop(ctx context.Context, address string, now time.Time) {
	s.write(ctx, address, shelved{Fetched: now.UnixMilli()}, mostKept)
}

func (s *sealedShelf) write(ctx context.Context, address string, v shelved, ttl time.Duration) {
	body, err := json.Marshal(v)
	if err != nil {
		return // strings and numbers
	}
	s.shelf.Put(ctx, address, append(s.mac(address, body), body...), ttl)
}

// mac binds content to its address: an entry moved to another is none.
func (s *sealedShelf) mac(address string, body []byte) []byte {
	m := hmac.New(sha256.New, s.secret)
	m.Write([]byte("ehdsgw federation document\n" + address + "\n"))
	m.Write(body)
	return m.Sum(nil)
}
