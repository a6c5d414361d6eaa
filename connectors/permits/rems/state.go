package rems

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// track is what the driver keeps of one track, sealed with the key of its case.
type track struct {
	Case       string                             `json:"case"`
	Track      ehds.Track                         `json:"track"`
	REMS       int                                `json:"rems,omitempty"`  // number of the application there
	Filed      bool                               `json:"filed,omitempty"` // it was submitted there once
	App        ehds.ApplicationBody               `json:"application"`     // completed by what was brought since
	Files      []file                             `json:"files,omitempty"`
	Published  map[string]connectors.DatasetFacts `json:"published,omitzero"`
	Status     ehds.ApplicationState              `json:"status,omitempty"` // last one told
	At         string                             `json:"at,omitempty"`     // of the last event told
	LastEvent  int64                              `json:"last_event,omitempty"`
	Decision   *ehds.DecisionBody                 `json:"decision,omitempty"`
	Incomplete *event                             `json:"incomplete,omitempty"` // approved, but not all of Art. 68(10) is known
	Withdrawn  bool                               `json:"withdrawn,omitempty"`
	Op         *operation                         `json:"op,omitempty"` // under way
}

// file is an attachment and where it is in REMS.
type file struct {
	ehds.Attachment
	Ref  string `json:"ref"`
	REMS int    `json:"rems,omitempty"` // 0 until it was uploaded
}

// operation is something the driver does in REMS, in as many steps as it takes. It is done when REMS
// shows more events of a kind than before; so it can be taken up after a crash at any point.
type operation struct {
	Ref    string                             `json:"ref"`
	Await  string                             `json:"await"`  // kind of event
	Before int                                `json:"before"` // how many there were; -1 when not yet looked
	App    ehds.ApplicationBody               `json:"application"`
	Files  []file                             `json:"files,omitempty"`
	Facts  map[string]connectors.DatasetFacts `json:"facts,omitzero"`
}

// Keys of the mailbox. They hold nothing personal: cases are hashed.
const (
	indexPrefix = "app/"
	dirtyPrefix = "dirty/"
	keyCounter  = "counter"
)

func trackKey(id string, t ehds.Track) string { return "case/" + connectors.TrackDigest(id, t) }

func number(prefix string, id int) string { return fmt.Sprintf("%s%012d", prefix, id) }

// entry is the index of an application of REMS: whose it is and when it was last read.
type entry struct {
	Case       string     `json:"case"`
	Track      ehds.Track `json:"track"`
	Activity   string     `json:"activity,omitempty"`
	Incomplete bool       `json:"incomplete,omitempty"`
}

// user is the user of REMS made for one track. It tells nothing of the person, and is the mark by which
// what was made is found again.
func (d *Driver) user(id string, t ehds.Track) string {
	return "ehds-" + connectors.Digest(d.host.Instance, id, t.CatalogID, t.HDAB)[:32]
}

func broken(err error) error {
	return fault.Wrap(err, fault.Internal, "rems-state", "the driver's state cannot be read or written")
}

func (d *Driver) load(ctx context.Context, id string, t ehds.Track) (track, bool, error) {
	out := track{Case: id, Track: t}
	b, ok, err := d.host.Mailbox.Get(ctx, trackKey(id, t))
	if err != nil || !ok || len(b) == 0 {
		return out, false, err
	}
	if err := json.Unmarshal(b, &out); err != nil {
		return out, false, broken(err)
	}
	return out, true, nil
}

// mail is an entry of the mailbox in JSON.
func mail(key, caseID string, v any) (connectors.Mail, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return connectors.Mail{}, broken(err)
	}
	return connectors.Mail{Key: key, Case: caseID, Value: b}, nil
}

// save keeps a track while something is under way.
func (d *Driver) save(ctx context.Context, t track) error {
	m, err := mail(trackKey(t.Case, t.Track), t.Case, t)
	if err != nil {
		return err
	}
	return d.host.Mailbox.Batch(ctx, []connectors.Mail{m}, nil)
}

// commit keeps a track with what is told of it, in one batch. A reference is done with it.
func (d *Driver) commit(ctx context.Context, t *track, told []connectors.PermitEvent, ref, activity string) error {
	d.log.Lock()
	defer d.log.Unlock()
	var n int64
	b, ok, err := d.host.Mailbox.Get(ctx, keyCounter)
	if err != nil {
		return err
	}
	if ok {
		if n, err = strconv.ParseInt(string(b), 10, 64); err != nil {
			return broken(err)
		}
	}
	var puts []connectors.Mail
	var deletes []string
	put := func(key, caseID string, v any) {
		m, merr := mail(key, caseID, v)
		if merr != nil && err == nil {
			err = merr
		}
		puts = append(puts, m)
	}
	for _, e := range told {
		n++
		e.Case, e.Track = t.Case, t.Track
		if e.At = later(e.At, t.At); e.ID == "" {
			e.ID = fmt.Sprintf("%s-%d", d.host.Instance, n)
		}
		t.At = e.At
		put(connectors.EventKey(n), e.Case, e)
	}
	put(trackKey(t.Case, t.Track), t.Case, *t)
	if t.Filed && t.REMS > 0 {
		put(number(indexPrefix, t.REMS), t.Case, entry{t.Case, t.Track, activity, t.Incomplete != nil})
		deletes = append(deletes, number(dirtyPrefix, t.REMS))
	}
	if ref != "" {
		puts = append(puts, connectors.Mail{Key: connectors.RefKey(ref, t.Case, t.Track), Value: []byte("1")})
	}
	puts = append(puts, connectors.Mail{Key: keyCounter, Value: []byte(strconv.FormatInt(n, 10))})
	if err != nil {
		return err
	}
	return d.host.Mailbox.Batch(ctx, puts, deletes)
}

// later is the later of two instants, so that the events of a track never run back.
func later(at, before string) string {
	a, errA := time.Parse(time.RFC3339, at)
	b, errB := time.Parse(time.RFC3339, before)
	if errB == nil && (errA != nil || a.Before(b)) {
		return before
	}
	return a.UTC().Format(time.RFC3339Nano)
}
