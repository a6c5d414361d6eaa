package dispatcher

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// APIKey is what is known of a key: everything but the key.
type APIKey struct {
	ID      string `json:"id"`
	System  string `json:"system"`
	Created string `json:"created"`           // RFC 3339
	Expires string `json:"expires,omitempty"` // RFC 3339; refused from then on
	Revoked string `json:"revoked,omitempty"` // RFC 3339; refused from then on
}

// storedKey is a key at rest: the digest of its characters, in lower-case hex, and no key.
type storedKey struct {
	APIKey
	SHA256 string `json:"sha256"`
}

// NewKey is a key at the one moment it is known: when it is made.
type NewKey struct {
	APIKey
	Key string `json:"key"`
}

// A key is keyScheme, the key's id, and 256 random bits. The id finds the digest to compare with; it is no
// secret. SHA-256 without salt or stretching is right for such a key: there is nothing to guess in 256
// random bits, and a slow hash would only let strangers make us work.
const (
	keyScheme = "ehdsnd"
	keyBytes  = 32
	idBytes   = 6
	keyPrefix = "key/"
	maxKey    = 128
)

// AddKey makes a key for a system. A system may have several, so that one can be replaced while the other
// is in use. A life of zero has no end.
func (d *Driver) AddKey(ctx context.Context, name string, life time.Duration) (NewKey, error) {
	if d.systems[name] == nil {
		return NewKey{}, fault.New(fault.NotFound, "no-such-system", "no such system is configured under permits.dispatcher.systems")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	secret := make([]byte, idBytes+keyBytes)
	if err := d.host.Rand(secret); err != nil {
		return NewKey{}, fault.Wrap(err, fault.Unavailable, "no-randomness", "no key can be made now")
	}
	now := d.host.Clock().UTC()
	k := storedKey{APIKey: APIKey{ID: hex.EncodeToString(secret[:idBytes]), System: name, Created: now.Format(time.RFC3339)}}
	if _, taken, err := d.host.Mailbox.Get(ctx, keyPrefix+k.ID); err != nil || taken {
		return NewKey{}, fault.Wrap(err, fault.Unavailable, "no-randomness", "no key can be made now")
	}
	if life > 0 {
		k.Expires = now.Add(life).Format(time.RFC3339)
	}
	key := keyScheme + "." + k.ID + "." + base64.RawURLEncoding.EncodeToString(secret[idBytes:])
	k.SHA256 = hexSHA256([]byte(key))
	if err := d.saveKey(ctx, k); err != nil {
		return NewKey{}, err
	}
	d.host.Logger.InfoContext(ctx, "an API key was made", "system", name, "key_id", k.ID)
	return NewKey{k.APIKey, key}, nil
}

func (d *Driver) saveKey(ctx context.Context, k storedKey) error {
	return d.host.Mailbox.Batch(ctx, []connectors.Mail{{Key: keyPrefix + k.ID, Value: raw(k)}}, nil)
}

// Keys lists the keys of every system, revoked ones too.
func (d *Driver) Keys(ctx context.Context) ([]APIKey, error) {
	out := []APIKey{}
	err := scan(ctx, d, keyPrefix, keyPrefix, func(_ string, k APIKey) (bool, error) {
		out = append(out, k)
		return true, nil
	})
	return out, err
}

// RevokeKey refuses a key after a time, at once when it is zero. A revocation can be brought forward, not
// put off.
func (d *Driver) RevokeKey(ctx context.Context, id string, after time.Duration) (APIKey, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var k storedKey
	ok, err := d.get(ctx, keyPrefix+id, &k)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no-such-key", "there is no key of this id")
	}
	if err != nil {
		return APIKey{}, err
	}
	at := d.host.Clock().UTC().Add(max(after, 0))
	if k.Revoked == "" || at.Before(instant(k.Revoked)) {
		k.Revoked = at.Format(time.RFC3339)
	}
	if err := d.saveKey(ctx, k); err != nil {
		return APIKey{}, err
	}
	d.host.Logger.InfoContext(ctx, "an API key was revoked", "system", k.System, "key_id", k.ID, "at", k.Revoked)
	return k.APIKey, nil
}

// instant reads a time of ours; one that cannot be read is long past.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// usable says whether a key is accepted at a time.
func (k APIKey) usable(now time.Time) bool {
	return (k.Expires == "" || now.Before(instant(k.Expires))) && (k.Revoked == "" || now.Before(instant(k.Revoked)))
}

// whose is the system a key belongs to; nil for a key that is none, whatever the reason.
func (d *Driver) whose(ctx context.Context, key string) (*system, error) {
	parts := strings.Split(key, ".")
	if len(key) > maxKey || len(parts) != 3 || parts[0] != keyScheme || len(parts[1]) != 2*idBytes || strings.Trim(parts[1], "0123456789abcdef") != "" {
		return nil, nil
	}
	var k storedKey
	ok, err := d.get(ctx, keyPrefix+parts[1], &k)
	if err != nil {
		return nil, err
	}
	same := subtle.ConstantTimeCompare([]byte(k.SHA256), []byte(hexSHA256([]byte(key)))) == 1
	if !ok || !same || !k.usable(d.host.Clock()) {
		return nil, nil
	}
	return d.systems[k.System], nil // nil when it is no longer configured
}
