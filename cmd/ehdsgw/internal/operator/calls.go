package operator

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Publish runs a pass over one catalogue source, or over all, and waits for it.
func (c *Client) Publish(ctx context.Context, r gateway.PublishRequest) ([]gateway.PublishReport, error) {
	var out []gateway.PublishReport
	err := c.call(ctx, "/v1/publish", r, &out)
	return out, err
}

// Reconcile compares what the nation holds with what the centre shows, and waits for the outcome.
func (c *Client) Reconcile(ctx context.Context, r gateway.ReconcileRequest) (reconcile.Proof, error) {
	var out reconcile.Proof
	err := c.call(ctx, "/v1/reconcile", r, &out)
	return out, err
}

// Desk lists the cases of the built-in desk, oldest receipt first.
func (c *Client) Desk(ctx context.Context) ([]desk.QueueItem, error) {
	var out []desk.QueueItem
	err := c.call(ctx, "/v1/desk", nil, &out)
	return out, err
}

// Decide takes a decision on a queued case.
func (c *Client) Decide(ctx context.Context, r gateway.DecideRequest) error {
	return c.call(ctx, "/v1/desk/decide", r, nil)
}

// DeskCase is one case of the built-in desk, with what the applicant wrote.
func (c *Client) DeskCase(ctx context.Context, caseID string, track ehds.Track) (desk.Detail, error) {
	var out desk.Detail
	q := url.Values{"case": {caseID}, "catalogue": {track.CatalogID}, "body": {track.HDAB}}
	err := c.call(ctx, "/v1/desk/case?"+q.Encode(), nil, &out)
	return out, err
}

// DeskWork does something with a case: note, assign, ask, extend, act, propose, confirm or dismiss.
func (c *Client) DeskWork(ctx context.Context, what string, r gateway.DeskRequest) error {
	return c.call(ctx, "/v1/desk/"+what, r, nil)
}

// DeskMeasures lists the measures of other nations' bodies that came to the desk.
func (c *Client) DeskMeasures(ctx context.Context) ([]desk.Measure, error) {
	var out []desk.Measure
	err := c.call(ctx, "/v1/desk/measures", nil, &out)
	return out, err
}

// DeadLetters lists what was given up, in the order of ids, up to the gateway's page. after is the
// last id of the page before.
func (c *Client) DeadLetters(ctx context.Context, after int64) ([]gateway.DeadLetter, error) {
	var out []gateway.DeadLetter
	q := url.Values{"state": {string(store.OutboxDead)}, "after": {strconv.FormatInt(after, 10)}}
	err := c.call(ctx, "/v1/outbox?"+q.Encode(), nil, &out)
	return out, err
}

// Retry has a dead letter sent again and returns the outbox row that carries it now.
func (c *Client) Retry(ctx context.Context, id int64) (gateway.Retried, error) {
	var out gateway.Retried
	err := c.call(ctx, "/v1/outbox/retry", gateway.RetryRequest{ID: id}, &out)
	return out, err
}

// Evidence is the evidence bundle of a case, verbatim.
func (c *Client) Evidence(ctx context.Context, caseID string) (json.RawMessage, error) {
	var out json.RawMessage
	err := c.call(ctx, "/v1/evidence?"+url.Values{"case": {caseID}}.Encode(), nil, &out)
	return out, err
}

// Backup makes the daemon copy its record to an absolute path that does not exist.
func (c *Client) Backup(ctx context.Context, path string) (store.Manifest, error) {
	var out store.Manifest
	err := c.call(ctx, "/v1/backup", gateway.BackupRequest{Path: path}, &out)
	return out, err
}

// ChangeKeys asks for one change of the keys: "generate" with a gateway.KeyRequest, "rotate" with a
// RotateRequest or "revoke" with a RevokeRequest.
func (c *Client) ChangeKeys(ctx context.Context, change string, request any) (gateway.KeyChange, error) {
	var out gateway.KeyChange
	err := c.call(ctx, "/v1/keys/"+change, request, &out)
	return out, err
}

// Visas mints the visas of one person under a permit.
func (c *Client) Visas(ctx context.Context, r gateway.VisaRequest) (gateway.Visas, error) {
	var out gateway.Visas
	err := c.call(ctx, "/v1/visas", r, &out)
	return out, err
}

// Permits lists permit versions, the next to end first. q may hold status, hdab, in_force and before.
func (c *Client) Permits(ctx context.Context, q url.Values) ([]gateway.PermitVersion, error) {
	var out []gateway.PermitVersion
	err := c.call(ctx, "/v1/permits?"+q.Encode(), nil, &out)
	return out, err
}

// PermitHistory is a permit with all its versions and who was told of them.
func (c *Client) PermitHistory(ctx context.Context, id string) (gateway.PermitHistory, error) {
	var out gateway.PermitHistory
	err := c.call(ctx, "/v1/permits/"+url.PathEscape(id)+"/history", nil, &out)
	return out, err
}

// MovePermit revokes, suspends or resumes a permit.
func (c *Client) MovePermit(ctx context.Context, m gateway.PermitMove) (gateway.PermitHistory, error) {
	var out gateway.PermitHistory
	err := c.call(ctx, "/v1/permits/move", m, &out)
	return out, err
}

// QueryPermits asks the centre which permits of an application it knows, and compares.
func (c *Client) QueryPermits(ctx context.Context, r gateway.PermitQuery) (gateway.PermitRegistry, error) {
	var out gateway.PermitRegistry
	err := c.call(ctx, "/v1/permits/query", r, &out)
	return out, err
}

// Notices lists notices about permits that wait to be confirmed. q may hold all, overdue and permit.
func (c *Client) Notices(ctx context.Context, q url.Values) ([]gateway.NoticeRow, error) {
	var out []gateway.NoticeRow
	err := c.call(ctx, "/v1/notices?"+q.Encode(), nil, &out)
	return out, err
}

// ConfirmNotice notes who confirmed a notice to staff.
func (c *Client) ConfirmNotice(ctx context.Context, r gateway.NoticeConfirmed) error {
	return c.call(ctx, "/v1/notices/confirm", r, nil)
}

// Applications lists the tracks of applications. q may hold status, hdab, overdue, flagged and within (hours).
func (c *Client) Applications(ctx context.Context, q url.Values) ([]gateway.CaseSummary, error) {
	var out []gateway.CaseSummary
	err := c.call(ctx, "/v1/case/list?"+q.Encode(), nil, &out)
	return out, err
}

// Case is an application; as names the body that looks, "" the operator.
func (c *Client) Case(ctx context.Context, id, as string) (gateway.CaseView, error) {
	var out gateway.CaseView
	q := url.Values{"id": {id}}
	if as != "" {
		q.Set("as", as)
	}
	err := c.call(ctx, "/v1/case?"+q.Encode(), nil, &out)
	return out, err
}

// CaseClocks are the clocks of a case by track.
func (c *Client) CaseClocks(ctx context.Context, id string) ([]gateway.CaseClocks, error) {
	var out []gateway.CaseClocks
	err := c.call(ctx, "/v1/case/clocks?"+url.Values{"id": {id}}.Encode(), nil, &out)
	return out, err
}

// CaseTrace is what the record holds evidence of in a case.
func (c *Client) CaseTrace(ctx context.Context, id string) ([]gateway.TraceRow, error) {
	var out []gateway.TraceRow
	err := c.call(ctx, "/v1/case/trace?"+url.Values{"id": {id}}.Encode(), nil, &out)
	return out, err
}

// Due lists clocks that have run out or soon will, over all cases.
func (c *Client) Due(ctx context.Context, hours int) ([]gateway.DueRow, error) {
	var out []gateway.DueRow
	err := c.call(ctx, "/v1/due?"+url.Values{"within": {strconv.Itoa(hours)}}.Encode(), nil, &out)
	return out, err
}

// ActOnCase applies an act of staff.
func (c *Client) ActOnCase(ctx context.Context, a gateway.CaseAct) (gateway.CaseView, error) {
	var out gateway.CaseView
	err := c.call(ctx, "/v1/case/act", a, &out)
	return out, err
}

// ClearFlags takes the flags of a code off a case.
func (c *Client) ClearFlags(ctx context.Context, r gateway.CaseClear) (gateway.Cleared, error) {
	var out gateway.Cleared
	err := c.call(ctx, "/v1/case/clear", r, &out)
	return out, err
}

// EraseCase erases a case for good.
func (c *Client) EraseCase(ctx context.Context, r gateway.CaseErase) error {
	return c.call(ctx, "/v1/case/erase", r, nil)
}
