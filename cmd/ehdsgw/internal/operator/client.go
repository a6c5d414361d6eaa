// Package operator is the client of a running gateway's operator socket. It is for the commands that
// read or change what the daemon holds: the daemon alone opens the record.
//
// Guarantees: one attempt for each call, nothing is retried; answers are bounded; a daemon that does
// not answer is told apart from one that says no (ErrNotRunning, *Problem). It finds no gateway by
// itself and speaks to the socket it is given only.
package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
)

// Errors of a call that never reached the daemon, or never came back.
var (
	// ErrNotRunning: nobody listens on the socket.
	ErrNotRunning = errors.New("no gateway answers on the operator socket")
	// ErrPermission: the socket is another user's.
	ErrPermission = errors.New("the operator socket may be used by the gateway's user only")
	// ErrAnswer: the answer is not what this program understands.
	ErrAnswer = errors.New("the gateway's answer is not understood; are command and daemon of one version?")
)

// maxAnswer bounds an answer, in bytes; evidence bundles are the largest.
const maxAnswer = 256 << 20

// Problem is the daemon's refusal (RFC 9457).
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Field  string `json:"field"`
}

// Error gives detail, place and code.
func (p *Problem) Error() string {
	s := p.Detail
	if s == "" {
		s = p.Title
	}
	if p.Field != "" {
		s += ", at " + p.Field
	}
	if p.Code != "" {
		s += " [" + p.Code + "]"
	}
	return s
}

// Refusal says whether the daemon judged the request, rather than failed at it.
func (p *Problem) Refusal() bool {
	return p.Status >= 400 && p.Status < 500 && p.Status != http.StatusTooManyRequests
}

// Client calls one gateway.
type Client struct {
	socket string
	http   *http.Client
}

// New makes a client. It connects at the first call.
func New(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, http: &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// call sends in, or a GET when in is nil, and decodes the answer into out unless that is nil.
func (c *Client) call(ctx context.Context, path string, in, out any) error {
	method, body := http.MethodGet, io.Reader(nil)
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		method, body = http.MethodPost, bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://operator"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	return c.do(ctx, req, out)
}

// do makes one request and decodes the answer into out unless that is nil.
func (c *Client) do(ctx context.Context, req *http.Request, out any) error {
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreached(ctx, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("the answer broke off: %w", err)
	}
	if len(raw) > maxAnswer {
		return fmt.Errorf("%w: longer than %d bytes", ErrAnswer, maxAnswer)
	}
	if resp.StatusCode != http.StatusOK {
		return problemOf(resp.StatusCode, raw)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("%w (%w)", ErrAnswer, err)
	}
	return nil
}

// unreached says why a call got no answer.
func (c *Client) unreached(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %s", ErrPermission, c.socket)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTSOCK), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %s", ErrNotRunning, c.socket)
	}
	return fmt.Errorf("operator socket %s: %w", c.socket, err)
}

func problemOf(status int, raw []byte) error {
	p := Problem{Status: status, Title: http.StatusText(status)}
	if json.Unmarshal(raw, &p) != nil || p.Code == "" {
		return fmt.Errorf("%w (status %d)", ErrAnswer, status)
	}
	p.Status = status
	return &p
}
