package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
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
func (p *Publisher) send(ctx context.Context, x *pass) error {
	var g errgroup.Group
	g.SetLimit(sendParallel)
	t := &tally{queued: map[string]int{}}
	packers := newPackers()
	queue := func(action string, f func() error) {
		if err := ctx.Err(); err != nil {
			t.note(action, err)
			return
		}
		g.Go(func() error { t.note(action, f()); return nil })
	}
	err := x.spool.each(ctx, func(n int, d *told) error {
		if c := x.changes[n]; !c.drop {
			x.complete(d, c)
			queue(actionOf(c.verdict), func() error { return p.sendRecord(ctx, packers, d, c) })
		}
		return nil
	})
	for _, origin := range x.deleted {
		queue("delete", func() error { return p.sendDelete(ctx, x.standing.have[origin].Published, x.o.by(x.s.Name)) })
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
	return errors.Join(err, t.err())
}

func actionOf(v catalogue.Verdict) string {
	switch v {
	case catalogue.Update:
		return "update"
	case catalogue.Unchanged:
		return "keep"
	}
	return "create"
}

// complete adds what the pass decided.
func (x *pass) complete(d *told, c change) {
	d.Source, d.Release, d.By = x.s.Name, x.s.Release, x.o.by(x.s.Name)
	d.Published, d.Digest = d.Identifier, d.SourceDigest
	if c.As != "" {
		d.Published = c.As
	}
}

// sendRecord queues a description, or only keeps it where it is unchanged.
func (p *Publisher) sendRecord(ctx context.Context, packers packers, d *told, c change) error {
	described, err := d.pack(ctx, packers)
	if err != nil {
		return fmt.Errorf("dataset %q: %w", d.Identifier, err)
	}
	body := ehds.DatasetBody{
		Identifier: d.Published, AccessRights: d.AccessRights, Release: d.Release,
		Record: ehds.RecordContent{MediaType: "application/n-quads", Content: string(d.content), Digest: d.Digest},
	}
	caseID := ehds.DatasetCase(p.Country, d.Published).String()
	_, err = p.Record.Update(ctx, caseID, func(st store.State) (store.Change, error) {
		pub, err := publicationOf(st.Doc)
		if err != nil {
			return store.Change{}, err
		}
		if c.verdict == catalogue.Unchanged {
			return keep(pub, d, described), nil
		}
		// A pass of that source that ran beside this one was first; the next pass finds another identifier.
		if pub.Source != "" && pub.Source != d.Source && pub.Published() {
			return store.Change{}, fmt.Errorf("identifier %q is already published from source %s", d.Published, pub.Source)
		}
		body.CentralID = pub.CentralID
		row := p.Compose.Message(exchange.Draft{To: p.Centre, Type: messageFor(pub), Case: caseID, Body: body})
		return store.Change{Doc: encode(pub.Queued(d.Told, row.Jti, st.Now)), Send: []store.Outgoing{row}, Describe: described}, nil
	})
	if err != nil {
		return fmt.Errorf("queueing dataset %q: %w", d.Identifier, err)
	}
	return nil
}

// packers are as many as can work at once; each has tables of most of a megabyte.
type packers chan *store.Packer

func newPackers() packers {
	p := make(packers, runtime.GOMAXPROCS(0))
	for range cap(p) {
		p <- &store.Packer{}
	}
	return p
}

// pack makes what is told of what the source has: under another identifier where it needs one.
func (d *told) pack(ctx context.Context, packers packers) (*store.DescriptionWrite, error) {
	if d.Published != d.Identifier {
		var err error
		if d.content, d.Digest, err = catalogue.Republished(ctx, d.content, d.Published); err != nil {
			return nil, err
		}
	}
	packer := <-packers
	defer func() { packers <- packer }()
	return packer.Pack(d.content, d.Exchange)
}

// keep writes the description of what was published before descriptions were kept.
func keep(pub catalogue.Publication, d *told, described *store.DescriptionWrite) store.Change {
	if pub.Digest != d.Digest || pub.Source != d.Source {
		return store.Change{} // it moved on meanwhile
	}
	pub.Exchange, pub.Release = d.Exchange, d.Release
	return store.Change{Doc: encode(pub), Describe: described}
}

// messageFor is update for what the centre has or will have, create for all else.
func messageFor(pub catalogue.Publication) ehds.MessageType {
	if pub.Published() || (pub.State == catalogue.Rejected && pub.CentralID != "") {
		return ehds.DatasetUpdate
	}
	return ehds.DatasetCreate
}

func (p *Publisher) sendDelete(ctx context.Context, published, by string) error {
	caseID := ehds.DatasetCase(p.Country, published).String()
	_, err := p.Record.Update(ctx, caseID, func(st store.State) (store.Change, error) {
		pub, err := publicationOf(st.Doc)
		if err != nil || pub.State == catalogue.Deleting || pub.State == catalogue.Deleted {
			return store.Change{}, err
		}
		if pub.State == catalogue.Rejected && pub.CentralID == "" {
			return store.Change{Doc: encode(pub.DroppedUnseen(by, st.Now)), Describe: withdrawn()}, nil
		}
		row := p.Compose.Message(exchange.Draft{To: p.Centre, Type: ehds.DatasetDelete, Case: caseID, Body: ehds.DatasetDeleteBody{
			Identifier: pub.Identifier, LastDigest: pub.Digest, CentralID: pub.CentralID,
		}})
		return store.Change{Doc: encode(pub.QueuedDelete(row.Jti, by, st.Now)), Send: []store.Outgoing{row}, Describe: withdrawn()}, nil
	})
	if err != nil {
		return fmt.Errorf("queueing the removal of %q: %w", published, err)
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
