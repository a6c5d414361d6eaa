package dispatcher

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Pages of notices.
const (
	defaultNotices = 100
	maxNotices     = 1000
)

// noticeHead is a notice without its content: all that is ever pushed.
type noticeHead struct {
	ID             string     `json:"id"`
	Kind           noticeKind `json:"kind"`
	At             string     `json:"at"`
	ApplicationID  string     `json:"application_id,omitempty"`
	Version        int        `json:"version,omitempty"`
	AcknowledgeBy  string     `json:"acknowledge_by,omitempty"`
	AcknowledgedAt string     `json:"acknowledged_at,omitempty"`
}

// noticeBody is a notice with its content.
type noticeBody struct {
	noticeHead
	CatalogID   string            `json:"catalog_id,omitempty"`
	HDAB        string            `json:"hdab,omitempty"`
	Body        json.RawMessage   `json:"body,omitempty"`
	Permit      *permitNotice     `json:"permit,omitempty"`
	Attachments []ehds.Attachment `json:"attachments,omitempty"`
}

// permitNotice is what a recipient is to be told of a permit.
type permitNotice struct {
	RecipientKind connectors.RecipientKind `json:"recipient_kind"`
	Recipient     string                   `json:"recipient"`
	PermitID      string                   `json:"permit_id"`
	Status        ehds.PermitStatusValue   `json:"status"`
	Token         string                   `json:"token,omitempty"`
	Granted       []ehds.GrantedDataset    `json:"granted_datasets,omitempty"`
	OptOut        ehds.PermitOptOut        `json:"opt_out_exception"`
	From          string                   `json:"from,omitempty"`
	To            string                   `json:"to,omitempty"`
	Reason        string                   `json:"reason,omitempty"`
}

// acknowledged is what a system said of a notice.
type acknowledged struct {
	At string `json:"at"`
}

func (n notice) head() noticeHead {
	return noticeHead{ID: n.ID, Kind: n.Kind, At: n.At, ApplicationID: n.ApplicationID, Version: n.Version, AcknowledgeBy: n.AcknowledgeBy}
}

// getNotices lists what the gateway told, oldest first, after the notice named with ?after=.
func (c *call) getNotices() error {
	q := c.r.URL.Query()
	limit := defaultNotices
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxNotices {
			return fault.New(fault.Malformed, "limit-range", "a page has 1 to 1000 notices").At("/limit")
		}
		limit = n
	}
	list, err := c.d.noticesAfter(c.ctx, c.s, q.Get("after"), limit)
	if err != nil {
		return err
	}
	out := []noticeHead{}
	for _, n := range list {
		h, err := c.acknowledged(n)
		if err != nil {
			return err
		}
		out = append(out, h)
	}
	return c.answer(http.StatusOK, out)
}

// acknowledged is the head of a notice, with what this system said of it.
func (c *call) acknowledged(n notice) (noticeHead, error) {
	h := n.head()
	number, err := strconv.ParseInt(n.ID, 10, 64)
	if err != nil {
		return h, unreadable(err)
	}
	var a acknowledged
	_, err = c.d.get(c.ctx, ackKey(number, c.s.Name), &a)
	h.AcknowledgedAt = a.At
	return h, err
}

// getNotice is one notice with its content.
func (c *call) getNotice() error {
	n, _, err := c.d.noticeOf(c.ctx, c.s, c.r.PathValue("notice"))
	if err != nil {
		return err
	}
	h, err := c.acknowledged(n)
	if err != nil {
		return err
	}
	b := noticeBody{noticeHead: h, CatalogID: n.Track.CatalogID, HDAB: n.Track.HDAB, Body: n.Body}
	if p := n.Permit; p != nil {
		b.Permit = &permitNotice{RecipientKind: p.Recipient.Kind, Recipient: p.Recipient.Name, PermitID: p.PermitID, Status: p.Status, Token: p.Token,
			Granted: p.Granted, OptOut: p.OptOut, From: p.From, To: p.To, Reason: p.Reason}
	}
	for _, a := range n.Attachments {
		b.Attachments = append(b.Attachments, a.Attachment)
	}
	return c.answer(http.StatusOK, b)
}

// getNoticeAttachment streams an attachment of a notice.
func (c *call) getNoticeAttachment() error {
	n, _, err := c.d.noticeOf(c.ctx, c.s, c.r.PathValue("notice"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(n.Attachments, func(a attachment) bool { return a.ID == c.r.PathValue("attachment") })
	if i < 0 {
		return fault.New(fault.NotFound, "unknown-attachment", "the notice has no such attachment")
	}
	a := n.Attachments[i]
	files, err := c.d.open(c.ctx, []attachment{a})
	defer files.close()
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="attachment"`)
	h.Set("Content-Length", strconv.FormatInt(a.Size, 10))
	h.Set("Cache-Control", "no-store")
	if _, err := io.CopyN(c.w, files[a.ID], a.Size); err != nil {
		panic(http.ErrAbortHandler) // the answer has begun: only a broken connection tells that it is not whole
	}
	return nil
}

// acknowledgeNotice says that a notice was taken, and one about a permit that its recipient was told.
func (c *call) acknowledgeNotice() error {
	if c.r.ContentLength == 0 { // nothing need be said besides
		c.in = input{JSON: json.RawMessage("{}")}
	} else if err := c.hear(&c.by, &c.by, func(*findings) {}); err != nil {
		return err
	}
	return c.tell(func(t *tx) (told, error) {
		n, number, err := c.d.noticeOf(c.ctx, c.s, c.r.PathValue("notice"))
		if err != nil {
			return told{}, err
		}
		h, err := c.acknowledged(n)
		if err != nil || h.AcknowledgedAt != "" {
			return told{n.Case, http.StatusOK, h}, err
		}
		h.AcknowledgedAt = t.now.Format(time.RFC3339Nano)
		t.put(ackKey(number, c.s.Name), "", acknowledged{h.AcknowledgedAt})
		t.unqueue(c.s, number)
		if p := n.Permit; p != nil {
			tr, err := t.must(n.Case, n.Track)
			if err != nil {
				return told{}, err
			}
			t.event(&tr, connectors.PermitEvent{Kind: connectors.EventAcknowledged, At: c.by.Date,
				Acknowledged: &connectors.Acknowledgement{Notice: p.ID, Recipient: p.Recipient.Name}})
			t.save(tr)
		}
		return told{n.Case, http.StatusOK, h}, nil
	})
}
