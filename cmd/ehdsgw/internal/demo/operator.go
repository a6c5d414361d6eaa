package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// operatorClient talks to a gateway the way its operator does: over the socket in its data directory.
type operatorClient struct{ http *http.Client }

func newOperatorClient(socket string) *operatorClient {
	d := net.Dialer{}
	return &operatorClient{http: &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) },
	}}}
}

// call sends in (nil for a GET) and reads the answer into out.
func (c *operatorClient) call(ctx context.Context, path string, in, out any) error {
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
	return doJSON(c.http, req, out)
}

// maxAnswer bounds what is read of an answer: an evidence bundle is the largest.
const maxAnswer = 64 << 20

func doJSON(c *http.Client, req *http.Request, out any) error {
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: status %d: %.300s", req.Method, req.URL.Path, resp.StatusCode, raw)
	}
	if whole, ok := out.(*[]byte); ok {
		*whole = raw
		return nil
	}
	return json.Unmarshal(raw, out)
}
