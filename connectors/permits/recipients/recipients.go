// Package recipients tells systems of data holders, of secure processing environments and of users what
// concerns them of a permit, by signed webhook (TEHDAS2 D6.4 §9.3, R13.0.2).
//
// It is for nations whose permit system brings no notices by itself: the desk, REMS. It implements
// connectors.Courier, one for each system. A notice is told in full, since its recipient cannot ask us for
// more; it is confirmed when the answer, any 2xx, repeats its id as {"notice":"…"}.
//
// Guarantees: a data holder is told no person, no permit and no application, whatever the notice holds; what is
// sent again is the same document under the same id; nothing of a notice or of an answer goes to the log. It
// keeps no state and does not retry: the outbox does.
package recipients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// System is one system of recipients. It is safe for concurrent use.
type System struct {
	host connectors.Host
	to   webhook.Target
}

var _ connectors.Courier = (*System)(nil)

// ErrOptions is wrapped by the errors of New.
var ErrOptions = errors.New("recipients")

// New makes the courier to a system. The host lends the guarded client and the clock.
func New(host connectors.Host, to webhook.Target) (*System, error) {
	if host.HTTP == nil || host.Clock == nil {
		return nil, fmt.Errorf("%w: the host lends no client or clock", ErrOptions)
	}
	if err := to.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if to.URL == "" {
		return nil, fmt.Errorf("%w: no URL", ErrOptions)
	}
	return &System{host, to}, nil
}

// Bring makes one attempt to tell a notice. One that was not taken is Unavailable, whatever the system
// answered: the outbox tries again, as long as it does for anybody.
func (s *System) Bring(ctx context.Context, n connectors.PermitNotice) (confirmed bool, err error) {
	body, _ := json.Marshal(documentOf(n)) // texts alone
	answer, err := webhook.Post(ctx, s.host.HTTP, s.to, webhook.Message{ID: n.ID, At: s.host.Clock(), Body: body})
	if err != nil {
		return false, fault.Wrap(err, fault.Unavailable, "recipient-not-told", "the system of the recipient did not take the notice")
	}
	return confirms(answer, n.ID), nil
}

// confirms says whether an answer repeats the id of a notice. Any other answer took it and confirms nothing.
func confirms(answer []byte, id string) bool {
	var said struct {
		Notice string `json:"notice"`
	}
	return json.Unmarshal(answer, &said) == nil && said.Notice == id && id != ""
}

// documentType is the type of what is pushed, as the dispatcher's announcement of the same has it.
const documentType = "permit.distributed"

// document is what is pushed: the members of Standard Webhooks, and the notice.
type document struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"` // when the change was recorded
	Data      notice `json:"data"`
}

// notice has the members of the dispatcher's permit notices.
type notice struct {
	Notice        string                   `json:"notice"`
	RecipientKind connectors.RecipientKind `json:"recipient_kind"`
	Recipient     string                   `json:"recipient,omitempty"`
	ApplicationID string                   `json:"application_id,omitempty"`
	CatalogID     string                   `json:"catalog_id"`
	HDAB          string                   `json:"hdab"`
	PermitID      string                   `json:"permit_id"`
	Status        ehds.PermitStatusValue   `json:"status"`
	Token         string                   `json:"token,omitempty"`
	Granted       []ehds.GrantedDataset    `json:"granted_datasets,omitempty"`
	OptOut        ehds.PermitOptOut        `json:"opt_out_exception"` // without its reason
	From          string                   `json:"from,omitempty"`
	To            string                   `json:"to,omitempty"`
	Reason        string                   `json:"reason,omitempty"`
	AcknowledgeBy string                   `json:"acknowledge_by"`
}

// documentOf writes a notice. What a data holder may not know is left out here once more.
func documentOf(n connectors.PermitNotice) document {
	d := document{Type: documentType, Timestamp: n.Made, Data: notice{
		Notice: n.ID, RecipientKind: n.Recipient.Kind, Recipient: n.Recipient.Name, CatalogID: n.Track.CatalogID, HDAB: n.Track.HDAB,
		PermitID: n.PermitID, Status: n.Status, Granted: n.Granted, From: n.From, To: n.To, Reason: n.Reason, AcknowledgeBy: n.AcknowledgeBy,
		OptOut: ehds.PermitOptOut{Applied: n.OptOut.Applied, Until: n.OptOut.Until},
	}}
	if n.Recipient.Kind != connectors.RecipientHolder {
		d.Data.ApplicationID, d.Data.Token = strings.TrimPrefix(n.Case, "app:"), n.Token
		return d
	}
	d.Data.Granted = nil
	for _, g := range n.Granted {
		if g.Holder == n.Recipient.Name {
			d.Data.Granted = append(d.Data.Granted, g)
		}
	}
	return d
}
