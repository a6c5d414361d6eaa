package dispatcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// track mirrors one track: what its system may do next, and what the list shows. It is sealed with the
// key of its case, for the titles in it.
type track struct {
	Case          string                `json:"case"`
	Key           ehds.Track            `json:"key"`
	ApplicationID string                `json:"application_id"` // as systems see it: shownID
	Kind          ehds.ApplicationKind  `json:"kind"`
	Status        ehds.ApplicationState `json:"status"`
	ResumeTo      ehds.ApplicationState `json:"resume_to,omitempty"`
	Phase         ehds.DecisionState    `json:"phase,omitempty"`
	DecisionID    string                `json:"decision_id,omitempty"`
	SetAside      []string              `json:"set_aside,omitempty"` // ids of decisions an appeal set aside
	Outcome       ehds.Outcome          `json:"outcome,omitempty"`
	Appeals       []string              `json:"appeals,omitempty"` // ids, oldest first
	Versions      []version             `json:"versions"`
	Permits       []permit              `json:"permits,omitempty"`
	Information   int                   `json:"information,omitempty"` // how often the applicant completed it
	// LastEvent is the number of the last event told of the track, Settled the last one of which the
	// gateway's refusal was taken into account.
	LastEvent int64 `json:"last_event"`
	Settled   int64 `json:"settled,omitempty"`
}

// version is one filing, as the list shows it.
type version struct {
	Number        int    `json:"number"`
	Title         string `json:"title"`
	DateSubmitted string `json:"date_submitted"`
}

// permit is a version of a permit as far as it was told.
type permit struct {
	ID    string           `json:"id"`
	Phase ehds.PermitPhase `json:"phase"`
	From  string           `json:"from,omitempty"`
	To    string           `json:"to,omitempty"`
}

// filing is the content of one version.
type filing struct {
	Application ehds.ApplicationBody               `json:"application"`
	Attachments []attachment                       `json:"attachments,omitempty"`
	Published   map[string]connectors.DatasetFacts `json:"published,omitzero"`
}

// attachment is a stored attachment and what opens it.
type attachment struct {
	ehds.Attachment
	Ref string `json:"ref"`
}

// information is what completed a version of an application.
type information struct {
	Version     int           `json:"version"` // the newest when it came
	Body        ehds.InfoBody `json:"body"`
	Attachments []attachment  `json:"attachments,omitempty"`
}

// shownID is what systems call an application: the centre's id, or for one that another hub filed its case,
// since such a hub may give a number that the centre gave to another.
func shownID(caseID, applicationID string) string {
	if id, err := ehds.ParseCaseID(caseID); err == nil && id.Kind == ehds.CaseNational {
		return caseID
	}
	return applicationID
}

// number is the id of the application in messages.
func (t track) number() string {
	if id, err := ehds.ParseCaseID(t.Case); err == nil && id.Kind == ehds.CaseNational {
		return id.ApplicationID()
	}
	return t.ApplicationID
}

func (t track) newest() version { return t.Versions[len(t.Versions)-1] }

// Prefixes of the mailbox's keys. They hold nothing personal: cases and applications are hashed.
const (
	trackPrefix  = "track/"
	filingPrefix = "filing/"
	infoPrefix   = "information/"
	indexPrefix  = "application/" // tracks by application id
	filePrefix   = "file/"
	keyCounters  = "counters"
)

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func indexOf(applicationID string) string {
	return indexPrefix + connectors.Digest(applicationID) + "/"
}
func filingKey(trackID string, n int) string {
	return fmt.Sprintf("%s%s/%07d", filingPrefix, trackID, n)
}
func infoKey(trackID string, n int) string   { return fmt.Sprintf("%s%s/%05d", infoPrefix, trackID, n) }
func numbered(prefix string, n int64) string { return fmt.Sprintf("%s%019d", prefix, n) }

// counters number events and notices.
type counters struct {
	Event  int64 `json:"event"`
	Notice int64 `json:"notice"`
}

// tx collects one atomic change.
type tx struct {
	ctx   context.Context
	d     *Driver
	now   time.Time
	n     counters
	puts  []connectors.Mail
	gone  []string
	err   error
	actor string // who makes the change, for its events
}

func (d *Driver) begin(ctx context.Context) (*tx, error) {
	t := &tx{ctx: ctx, d: d, now: d.host.Clock().UTC()}
	_, err := d.get(ctx, keyCounters, &t.n)
	return t, err
}

// get reads a value of the mailbox.
func (d *Driver) get(ctx context.Context, key string, v any) (bool, error) {
	b, ok, err := d.host.Mailbox.Get(ctx, key)
	if err != nil || !ok || len(b) == 0 {
		return false, err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return false, unreadable(err)
	}
	return true, nil
}

func unreadable(err error) error {
	return fault.Wrap(err, fault.Internal, "dispatcher-state", "the dispatcher's state cannot be read")
}

// scan reads every value with a prefix that comes after a key and hands it to f, in the order of keys, until
// f says it has enough.
func scan[T any](ctx context.Context, d *Driver, prefix, after string, f func(key string, v T) (more bool, err error)) error {
	return connectors.EachMail(ctx, d.host.Mailbox, prefix, after, func(m connectors.Mail) (bool, error) {
		var v T
		if err := json.Unmarshal(m.Value, &v); err != nil {
			return false, unreadable(err)
		}
		return f(m.Key, v)
	})
}

func (t *tx) put(key, caseID string, v any) {
	b, err := json.Marshal(v)
	if err != nil && t.err == nil {
		t.err = fault.Wrap(err, fault.Internal, "dispatcher-state", "the dispatcher's state cannot be written")
	}
	t.puts = append(t.puts, connectors.Mail{Key: key, Case: caseID, Value: b})
}

// load reads a track and takes into account what the gateway refused of it.
func (d *Driver) load(ctx context.Context, id string) (track, bool, error) {
	var t track
	ok, err := d.get(ctx, trackPrefix+id, &t)
	if err != nil || !ok {
		return t, ok, err
	}
	return t, true, d.settle(ctx, &t)
}

func (t *tx) must(caseID string, key ehds.Track) (track, error) {
	tr, ok, err := t.d.load(t.ctx, connectors.TrackDigest(caseID, key))
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "unknown-case", "no such case or track is known here")
	}
	return tr, err
}

func (t *tx) save(tr track) { t.put(trackPrefix+connectors.TrackDigest(tr.Case, tr.Key), tr.Case, tr) }

// event tells the gateway something, in the name of the track.
func (t *tx) event(tr *track, e connectors.PermitEvent) {
	t.n.Event++
	if tr != nil {
		e.Case, e.Track = tr.Case, tr.Key
		tr.LastEvent = t.n.Event
	}
	e.ID = t.d.eventID(t.n.Event)
	if e.At == "" {
		e.At = t.now.Format(time.RFC3339Nano)
	}
	if e.Actor == "" {
		e.Actor = t.actor
	}
	t.put(connectors.EventKey(t.n.Event), e.Case, e)
}

func (d *Driver) eventID(n int64) string { return d.host.Instance + "-" + strconv.FormatInt(n, 10) }

func (t *tx) commit() error {
	t.put(keyCounters, "", t.n)
	if t.err != nil {
		return t.err
	}
	return t.d.host.Mailbox.Batch(t.ctx, t.puts, t.gone)
}
