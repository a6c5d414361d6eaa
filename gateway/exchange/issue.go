package exchange

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// PermitSigner signs permits with the key of a body, with its trust chain in the header.
type PermitSigner interface {
	SignPermit(ctx context.Context, hdab string, claims ehds.PermitClaims) (string, error)
	// StatusList is the URI of the list a body uses for permits issued in a year.
	StatusList(hdab string, year int) string
}

// StatusListSize is the number of entries of a list: large enough that an index tells nothing
// (Token Status List draft §13.2; wire profile §6).
const StatusListSize = 131072

// Issuer is the worker of the internal channel: it signs permits and sets their status.
type Issuer struct {
	Record       Record
	Applications *Applications
	Signer       PermitSigner
	Country      string
	Backoff      Backoff
	Clock        func() time.Time
	Rand         io.Reader
	Logger       *slog.Logger
	Wake         func()
	// Lists says whether the centre's metadata lists a type of profile ext-1.
	Lists func(context.Context, ehds.MessageType) (bool, error)
}

// Try carries one task out.
func (w *Issuer) Try(ctx context.Context, row store.Outbox) error {
	var err error
	switch row.Type {
	case taskPermitIssue:
		err = w.issue(ctx, row)
	case taskPermitStatus:
		err = w.setStatus(ctx, row)
	case taskShare:
		err = w.share(ctx, row)
	case taskRecognise:
		err = w.recognise(ctx, row)
	case taskMeasure:
		err = w.measure(ctx, row)
	default:
		err = fault.New(fault.Invalid, "task-unreadable", "the task is of an unknown kind")
	}
	if err == nil {
		w.Wake()
		return nil
	}
	f, now := fault.From(err), w.Clock()
	st := store.Settlement{ID: row.ID, State: store.OutboxQueued, Reason: f.Code, Due: now.Add(w.Backoff.Delay(row.Attempts + 1)), Counted: true}
	if permanent(f) || w.Backoff.Spent(row.Created, now) {
		st.State, st.Due = store.OutboxDead, time.Time{}
	}
	w.Logger.ErrorContext(ctx, "a permit task failed", "id", row.ID, "type", row.Type, "code", f.Code, "error", err)
	_, uerr := w.Record.Update(context.WithoutCancel(ctx), row.Case, func(store.State) (store.Change, error) {
		return store.Change{Settle: &st}, nil
	})
	return uerr
}

// issueTries bounds the search for a free index and a free number. With a list a thousandth full, one
// try in a thousand collides.
const issueTries = 16

// issue signs the permit and records it with its status index, the new case state and the message
// that carries it, in one transaction. A taken index or number means another try.
func (w *Issuer) issue(ctx context.Context, row store.Outbox) error {
	var t permitTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	err := w.continued(ctx, &t)
	if err != nil {
		return err
	}
	for range issueTries {
		err = w.issueAt(ctx, row, t)
		if !errors.Is(err, store.ErrIndexUsed) && (!errors.Is(err, store.ErrPermitExists) || t.Move != nil) {
			break
		}
	}
	switch {
	case errors.Is(err, store.ErrIndexUsed):
		return fault.Wrap(err, fault.Unavailable, "status-list-full", "no free index was found in the status list")
	case errors.Is(err, store.ErrPermitExists) && t.Move != nil:
		return fault.Wrap(err, fault.Conflict, "permit-version-taken", "this version of the permit is on record")
	}
	return err
}

func (w *Issuer) issueAt(ctx context.Context, row store.Outbox, t permitTask) error {
	now := w.Clock().UTC()
	idx, err := rand.Int(w.Rand, big.NewInt(StatusListSize))
	if err != nil {
		return fmt.Errorf("no randomness for a status index: %w", err)
	}
	id, err := w.permitID(t, now)
	if err != nil {
		return err
	}
	claims, err := permitClaims(t, id, now, w.Applications.zoneOf(t.Track.HDAB))
	if err != nil {
		return err
	}
	if err := grantable(claims.Permit); err != nil {
		return err
	}
	if t.Grant.OptOut.Until, err = w.optOutsUntil(ctx, t.Grant, now); err != nil {
		return err
	}
	claims.Permit = t.Grant
	claims.Status.StatusList = ehds.StatusRef{Idx: idx.Int64(), URI: w.Signer.StatusList(t.Track.HDAB, now.Year())}
	token, err := w.Signer.SignPermit(ctx, t.Track.HDAB, claims)
	if err != nil {
		return err
	}
	body := ehds.PermitIssuedBody{
		ApplicationID: applicationOf(row.Case), DecisionID: t.Decision, PermitID: claims.Jti, Permit: token,
		StatusList: claims.Status.StatusList.URI, StatusIndex: claims.Status.StatusList.Idx,
		NotBefore: stamp(time.Unix(claims.Nbf, 0)), Expires: stamp(time.Unix(claims.Exp, 0)),
	}
	made, err := w.Applications.prepare(ctx, row.Case, t.event(body, now), nil, now)
	if err != nil {
		return err
	}
	defer w.Applications.letGo(ctx, made)
	beyond := w.beyond(ctx, row.Case, claims.Permit, now)
	_, err = w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		return w.granted(s, row, t, body, made, beyond)
	})
	return err
}

func (w *Issuer) granted(s store.State, row store.Outbox, t permitTask, body ehds.PermitIssuedBody, made papers, flags []Flag) (store.Change, error) {
	doc, err := readApplication(s.Doc)
	if err != nil {
		return store.Change{}, err
	}
	doc.Granted = append(doc.Granted, grantedOf(body.PermitID, t.Grant))
	doc.Flags = append(doc.Flags, flags...)
	out, err := w.Applications.step(doc, t.event(body, s.Now), row.Case, s.Now, made)
	if err != nil {
		return store.Change{}, err
	}
	change := out.change()
	change.Permits = append([]store.PermitWrite{{
		ID: body.PermitID, Token: body.Permit, List: body.StatusList, Index: body.StatusIndex, Status: ehds.StatusValid,
	}}, change.Permits...)
	change.Leaves = append(change.Leaves, store.NewLeaf{Class: "decision", Material: []byte(body.Permit)})
	change.Settle = &store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true}
	return change, nil
}

// event is what the case is told once the permit is signed.
func (t permitTask) event(body ehds.PermitIssuedBody, now time.Time) access.Event {
	if t.Move != nil {
		return t.Move.moved(t.Track, body, now)
	}
	return access.PermitGranted{Track: t.Track, At: now, Body: body}
}

// Permit numbers have eight digits, the first not zero.
const (
	firstPermitNumber = 10_000_000
	permitNumbers     = 90_000_000
)

// permitID names a permit. A first version gets a random number: a counter would give numbers again
// after a restore from a backup, and permits that the backup does not know are out in the world. A
// task tried again after a crash may draw another number, which is fine: nothing of the first try was
// committed and its token never left. A later version keeps year, number and body code of the
// case's permit before it.
func (w *Issuer) permitID(t permitTask, now time.Time) (ehds.PermitID, error) {
	body, ok := w.Applications.Router.Body(t.Track.HDAB)
	if !ok {
		return ehds.PermitID{}, fault.New(fault.Invalid, "hdab-unknown", "the track's body is not hosted here")
	}
	if t.Move != nil { // the version before is the case's newest: that was judged when the task was made
		id, err := ehds.ParsePermitID(t.Move.PermitID)
		if err != nil {
			return ehds.PermitID{}, fault.Wrap(err, fault.Invalid, "previous-form", "the version before is no permit of this form")
		}
		id.Version = t.Grant.Version
		return id, nil
	}
	if err := continuesNone(t.Grant); err != nil {
		return ehds.PermitID{}, err
	}
	n, err := rand.Int(w.Rand, big.NewInt(permitNumbers))
	if err != nil {
		return ehds.PermitID{}, fmt.Errorf("no randomness for a permit number: %w", err)
	}
	return ehds.PermitID{
		Country: w.Country, HDAB: body.Code, Year: now.Year(), Number: firstPermitNumber + int(n.Int64()), Version: t.Grant.Version,
	}, nil
}

// continuesNone refuses a first permit that is said to continue one: that one would be another case's, or
// of no case at all.
func continuesNone(g ehds.PermitDetail) error {
	if g.Version != 1 || g.Previous != "" {
		return fault.New(fault.Invalid, "previous-form", "the first permit of an application continues none").At("/permit/previous")
	}
	return nil
}

// permitClaims fills the claims of a permit from what was granted (Art. 68(10)). Its days are those of the
// issuing body: they begin and end at midnight there.
func permitClaims(t permitTask, id ehds.PermitID, now time.Time, zone *time.Location) (ehds.PermitClaims, error) {
	from, err := time.ParseInLocation(time.DateOnly, t.Grant.Duration.From, zone)
	if err != nil {
		return ehds.PermitClaims{}, fault.Wrap(err, fault.Invalid, "duration-form", "the grant's start is not a full-date")
	}
	to, err := time.ParseInLocation(time.DateOnly, t.Grant.Duration.To, zone)
	if err != nil || !to.After(from) {
		return ehds.PermitClaims{}, fault.New(fault.Invalid, "duration-form", "the grant's end is not a full-date after its start")
	}
	return ehds.PermitClaims{
		Iss: t.Track.HDAB, Sub: subjectOf(t.Track.HDAB, t.Grant.ApplicationID), Jti: id.String(),
		Iat: now.Unix(), Nbf: t.start(now, from, zone), Exp: to.AddDate(0, 0, 1).Unix(), Permit: t.Grant,
	}, nil
}

// start is when a permit begins to hold: the first when its duration does, a later version at once or, for
// an amendment, on the day it is to start. It is never before the signature.
func (t permitTask) start(now, from time.Time, zone *time.Location) int64 {
	if t.Move != nil {
		from, _ = time.ParseInLocation(time.DateOnly, t.Move.From, zone) // checked when the task was made; none is at once
	}
	return max(now.Unix(), from.Unix())
}

// zoneOf is a body's time zone, which decides what day it is.
func (a *Applications) zoneOf(hdab string) *time.Location {
	if zone := a.Rules.Of(hdab).Zone; zone != nil {
		return zone
	}
	return time.UTC
}

// subjectOf is the opaque subject of a permit: the same for all versions of one application at one
// body, and linkable to nothing else.
func subjectOf(hdab, application string) string {
	return "ph-" + sha256Hex(hdab + "\n" + application)[:32]
}

func (w *Issuer) setStatus(ctx context.Context, row store.Outbox) error {
	var t permitStatusTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	_, err := w.Record.Update(context.WithoutCancel(ctx), row.Case, func(store.State) (store.Change, error) {
		return store.Change{
			Permits: []store.PermitWrite{{ID: t.PermitID, Status: t.Value}},
			Settle:  &store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true},
		}, nil
	})
	return err
}
