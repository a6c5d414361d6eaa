package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// File files an application with another hub, with these files as attachments.
func (c *Client) File(ctx context.Context, r gateway.FilingRequest, files []string) (gateway.FilingRow, error) {
	var out gateway.FilingRow
	return out, c.upload(ctx, "/v1/applications", r, files, &out)
}

// Act does what the applicant does about an application that was filed.
func (c *Client) Act(ctx context.Context, r gateway.FilingAct, files []string) (gateway.FilingRow, error) {
	var out gateway.FilingRow
	return out, c.upload(ctx, "/v1/applications/act", r, files, &out)
}

// Filing shows one application filed with another hub.
func (c *Client) Filing(ctx context.Context, caseID string) (gateway.FilingRow, error) {
	var out gateway.FilingRow
	return out, c.call(ctx, "/v1/applications/show?"+url.Values{"case": {caseID}}.Encode(), nil, &out)
}

// Filings lists the applications filed with other hubs, up to the gateway's page. after is the last case
// of the page before.
func (c *Client) Filings(ctx context.Context, after string) ([]gateway.FilingRow, error) {
	var out []gateway.FilingRow
	return out, c.call(ctx, "/v1/applications?"+url.Values{"after": {after}}.Encode(), nil, &out)
}

// upload posts a request with files, which are read while they are sent.
func (c *Client) upload(ctx context.Context, path string, in any, files []string, out any) error {
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() { w.CloseWithError(writeForm(form, in, files)) }()
	defer r.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://operator"+path, r)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return c.do(ctx, req, out)
}

func writeForm(form *multipart.Writer, in any, files []string) error {
	part, err := form.CreateFormField("request")
	if err == nil {
		err = json.NewEncoder(part).Encode(in)
	}
	for _, name := range files {
		if err == nil {
			err = writeUpload(form, name)
		}
	}
	if err != nil {
		return err
	}
	return form.Close()
}

func writeUpload(form *multipart.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": "file", "filename": filepath.Base(name)}))
	if t, _, err := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(name))); err == nil {
		h.Set("Content-Type", t)
	}
	part, err := form.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
