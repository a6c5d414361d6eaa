package dispatcher

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// headerIdempotency makes a request repeatable: the same key with the same content gets the same answer and
// has one effect (draft-ietf-httpapi-idempotency-key-header).
const headerIdempotency = "Idempotency-Key"

var (
	idempotencyForm = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)
	actorForm       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$`)
)

// said is an answer that is kept under an idempotency key.
type said struct {
	Content string          `json:"content"` // digest of what was asked
	Status  int             `json:"status"`
	Answer  json.RawMessage `json:"answer"`
}

// told is what a change of a system leads to.
type told struct {
	caseID string // whose key seals the answer that is kept
	status int
	answer any
}

// common is what the body of every change may have.
type common struct {
	Actor string `json:"actor"` // opaque staff reference
	Date  string `json:"date"`  // RFC 3339: when it happened; now without it
}

// check finds what is wrong with it.
func (c common) check(f *findings, now time.Time) {
	f.wants(c.Actor == "" || actorForm.MatchString(c.Actor), "/actor", "an opaque reference of at most 64 letters, digits and ._:- is wanted")
	if c.Date != "" {
		at, err := time.Parse(time.RFC3339, c.Date)
		f.wants(err == nil && !at.After(now.Add(time.Minute)), "/date", "an RFC 3339 date-time is wanted that is not to come")
	}
}

// hear reads the request into body and finds all that is wrong with it: with what every body may have, which
// is by, and with what only this one has, which check looks for.
func (c *call) hear(body any, by *common, check func(*findings)) error {
	var err error
	if c.in, err = c.read(); err != nil {
		return err
	}
	if err = c.in.into(body); err != nil {
		return err
	}
	c.by = *by
	var f findings
	by.check(&f, c.d.host.Clock())
	check(&f)
	return f.err()
}

// tell runs one change of a system in one atomic batch: once, when the request has an idempotency key.
func (c *call) tell(change func(*tx) (told, error)) error {
	name := c.r.Header.Get(headerIdempotency)
	if name != "" && !idempotencyForm.MatchString(name) {
		return fault.New(fault.Malformed, "idempotency-key", "an idempotency key is 1 to 255 printable characters")
	}
	var key, content string
	if name != "" {
		key, content = "idempotency/"+connectors.Digest(c.s.Name, name), c.content()
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	if name != "" {
		var before said
		switch known, err := c.d.get(c.ctx, key, &before); {
		case err != nil:
			return err
		case known && before.Content != content:
			return fault.New(fault.Conflict, "idempotency-key-reused", "this idempotency key came with another request")
		case known:
			c.w.Header().Set("Idempotent-Replayed", "true")
			write(c.w, "application/json", before.Status, before.Answer)
			return nil
		}
	}
	t, err := c.d.begin(c.ctx)
	if err != nil {
		return err
	}
	t.actor = cmp.Or(c.by.Actor, "system:"+c.s.Name)
	out, err := change(t)
	if err != nil {
		return err
	}
	answer := raw(out.answer)
	if name != "" {
		t.put(key, out.caseID, said{Content: content, Status: out.status, Answer: answer})
	}
	if err := t.commit(); err != nil {
		return fault.Wrap(err, fault.Unavailable, "record-unavailable", "nothing can be written now").After(time.Second)
	}
	write(c.w, "application/json", out.status, answer)
	return nil
}

// content is a digest of what was asked: of a multipart body what is in it, since its boundaries differ each
// time.
func (c *call) content() string {
	parts := []string{c.op.id, c.r.URL.Path, c.r.URL.RawQuery, compact(c.in.JSON)}
	for _, u := range c.in.Documents {
		parts = append(parts, u.Name, u.MediaType, u.SHA256)
	}
	return connectors.Digest(parts...)
}

// compact is JSON without the choices of who wrote it.
func compact(b json.RawMessage) string {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return string(b)
	}
	return string(raw(v))
}

// selected are the tracks a change is about: all the system sees of the application, or those its query
// names with hdab and catalog_id.
func (c *call) selected(ctx context.Context, id string) ([]track, error) {
	a, err := c.d.application(ctx, c.s, id)
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	var out []track
	for _, t := range a.tracks {
		body := q.Get("hdab")
		if (body == "" || t.Key.HDAB == body || strings.HasSuffix(t.Key.HDAB, "/hdab/"+body)) &&
			(!q.Has("catalog_id") || t.Key.CatalogID == q.Get("catalog_id")) {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "unknown-application", "there is no such application")
	}
	return out, nil
}

// one is the only track a change can be about.
func (c *call) one(ctx context.Context, id string) (track, error) {
	list, err := c.selected(ctx, id)
	if err != nil {
		return track{}, err
	}
	if len(list) > 1 {
		return track{}, fault.New(fault.Conflict, "track-ambiguous", "the application has several tracks here, each decided alone: name one with the parameters hdab and catalog_id")
	}
	return list[0], nil
}

// each runs a change on every track it is about, all or none, and answers with where they stand.
func (c *call) each(id string, change func(*tx, *track) error) error {
	return c.tell(func(t *tx) (told, error) {
		list, err := c.selected(c.ctx, id)
		if err != nil {
			return told{}, err
		}
		for i := range list {
			if err := change(t, &list[i]); err != nil {
				return told{}, err
			}
			t.save(list[i])
		}
		return told{list[0].Case, http.StatusOK, stateOf(id, list)}, nil
	})
}

// alone runs a change on the one track it is about.
func (c *call) alone(id string, change func(*tx, *track) error) error {
	return c.tell(func(t *tx) (told, error) {
		tr, err := c.one(c.ctx, id)
		if err != nil {
			return told{}, err
		}
		if err := change(t, &tr); err != nil {
			return told{}, err
		}
		t.save(tr)
		return told{tr.Case, http.StatusOK, stateOf(id, []track{tr})}, nil
	})
}

// standing is where an application stands, track by track.
type standing struct {
	ApplicationID string                `json:"application_id"`
	Status        ehds.ApplicationState `json:"status"`
	Tracks        []trackStanding       `json:"tracks"`
}

type trackStanding struct {
	CatalogID      string                `json:"catalog_id,omitempty"`
	HDAB           string                `json:"hdab"`
	Status         ehds.ApplicationState `json:"status"`
	DecisionStatus ehds.DecisionState    `json:"decision_status,omitempty"`
	DecisionID     string                `json:"decision_id,omitempty"`
	Appeals        []string              `json:"appeals,omitempty"`
}

func stateOf(id string, list []track) standing {
	s := standing{ApplicationID: id, Status: application{id, list}.status(), Tracks: []trackStanding{}}
	for _, t := range list {
		s.Tracks = append(s.Tracks, trackStanding{CatalogID: t.Key.CatalogID, HDAB: t.Key.HDAB, Status: t.Status, DecisionStatus: t.Phase,
			DecisionID: t.DecisionID, Appeals: t.Appeals})
	}
	return s
}
