// Package https is the central connector over HTTPS: one POST a message, the token alone or, with
// attachments, a multipart/related body whose root is the token (RFC 2387; wire profile §5).
//
// It is a driver behind connectors.Central: it moves bytes, follows no redirect, never retries and
// never looks inside a token. The peer's answer is read under a cap.
package https

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// Media types of the binding.
const (
	MediaMessage = "application/ehds-message+jwt"
	MediaReceipt = "application/ehds-receipt+jwt"
	MediaProblem = "application/problem+json"
)

// maxAnswer bounds a peer's answer: a receipt holding another and two proofs stays far below it.
const maxAnswer = 1 << 20

// Options of the driver. Zero Timeout means two minutes, enough for 256 MiB at 20 Mbit/s.
type Options struct {
	HTTP    *http.Client // guarded
	Timeout time.Duration
}

// Driver sends over HTTPS.
type Driver struct{ client *resty.Client }

var _ connectors.Central = (*Driver)(nil)

// New makes the driver.
func New(o Options) *Driver {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	// resty writes its settings into the client it is given; the guarded one belongs to others too.
	own := *o.HTTP
	return &Driver{client: resty.NewWithClient(&own).
		SetRetryCount(0).
		SetTimeout(o.Timeout).
		SetLogger(silent{}).
		SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect is an answer like another
		})).
		SetResponseBodyLimit(maxAnswer).
		SetHeader("Accept", MediaReceipt+", "+MediaProblem)}
}

// silent keeps the library from writing to the process's standard error; what matters is returned.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// Send posts one token. Any HTTP answer is an Answer; only a failed exchange is an error.
func (d *Driver) Send(ctx context.Context, p connectors.Peer, token string, attachments []connectors.Outbound) (connectors.Answer, error) {
	req := d.client.R().SetContext(ctx)
	if len(attachments) == 0 {
		req.SetHeader("Content-Type", MediaMessage).SetBody(token)
	} else {
		body, contentType := stream(ctx, token, attachments)
		defer body.Close()
		req.SetHeader("Content-Type", contentType).SetBody(io.Reader(body))
	}
	resp, err := req.Post(p.Endpoint)
	if err != nil {
		return connectors.Answer{}, fmt.Errorf("posting to %s: %w", p.Entity, err)
	}
	return read(resp), nil
}

// read sorts an answer: a receipt (under any status), a problem, or a bare status.
func read(resp *resty.Response) connectors.Answer {
	a := connectors.Answer{Status: resp.StatusCode(), RetryAfter: retryAfter(resp.Header().Get("Retry-After"))}
	media, _, err := mime.ParseMediaType(resp.Header().Get("Content-Type"))
	if err != nil {
		return a
	}
	switch media {
	case MediaReceipt:
		a.Receipt = strings.TrimSpace(string(resp.Body()))
	case MediaProblem:
		a.Problem = resp.Body()
	}
	return a
}

// retryAfter reads the delay form of the header (RFC 9110 §10.2.3); dates and nonsense are zero.
func retryAfter(h string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(h))
	if err != nil || n < 0 || n > 86400 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// stream writes the multipart body while it is read: attachments never stand in memory whole.
func stream(ctx context.Context, token string, list []connectors.Outbound) (io.ReadCloser, string) {
	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	root := "token." + rand.Text()
	go func() {
		err := writeParts(ctx, w, root, token, list)
		if err == nil {
			err = w.Close()
		}
		pw.CloseWithError(err) // nil becomes io.EOF
	}()
	contentType := mime.FormatMediaType("multipart/related", map[string]string{
		"boundary": w.Boundary(), "type": MediaMessage, "start": "<" + root + ">",
	})
	return pr, contentType
}

func writeParts(ctx context.Context, w *multipart.Writer, root, token string, list []connectors.Outbound) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {MediaMessage}, "Content-Id": {"<" + root + ">"}})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(part, token); err != nil {
		return err
	}
	for _, a := range list {
		if err := writeAttachment(ctx, w, a); err != nil {
			return err
		}
	}
	return nil
}

// writeAttachment writes one part. Its name stays in the signed list: never in a header.
func writeAttachment(ctx context.Context, w *multipart.Writer, a connectors.Outbound) error {
	digest, err := contentDigest(a.SHA256)
	if err != nil {
		return err
	}
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Type": {a.MediaType}, "Content-Id": {"<" + a.ID + ">"}, "Content-Digest": {digest},
	})
	if err != nil {
		return err
	}
	content, err := a.Open(ctx)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(part, content)
	return err
}

// contentDigest is the RFC 9530 form of a hex SHA-256.
func contentDigest(sha256Hex string) (string, error) {
	raw, err := hex.DecodeString(sha256Hex)
	if err != nil {
		return "", fmt.Errorf("attachment digest: %w", err)
	}
	return "sha-256=:" + base64.StdEncoding.EncodeToString(raw) + ":", nil
}
