package rems

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// client asks REMS: JSON over HTTP, as a user that the API key may stand for.
type client struct {
	base, key string
	http      *http.Client
	max       int64
}

// errAbsent: REMS says that there is no such thing, or that the user may not see it.
var errAbsent = errors.New("rems: absent")

// call sends in as JSON, unless it is nil, and reads the answer into out.
func (c *client) call(ctx context.Context, user, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fault.Wrap(err, fault.Internal, "rems-request", "the request cannot be written")
		}
		body = bytes.NewReader(b)
	}
	return c.send(ctx, user, method, path, "application/json", body, out)
}

func (c *client) send(ctx context.Context, user, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "rems-request", "the request cannot be written")
	}
	req.Header.Set("X-Rems-Api-Key", c.key)
	req.Header.Set("X-Rems-User-Id", user)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "identity")
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address, which holds identifiers
		}
		return fault.Wrap(err, fault.Unavailable, "rems-unreachable", "REMS cannot be reached")
	}
	defer func() { _ = res.Body.Close() }() // nothing was written
	if err := c.status(res); err != nil {
		_, _ = io.CopyN(io.Discard, res.Body, 4<<10) // so that the connection can be used again
		return err
	}
	return c.read(ctx, res, out)
}

// status turns what is no answer into an error. What REMS itself does not say, because its API answers in
// JSON, is taken for something that passes.
func (c *client) status(res *http.Response) error {
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")) // no media type is not JSON
	spoken := media == "application/json"
	switch code := res.StatusCode; {
	case code == http.StatusOK && spoken:
		return nil
	case code == http.StatusOK:
		return notAnAnswer(nil)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fault.New(fault.Unavailable, "rems-credentials", "REMS refuses the API key, or the users it stands for")
	case code == http.StatusNotFound && spoken:
		return errAbsent
	case code == http.StatusRequestEntityTooLarge && spoken:
		return fault.New(fault.TooLarge, "rems-too-large", "REMS takes no file as large")
	case code == http.StatusUnsupportedMediaType && spoken:
		return fault.New(fault.UnsupportedMedia, "rems-media-type", "REMS takes no file of this type")
	case code == http.StatusBadRequest && spoken:
		return refuses()
	default:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // 0 when it does not say
		return fault.New(fault.Unavailable, "rems-fails", fmt.Sprintf("REMS answers with status %d", code)).
			After(time.Duration(min(max(seconds, 0), 3600)) * time.Second)
	}
}

func (c *client) read(ctx context.Context, res *http.Response, out any) error {
	if coding := res.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return notAnAnswer(nil)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, c.max+1))
	switch {
	case ctx.Err() != nil:
		return fault.Wrap(ctx.Err(), fault.Unavailable, "rems-unreachable", "REMS cannot be reached")
	case err != nil:
		return notAnAnswer(err)
	case int64(len(text)) > c.max:
		return fault.New(fault.Unavailable, "rems-answer", "an answer of REMS is longer than this driver reads")
	}
	if err := json.Unmarshal(text, out); err != nil {
		return notAnAnswer(nil) // the error would hold content
	}
	return nil
}

func notAnAnswer(cause error) error {
	return fault.Wrap(cause, fault.Unavailable, "rems-answer", "what came is no answer of REMS")
}

func refuses() error {
	return fault.New(fault.Invalid, "rems-refuses", "REMS refuses the application: a field is missing or does not fit its form")
}

// result is what a command answers.
type result struct {
	Success *bool             `json:"success"`
	ID      int               `json:"id"`
	App     int               `json:"application-id"`
	Errors  []json.RawMessage `json:"errors"`
}

// err is what a result says. Only what REMS says of the content is for good; that it forbids something,
// or does not know it, is a matter of its configuration.
func (r result) err() error {
	switch {
	case r.Success == nil:
		return notAnAnswer(nil)
	case *r.Success:
		return nil
	}
	for _, raw := range r.Errors {
		var e struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		if strings.Contains(e.Type, "form.validation") || strings.HasPrefix(e.Type, "invalid-value") {
			return refuses()
		}
	}
	return fault.New(fault.Unavailable, "rems-forbids", "REMS does not let the gateway do this; look at the roles of its users and at the licences")
}

// command sends a command about an application.
func (c *client) command(ctx context.Context, user, name string, in any) error {
	var r result
	if err := c.call(ctx, user, http.MethodPost, "/api/applications/"+name, in, &r); err != nil {
		return known(err)
	}
	return r.err()
}

// known is an error for callers who asked for what must be there.
func known(err error) error {
	if errors.Is(err, errAbsent) {
		return fault.New(fault.Unavailable, "rems-absent", "REMS does not know, or does not show, what the gateway made there")
	}
	return err
}
