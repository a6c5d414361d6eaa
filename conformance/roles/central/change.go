package central

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// change collects what one event does, on top of the state, until write makes it durable. c.mu is
// held from begin to write.
type change struct {
	c    *Central
	ctx  context.Context // of work that nobody may interrupt half way
	now  time.Time
	size int64 // of the log before
	e    entry

	datasets     map[string]*dataset
	applications map[string]*application
	seqs         map[line]int64
	err          error // the first thing that went wrong; nothing is written then
}

func (c *Central) begin(ctx context.Context) *change {
	now := c.o.Clock().UTC()
	return &change{
		c: c, ctx: context.WithoutCancel(ctx), now: now, size: c.log.Size(), e: entry{At: now},
		datasets: map[string]*dataset{}, applications: map[string]*application{}, seqs: map[line]int64{},
	}
}

// write appends the entry to the journal and takes it over. On an error nothing has happened.
func (ch *change) write() error {
	for _, d := range ch.datasets {
		ch.e.Datasets = append(ch.e.Datasets, *d)
	}
	for _, a := range ch.applications {
		ch.e.Applications = append(ch.e.Applications, *a)
	}
	if ch.err == nil {
		ch.err = ch.c.journal.Append(&ch.e)
	}
	if ch.err != nil {
		ch.c.log.Truncate(ch.size)
		return ch.err
	}
	ch.c.state.apply(&ch.e)
	if len(ch.e.Queued) > 0 {
		ch.c.poke()
	}
	return nil
}

// poke wakes Run.
func (c *Central) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// leaf logs a token and returns the evidence for its receipt.
func (ch *change) leaf(class, token string) *ehds.ReceiptEvidence {
	salt := make([]byte, forge.SaltSize)
	if _, err := io.ReadFull(ch.c.o.Rand, salt); err != nil {
		ch.fail(err)
		return nil
	}
	ev, err := ch.c.log.Evidence(class, salt, token)
	if err != nil {
		ch.fail(err)
		return nil
	}
	ch.e.Leaves = append(ch.e.Leaves, leaf{Class: class, Salt: salt, Text: ev.Leaf})
	return ev
}

func (ch *change) fail(err error) {
	if ch.err == nil && err != nil {
		ch.err = err
	}
}

// learn remembers which contact point speaks for a nation.
func (ch *change) learn(country, entity string) {
	if _, ok := ehds.CountryByCode(country); !ok || ch.c.state.nations[country] == entity {
		return
	}
	if ch.e.Nations == nil {
		ch.e.Nations = map[string]string{}
	}
	ch.e.Nations[country] = entity
}

// application returns a copy to change, nil when there is none.
func (ch *change) application(id string) *application {
	if a, ok := ch.applications[id]; ok {
		return clone(a)
	}
	a, ok := ch.c.state.applications[id]
	if !ok {
		return nil
	}
	return clone(a)
}

// datasetOf returns a copy to change, nil when the nation never published the identifier.
func (ch *change) datasetOf(nation, identifier string) *dataset {
	for _, d := range ch.datasets {
		if d.Nation == nation && d.Identifier == identifier {
			return clone(d)
		}
	}
	id, ok := ch.c.state.origins[originKey{nation, identifier}]
	if !ok {
		return nil
	}
	return clone(ch.c.state.datasets[id])
}

// draft is a message about to be queued.
type draft struct {
	to          string
	typ         ehds.MessageType
	caseID      string
	track       *ehds.Track
	ref, refSHA string
	origin      *ehds.Origin
	body        any
	attachments []ehds.Attachment
}

// queue gives a draft its id and number and puts it on the outbox. It returns the message id.
func (ch *change) queue(d draft) string {
	l := line{d.to, d.caseID}
	if ch.seqs[l] == 0 {
		ch.seqs[l] = ch.c.state.outSeq[l]
	}
	ch.seqs[l]++
	return ch.put(d, ch.seqs[l], "")
}

func (ch *change) put(d draft, seq int64, replaces string) string {
	body, err := json.Marshal(d.body)
	ch.fail(err)
	jti, profile := ch.c.newID(ch), profileSent
	if rule, _ := ehds.Lookup(d.typ); rule.Extension {
		profile = ehds.ProfileExt1
	}
	ch.e.Queued = append(ch.e.Queued, outbound{
		State: outQueued, Due: ch.now, Replaces: replaces,
		Env: ehds.Envelope{
			Iss: ch.c.o.Entity, Aud: d.to, Jti: jti, Type: d.typ, Profile: profile, Case: d.caseID, Track: d.track,
			Seq: seq, Ref: d.ref, RefSHA256: d.refSHA, Origin: d.origin, Body: body, Attachments: d.attachments,
		},
	})
	return jti
}

// newID is a fresh UUIDv7 for a message.
func (c *Central) newID(ch *change) string {
	id, err := uuid.NewV7FromReader(c.o.Rand)
	if err != nil {
		ch.fail(fmt.Errorf("message id: %w", err))
	}
	return id.String()
}

// stamp is a time as it travels: RFC 3339, UTC, microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
