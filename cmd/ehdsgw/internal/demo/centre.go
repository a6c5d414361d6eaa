package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/central"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// centreParty is the central platform: our model of it, with its front office for applicants.
type centreParty struct {
	*host
	role   *central.Central
	http   *http.Client // what an applicant's browser would be
	cancel context.CancelFunc
	worker sync.WaitGroup
}

// start opens the role on its folder, enrols it with its mark, and starts its listener and its sender.
func (c *centreParty) start(ctx context.Context, o Options, anchor *anchorParty, roots []byte) error {
	var err error
	if c.http, err = client(roots); err != nil {
		return err
	}
	if c.role, err = central.New(central.Options{
		Entity: c.entity, DisplayName: "Central platform (model)", Dir: filepath.Join(c.dir, "data"),
		Anchor: roles.Anchor{Entity: anchor.entity, JWKS: anchor.role.JWKS()}, HTTP: c.http,
		Clock: o.Clock, After: time.After, Rand: o.Rand, Logger: o.Logger.With("party", "centre"),
	}); err != nil {
		return err
	}
	if err := anchor.role.Enroll(c.entity, c.role.JWKS(), []string{string(ehds.MarkCentralPlatform)}, trust.EnrollOptions{
		Metadata: roles.StateGateway(ehds.CountryEU),
	}); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", c.role.Handler())
	mux.Handle("/front-office/", c.role.FrontOffice())
	if err := c.serve(o, mux); err != nil {
		return err
	}
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	c.worker.Go(func() { c.role.Run(ctx) })
	return eventually(ctx, "the centre gets its mark", func(ctx context.Context) error {
		if !c.role.Ready(ctx) {
			return notYet("no mark")
		}
		return nil
	})
}

// end stops listener and sender and closes the folder.
func (c *centreParty) end(ctx context.Context) error {
	if c.role == nil {
		return nil
	}
	err := c.stop(ctx)
	if c.cancel != nil {
		c.cancel()
		c.worker.Wait()
	}
	return errors.Join(err, c.role.Close())
}

// catalogue is the EU catalogue as everybody reads it.
func (c *centreParty) catalogue(ctx context.Context) ([]Published, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.entity+"/catalogue", nil)
	if err != nil {
		return nil, err
	}
	var list []struct {
		CentralID  string            `json:"central_id"`
		Nation     string            `json:"nation"`
		Identifier string            `json:"identifier"`
		Title      map[string]string `json:"title"`
	}
	if err := doJSON(c.http, req, &list); err != nil {
		return nil, err
	}
	out := make([]Published, len(list))
	for i, d := range list {
		title := d.Title["en"]
		for _, t := range d.Title {
			if title == "" || d.Title["en"] == "" && t < title {
				title = t
			}
		}
		out[i] = Published{Nation: d.Nation, Identifier: d.Identifier, CentralID: d.CentralID, Title: title}
	}
	return out, nil
}

// file sends an application with one attachment, as the applicant's front end would, and returns what
// the front office answers: the centre has given it an id.
func (c *centreParty) file(ctx context.Context, f filing, attachmentName, mediaType, content string) (filed, error) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	err := addPart(w, `form-data; name="application"`, "application/json", f)
	if err == nil {
		err = addPart(w, `form-data; name="attachment"; filename="`+attachmentName+`"`, mediaType, content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return filed{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.entity+"/front-office/applications", &buf)
	if err != nil {
		return filed{}, err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	var out filed
	return out, doJSON(c.http, req, &out)
}

// addPart writes a part: text as it is, anything else as JSON.
func addPart(w *multipart.Writer, disposition, mediaType string, content any) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {mediaType}})
	if err != nil {
		return err
	}
	if text, ok := content.(string); ok {
		_, err = part.Write([]byte(text))
		return err
	}
	return json.NewEncoder(part).Encode(content)
}

// filed is an application as the front office shows it.
type filed struct {
	ID   string `json:"application_id"`
	Sent []struct {
		Nation    string `json:"nation"`
		MessageID string `json:"message_id"`
	} `json:"sent"`
	Messages []struct {
		ID    string `json:"message_id"`
		State string `json:"state"` // RECEIVED only when the receipt and its evidence hold
	} `json:"messages"`
	Tracks []struct {
		ehds.Track
		Nation   string                `json:"nation"`
		Status   ehds.ApplicationState `json:"status"`
		Decision *struct {
			Card  ehds.DecisionBody  `json:"card"`
			State ehds.DecisionState `json:"state"`
		} `json:"decision"`
		Permits []struct {
			ID     string                 `json:"permit_id"`
			Token  string                 `json:"token"`
			Status ehds.PermitStatusValue `json:"status"`
			Body   ehds.PermitIssuedBody  `json:"issued"`
		} `json:"permits"`
		InfoRequest *struct{} `json:"info_request"`
	} `json:"tracks"`
	Timeline []struct {
		Nation string    `json:"nation"`
		What   string    `json:"what"`
		Axis   ehds.Axis `json:"axis"`
		Status string    `json:"status"`
	} `json:"timeline"`
}

func (c *centreParty) application(ctx context.Context, id string) (filed, error) {
	var f filed
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.entity+"/front-office/applications/"+id, nil)
	if err != nil {
		return f, err
	}
	return f, doJSON(c.http, req, &f)
}

// received says whether a message of the centre has a receipt that holds.
func (f filed) received(messageID string) bool {
	for _, m := range f.Messages {
		if m.ID == messageID {
			return m.State == string(ehds.Received)
		}
	}
	return false
}

// submitted is the id of the application.submit a nation got, or "".
func (f filed) submitted(nation string) string {
	for _, s := range f.Sent {
		if s.Nation == nation {
			return s.MessageID
		}
	}
	return ""
}

// act does something with an application, as the applicant's front end would: answer, info or
// change-request.
func (c *centreParty) act(ctx context.Context, id, what string, body map[string]any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.entity+"/front-office/applications/"+id+"/"+what, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return doJSON(c.http, req, &json.RawMessage{})
}
