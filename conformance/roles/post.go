package roles

import (
	"context"
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

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// maxAnswer bounds a peer's answer, in bytes.
const maxAnswer = 1 << 20

// Answer is what a peer said to a POST: a receipt, or a bare status with or without a problem.
type Answer struct {
	Status     int
	MediaType  string
	Receipt    string
	Problem    ehds.Problem // RFC 9457; zero when the body is none
	RetryAfter time.Duration
	Body       []byte // as it came
	Header     http.Header
}

// Post sends a token and its attachments to an exchange endpoint (wire profile §5). Redirects are not
// followed. Any HTTP answer is an Answer; an error means that there was none.
func Post(ctx context.Context, hc *http.Client, endpoint, token string, list []ehds.Attachment, store Blobs) (Answer, error) {
	body, contentType := io.Reader(strings.NewReader(token)), MediaMessage
	if len(list) > 0 {
		pr, pw := io.Pipe()
		mw := multipart.NewWriter(pw)
		contentType = mime.FormatMediaType("multipart/related", map[string]string{
			"boundary": mw.Boundary(), "type": MediaMessage, "start": "<token>",
		})
		go func() { pw.CloseWithError(writeRelated(mw, token, list, store)) }()
		defer pr.Close() // stops the writer when the request is over before its end
		body = pr
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, body)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", MediaReceipt+", "+MediaProblem)
	client := *hc
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer resp.Body.Close()
	return readAnswer(resp)
}

func readAnswer(resp *http.Response) (Answer, error) {
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 && n <= 86400 {
		a.RetryAfter = time.Duration(n) * time.Second
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return a, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if len(raw) > maxAnswer {
		return a, fmt.Errorf("%w: answer too long", ErrUnavailable)
	}
	a.Body = raw
	if media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil {
		a.MediaType = media
	}
	switch a.MediaType {
	case MediaReceipt:
		a.Receipt = strings.TrimSpace(string(raw))
	case MediaProblem:
		var p ehds.Problem
		if forge.DecodeKnown(raw, &p) == nil {
			a.Problem = p
		}
	}
	return a, nil
}

func writeRelated(mw *multipart.Writer, token string, list []ehds.Attachment, store Blobs) error {
	root, err := mw.CreatePart(textproto.MIMEHeader{"Content-Type": {MediaMessage}, "Content-Id": {"<token>"}})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(root, token); err != nil {
		return err
	}
	for _, a := range list {
		if err := writePart(mw, a, store); err != nil {
			return err
		}
	}
	return mw.Close()
}

// writePart writes one attachment. Its name stays in the signed list.
func writePart(mw *multipart.Writer, a ehds.Attachment, store Blobs) error {
	sum, err := hex.DecodeString(a.SHA256)
	if err != nil {
		return err
	}
	content, err := store.Open(a.SHA256)
	if err != nil {
		return err
	}
	defer content.Close()
	part, err := mw.CreatePart(textproto.MIMEHeader{
		"Content-Type": {a.MediaType}, "Content-Id": {"<" + a.ID + ">"},
		"Content-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"},
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(part, content)
	return err
}
