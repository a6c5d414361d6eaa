package connectors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Mailbox is a driver's durable memory in the record: keys and values in its own namespace. Batch
// is atomic and durable when it returns.
type Mailbox interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	// Scan returns up to limit entries with the prefix, in key order, after the given key. Entries of
	// erased cases are gone; only an empty page is the last.
	Scan(ctx context.Context, prefix, after string, limit int) ([]Mail, error)
	Batch(ctx context.Context, puts []Mail, deletes []string) error
}

// Mail is an entry of a mailbox. Case names the case whose key seals the value; empty means it
// holds nothing personal.
type Mail struct {
	Key   string
	Case  string
	Value []byte
}

// scanPage is how many entries are read at once.
const scanPage = 500

// EachMail hands every entry with a prefix that comes after a key to f, in the order of keys, until f says
// that it has enough. Entries without a value are left out.
func EachMail(ctx context.Context, box Mailbox, prefix, after string, f func(Mail) (more bool, err error)) error {
	return eachMail(ctx, box, prefix, after, scanPage, f)
}

func eachMail(ctx context.Context, box Mailbox, prefix, after string, at int, f func(Mail) (more bool, err error)) error {
	for {
		mails, err := box.Scan(ctx, prefix, after, at)
		if err != nil || len(mails) == 0 {
			return err
		}
		for _, m := range mails {
			after = m.Key
			if len(m.Value) == 0 {
				continue
			}
			if more, err := f(m); err != nil || !more {
				return err
			}
		}
	}
}

// Digest makes one part of a mailbox's key of several texts, in lower-case hex: keys hold nothing personal.
func Digest(parts ...string) string {
	b, _ := json.Marshal(parts) // strings always marshal
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TrackDigest is the Digest of one track of a case.
func TrackDigest(caseID string, t ehds.Track) string { return Digest(caseID, t.CatalogID, t.HDAB) }

// RefKey is where a permit driver marks a call as done. One message may concern several tracks, so the
// track is part of it.
func RefKey(ref, caseID string, t ehds.Track) string {
	return "ref/" + Digest(ref, caseID, t.CatalogID, t.HDAB)
}

// Events that a permit driver tells are numbered in its mailbox; the number of the last one read is the
// cursor.
const (
	eventPrefix = "event/"
	eventPage   = 100
)

// EventKey is where the n-th event stands.
func EventKey(n int64) string { return fmt.Sprintf("%s%019d", eventPrefix, n) }

// ReadEvents reads the events that a driver keeps under EventKey after a cursor, oldest first. The cursor is
// the number of the last event seen, "" for none; one that is not a number is refused with code
// "cursor-malformed". Events of an erased case are left out.
func ReadEvents(ctx context.Context, box Mailbox, cursor string) (PermitEvents, error) {
	page := PermitEvents{Cursor: cursor}
	if err := ctx.Err(); err != nil {
		return page, err
	}
	after := eventPrefix
	if cursor != "" {
		n, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != cursor {
			return page, fault.New(fault.Invalid, "cursor-malformed", "the cursor is not one of this driver")
		}
		after = EventKey(n)
	}
	last := int64(0)
	err := eachMail(ctx, box, eventPrefix, after, eventPage, func(m Mail) (bool, error) {
		var e PermitEvent
		n, err := strconv.ParseInt(strings.TrimPrefix(m.Key, eventPrefix), 10, 64)
		if err == nil {
			err = json.Unmarshal(m.Value, &e)
		}
		if err != nil {
			return false, fault.Wrap(err, fault.Internal, "event-unreadable", "an event in the driver's mailbox cannot be read")
		}
		page.Events, last = append(page.Events, e), n
		return len(page.Events) < eventPage, nil
	})
	if err != nil {
		return PermitEvents{Cursor: cursor}, err
	}
	if last > 0 {
		page.Cursor = strconv.FormatInt(last, 10)
	}
	return page, nil
}
