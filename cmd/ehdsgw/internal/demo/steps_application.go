package demo

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// apply is step 7: a Finnish institute files one application for data of both countries at the centre; it
// reaches both gateways with its attachment, and the receipts hold.
func (r *run) apply(ctx context.Context) (string, error) {
	filing, err := application(r.o.Clock(), r.chosen, r.refused, r.chosenFI)
	if err != nil {
		return "", err
	}
	view, err := r.centre.file(ctx, filing, protocolName, "text/plain", protocolText)
	if err != nil {
		return "", err
	}
	r.applicationID, r.caseID = view.ID, ehds.ApplicationCase(view.ID).String()
	r.report.IDs["application"], r.report.IDs["dataset"] = view.ID, r.chosen.Identifier
	r.report.IDs["central_id"] = r.chosen.CentralID
	r.report.URLs["application"] = r.centre.entity + "/front-office/applications/" + view.ID
	err = eventually(ctx, "the application reaches both", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		for _, n := range []*nation{r.fr, r.fi} {
			if !view.received(view.submitted(n.country)) {
				return notYet("no receipt of %s", n.country)
			}
			doc, err := n.applicationDoc(ctx, r.caseID)
			if err != nil {
				return err
			}
			if len(doc.Application.Tracks) != 1 || doc.Application.Tracks[0].Key.HDAB != n.hdab() {
				return fmt.Errorf("the application did not open one track at %s", n.hdab())
			}
		}
		return r.fr.attachmentStored(ctx, r.caseID)
	})
	return fmt.Sprintf("for %d datasets of two countries, with one attachment", len(filing.Datasets)), err
}

// attachmentStored checks, in a nation's own evidence, that the filing was received with the attachment as
// the applicant sent it.
func (n *nation) attachmentStored(ctx context.Context, caseID string) error {
	tokens, err := n.messagesIn(ctx, caseID, ehds.ApplicationSubmit)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(protocolText))
	for _, env := range tokens {
		if len(env.Attachments) == 1 && env.Attachments[0].SHA256 == hex.EncodeToString(sum[:]) {
			return nil
		}
	}
	return fmt.Errorf("the record of %s has no filing with the applicant's attachment", n.country)
}

// payload reads the claims of a token one of the parties has already verified.
func payload(token string, into any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not a compact token")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// applicationDoc is the case as a gateway's record holds it.
func (n *nation) applicationDoc(ctx context.Context, caseID string) (exchange.ApplicationDoc, error) {
	var doc exchange.ApplicationDoc
	rows, err := n.operator.Cases(ctx, caseID, 1)
	if err != nil {
		return doc, err
	}
	if len(rows) == 0 {
		return doc, notYet("%s has no such case", n.country)
	}
	return doc, json.Unmarshal(rows[0].Doc, &doc)
}

// replay is step 8: the very bytes of application.submit once more. FR answers DUPLICATE; there is still one filing, one track, one acknowledgement.
func (r *run) replay(ctx context.Context) (string, error) {
	view, err := r.centre.application(ctx, r.applicationID)
	if err != nil {
		return "", err
	}
	status, err := r.centre.role.Replay(ctx, view.submitted("FR"))
	if err != nil {
		return "", err
	}
	if status != ehds.Duplicate {
		return "", fmt.Errorf("a replay was answered %s", status)
	}
	doc, err := r.fr.applicationDoc(ctx, r.caseID)
	if err != nil {
		return "", err
	}
	if len(doc.Application.Versions) != 1 || len(doc.Application.Tracks) != 1 {
		return "", fmt.Errorf("the replay had an effect: %d filings, %d tracks", len(doc.Application.Versions), len(doc.Application.Tracks))
	}
	err = eventually(ctx, "the centre hears one acknowledgement", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		acks := 0
		for _, s := range view.Timeline {
			if s.What == string(ehds.ApplicationAck) && s.Nation == "FR" {
				acks++
			}
		}
		switch acks {
		case 0:
			return notYet("no acknowledgement")
		case 1:
			return nil
		}
		return fmt.Errorf("%d acknowledgements", acks)
	})
	return "DUPLICATE; one filing, one track, one acknowledgement", err
}

// statusesTold reads, from a gateway's own evidence, which statuses the centre told it, in order.
func (n *nation) statusesTold(ctx context.Context, caseID string) ([]string, error) {
	told, err := n.messagesIn(ctx, caseID, ehds.ApplicationStatus)
	if err != nil {
		return nil, err
	}
	var seen []string
	for _, env := range told {
		var body ehds.StatusBody
		if env.Origin == nil || env.Origin.Nation != "FR" {
			return nil, errors.New("a status came without its origin")
		}
		if err := json.Unmarshal(env.Body, &body); err != nil {
			return nil, err
		}
		if body.Axis == ehds.AxisApplication {
			seen = append(seen, body.Status)
		}
	}
	return seen, nil
}

// messagesIn are the messages of one type a gateway received about a case, from its own evidence.
func (n *nation) messagesIn(ctx context.Context, caseID string, t ehds.MessageType) ([]ehds.Envelope, error) {
	raw, err := n.operator.Evidence(ctx, caseID)
	if err != nil {
		return nil, err
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return nil, err
	}
	var out []ehds.Envelope
	for _, e := range b.Entries {
		var env ehds.Envelope
		if e.Class == evidence.ClassIn && payload(e.Token, &env) == nil && env.Type == t {
			out = append(out, env)
		}
	}
	return out, nil
}

// quiet waits until a gateway has nothing left to send: every message has its receipt.
func (n *nation) quiet(ctx context.Context) error {
	return eventually(ctx, n.country+" has sent everything", func(ctx context.Context) error {
		s, err := n.operator.Status(ctx)
		if err != nil {
			return err
		}
		if s.Counts.Queued != 0 {
			return notYet("%d rows queued", s.Counts.Queued)
		}
		if s.Counts.Dead != 0 {
			return fmt.Errorf("%d dead letters", s.Counts.Dead)
		}
		return nil
	})
}
