package mirror

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// apply takes a pass that was read to its end over into the index. The marks are written last: a pass
// cut off here is read again, and what was applied of it is unchanged then.
func (p *pass) apply(ctx context.Context) error {
	err := p.spool.each(func(batch []search.Document) error {
		if err := p.m.room(); err != nil {
			return err
		}
		return p.m.Index.Apply(ctx, search.Batch{Put: batch})
	})
	if err != nil {
		return err
	}
	gone, marks, err := p.gone(ctx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(gone, batchSize) {
		if err := p.m.Index.Apply(ctx, search.Batch{Delete: part}); err != nil {
			return err
		}
	}
	p.report.Removed = len(gone)
	if until := p.until(); until.After(p.since) {
		marks[markSince] = until.UTC().Format(time.RFC3339Nano)
	}
	if len(marks) == 0 {
		return nil
	}
	if begun, err := p.m.Index.Mark(ctx, markPass); err != nil || begun != p.name {
		return errors.Join(ErrForgotten, err) // what was unchanged is not in it
	}
	return p.m.Index.Apply(ctx, search.Batch{Marks: marks})
}

// until is the time up to which no change was missed. While the pages are read, one that was read may
// change before one that is still to come: what changed during the pass is read again.
func (p *pass) until() time.Time {
	if p.latest.IsZero() {
		return p.latest
	}
	return p.latest.Add(-max(0, p.took))
}

// gone lists what a complete pass did not show any more. Much of it at once waits for the next complete
// pass, and what that one does not show either is gone: a centre that is being filled anew must not empty
// the mirror.
func (p *pass) gone(ctx context.Context) (keys []string, marks map[string]string, err error) {
	marks = map[string]string{}
	if !p.report.Complete {
		return nil, marks, nil
	}
	marks[markComplete] = p.m.Clock().UTC().Format(time.RFC3339Nano)
	for key := range p.have {
		if !p.seen[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) <= removedFew || float64(len(keys)) <= removedShare*float64(len(p.have)) {
		marks[markGone] = ""
		return keys, marks, nil
	}
	waited, err := p.m.Index.Mark(ctx, markGone)
	if err != nil {
		return nil, nil, err
	}
	before := namesIn(waited)
	again := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !before[nameOf(key)] })
	p.report.Withheld = len(keys) - len(again)
	marks[markGone] = namesFor(keys)
	if len(again) == len(keys) {
		marks[markGone] = ""
	}
	return again, marks, nil
}

// maxWithheld bounds the removals that are remembered from one complete pass to the next; others wait
// for longer.
const maxWithheld = 100_000

// nameLength is how many bytes stand for a key that waits.
const nameLength = 8

// nameOf is short for a key.
func nameOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return string(sum[:nameLength])
}

// namesFor is the mark for keys that wait, namesIn reads it: what is no such mark names none.
func namesFor(keys []string) string {
	var b strings.Builder
	for _, key := range keys[:min(len(keys), maxWithheld)] {
		b.WriteString(nameOf(key))
	}
	return base64.StdEncoding.EncodeToString([]byte(b.String()))
}

func namesIn(mark string) map[string]bool {
	raw, err := base64.StdEncoding.DecodeString(mark)
	out := map[string]bool{}
	for ; err == nil && len(raw) >= nameLength; raw = raw[nameLength:] {
		out[string(raw[:nameLength])] = true
	}
	return out
}
