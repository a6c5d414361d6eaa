package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// sendParallel is how many datasets are queued at once: the record commits them in groups.
const sendParallel = 64

// maxErrors bounds how many failures of one pass are told one by one.
const maxErrors = 20

// tally counts what a pass queued and keeps what failed.
type tally struct {
	mu     sync.Mutex
	queued map[string]int
	failed int
	errs   []error
}

func (t *tally) note(action string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.queued[action]++
		return
	}
	if t.failed++; t.failed <= maxErrors {
		t.errs = append(t.errs, err)
	}
}

func (t *tally) err() error {
	if more := t.failed - len(t.errs); more > 0 {
		t.errs = append(t.errs, fmt.Errorf("and %d more", more))
	}
	return errors.Join(t.errs...)
}

// send queues one message for each change, each with its publication in one transaction. One that
// fails does not stop the others; only the end of ctx does.
func (p *Publisher) send(ctx context.Context, s Source, c catalogue.Changes) error {
	var g errgroup.Group
	g.SetLimit(sendParallel)
	t := &tally{queued: map[string]int{}}
	queue := func(action string, f func() error) {
		if err := ctx.Err(); err != nil {
			t.note(action, err)
			return
		}
		g.Go(func() error { t.note(action, f()); return nil })
	}
	for _, r := range c.Create {
		queue("create", func() error { return p.sendRecord(ctx, s, r) })
	}
	for _, r := range c.Update {
		queue("update", func() error { return p.sendRecord(ctx, s, r) })
	}
	for _, k := range c.Delete {
		queue("delete", func() error { return p.sendDelete(ctx, k) })
	}
	_ = g.Wait() // the tally has the errors
	if p.Wake != nil {
		p.Wake()
	}
	if p.Observe != nil {
		for _, action := range []string{"create", "update", "delete"} {
			p.Observe(action, t.queued[action])
		}
	}
	return t.err()
}

func (p *Publisher) sendRecord(ctx context.Context, s Source, r catalogue.Record) error {
	caseID := ehds.DatasetCase(p.Country, r.Identifier).String()
	var packer store.Packer
	described, err := packer.Pack(r.NQuads, r.ExchangeDigest)
	if err != nil {
		return fmt.Errorf("dataset %q: %w", r.Identifier, err)
	}
	_, err = p.Record.Update(ctx, caseID, func(st store.State) (store.Change, error) {
		pub, err := publicationOf(st.Doc)
		if err != nil {
			return store.Change{}, err
		}
		// A pass of that source that ran beside this one was first; the next pass quarantines it.
		if pub.Source != "" && pub.Source != s.Name && pub.Published() {
			return store.Change{}, fmt.Errorf("identifier %q is already published from source %s", r.Identifier, pub.Source)
		}
		body := ehds.DatasetBody{
			Identifier: r.Identifier, AccessRights: r.AccessRights, Release: s.Release, CentralID: pub.CentralID,
			Record: ehds.RecordContent{MediaType: "application/n-quads", Content: string(r.NQuads), Digest: r.Digest},
		}
		row := p.Compose.Message(exchange.Draft{To: p.Centre, Type: messageFor(pub), Case: caseID, Body: body})
		return store.Change{Doc: encode(pub.Queued(r, s.Name, row.Jti, st.Now)), Send: []store.Outgoing{row}, Describe: described}, nil
	})
	if err != nil {
		return fmt.Errorf("queueing dataset %q: %w", r.Identifier, err)
	}
	return nil
}

// messageFor is update for what the centre has or will have, create for all else.
func messageFor(pub catalogue.Publication) ehds.MessageType {
	if pub.Published() || (pub.State == catalogue.Rejected && pub.CentralID != "") {
		return ehds.DatasetUpdate
	}
	return ehds.DatasetCreate
}

func (p *Publisher) sendDelete(ctx context.Context, k catalogue.Key) error {
	caseID := ehds.DatasetCase(p.Country, k.Identifier).String()
	_, err := p.Record.Update(ctx, caseID, func(st store.State) (store.Change, error) {
		pub, err := publicationOf(st.Doc)
		if err != nil || pub.State == catalogue.Deleting || pub.State == catalogue.Deleted {
			return store.Change{}, err
		}
		if pub.State == catalogue.Rejected && pub.CentralID == "" {
			pub.State = catalogue.Deleted // the centre never had it: nothing to tell
			return store.Change{Doc: encode(pub), Describe: withdrawn()}, nil
		}
		row := p.Compose.Message(exchange.Draft{To: p.Centre, Type: ehds.DatasetDelete, Case: caseID, Body: ehds.DatasetDeleteBody{
			Identifier: pub.Identifier, LastDigest: pub.Digest, CentralID: pub.CentralID,
		}})
		return store.Change{Doc: encode(pub.QueuedDelete(row.Jti, st.Now)), Send: []store.Outgoing{row}, Describe: withdrawn()}, nil
	})
	if err != nil {
		return fmt.Errorf("queueing the removal of %q: %w", k.Identifier, err)
	}
	return nil
}

// withdrawn leaves a case without a current description: the nation no longer holds it.
func withdrawn() *store.DescriptionWrite { return &store.DescriptionWrite{Withdraw: true} }

func publicationOf(doc []byte) (catalogue.Publication, error) {
	var pub catalogue.Publication
	if doc == nil {
		return pub, nil
	}
	err := json.Unmarshal(doc, &pub)
	return pub, err
}

// encode writes a publication. Its fields are strings and times, so marshalling cannot fail.
func encode(pub catalogue.Publication) []byte {
	b, err := json.Marshal(pub)
	if err != nil {
		panic(fmt.Sprintf("a publication does not marshal: %v", err))
	}
	return b
}
