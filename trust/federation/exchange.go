package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// wire makes single exchanges over a guarded client: no redirects, no retries, no cookies, no
// inflation, a deadline from connecting to the last byte of the body.
type wire struct {
	client *resty.Client
	limit  time.Duration
}

func newWire(hc *http.Client, limit time.Duration) *wire {
	own := *hc // the settings below must not reach the owner's client
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := resty.NewWithClient(&own).
		SetRetryCount(0).
		SetDoNotParseResponse(true) // left alone, it inflates whatever says it is gzip
	return &wire{client: c, limit: limit}
}

// endpoint is what an endpoint answers with, and how long that may be.
type endpoint struct {
	media string
	most  int64 // bytes
}

// The endpoints asked (OpenID Federation 1.1 §8, §9).
var (
	statementEndpoint  = endpoint{"application/" + TypStatement, maxStatement}
	markEndpoint       = endpoint{"application/" + TypMark, maxStatement}
	markStatusEndpoint = endpoint{"application/" + TypMarkStatus, maxStatement}
	listEndpoint       = endpoint{"application/json", maxList}

	historicalKeysEndpoint = endpoint{"application/" + TypHistorical, maxStatement}
)

// answer is what came back.
type answer struct {
	body     string
	same     bool   // 304: what is kept is still what the host would send
	etag     string // validator, empty without one
	lifetime time.Duration
}

// get asks an address. etag is the validator of what is kept, if anything is.
func (w *wire) get(ctx context.Context, address string, e endpoint, etag string) (answer, error) {
	return w.do(ctx, e, func(r *resty.Request) (*resty.Response, error) {
		if etag != "" {
			r.SetHeader("If-None-Match", etag)
		}
		return r.Get(address)
	})
}

// post sends a form to an address.
func (w *wire) post(ctx context.Context, address string, e endpoint, form map[string]string) (answer, error) {
	return w.do(ctx, e, func(r *resty.Request) (*resty.Response, error) { return r.SetFormData(form).Post(address) })
}

func (w *wire) do(ctx context.Context, e endpoint, send func(*resty.Request) (*resty.Response, error)) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	resp, err := send(w.client.R().SetContext(ctx).SetHeader("Accept", e.media).SetHeader("Accept-Encoding", "identity"))
	if err != nil {
		return answer{}, transportError(err)
	}
	body := resp.RawBody()
	defer func() { _ = body.Close() }() // nothing was written
	if err := e.judge(resp.RawResponse); err != nil {
		return answer{}, err
	}
	a := answer{etag: validator(resp.Header()), lifetime: maxAge(resp.Header())}
	if resp.StatusCode() == http.StatusNotModified {
		a.same = true
		return a, nil
	}
	b, err := io.ReadAll(io.LimitReader(body, e.most+1))
	switch {
	case err != nil:
		return answer{}, transportError(err)
	case int64(len(b)) > e.most:
		return answer{}, fmt.Errorf("%w: over %d bytes", ErrFetchSize, e.most)
	}
	a.body = strings.TrimSpace(string(b))
	return a, nil
}

// errNotFound tells "no such statement" from "cannot be reached".
var errNotFound = errors.New("not found")

// judge looks at everything of an answer that comes before its body.
func (e endpoint) judge(r *http.Response) error {
	switch code := r.StatusCode; {
	case code == http.StatusNotFound:
		return errNotFound
	case code == http.StatusNotModified:
		return nil
	case code >= 300 && code < 400:
		return ErrFetchRedirect
	case code != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrFetchStatus, code)
	case r.ContentLength > e.most:
		return fmt.Errorf("%w: announced %d bytes", ErrFetchSize, r.ContentLength)
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return ErrContentEncoding
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset, has := params["charset"]
	if err != nil || media != e.media || len(params) > 1 || len(params) == 1 && !has || has && !strings.EqualFold(charset, "utf-8") {
		return fmt.Errorf("%w: %s is wanted", ErrContentType, e.media)
	}
	return nil
}

// maxValidator bounds an ETag, in bytes: it is sent back as it came.
const maxValidator = 256

// validator is the answer's ETag (RFC 9110 §8.8.3), if it is one that can be sent back.
func validator(h http.Header) string {
	tag := h.Get("ETag")
	opaque := strings.TrimPrefix(tag, "W/")
	if len(tag) > maxValidator || len(opaque) < 2 || opaque[0] != '"' || opaque[len(opaque)-1] != '"' {
		return ""
	}
	inner := opaque[1 : len(opaque)-1]
	for i := range len(inner) {
		if c := inner[i]; c <= ' ' || c == '"' || c >= 0x7f {
			return ""
		}
	}
	return tag
}

// mostKept bounds how long anything is used without asking again, whatever the host allows.
const mostKept = 24 * time.Hour

// maxAge is how long the host lets its answer be used without asking again (RFC 9111 §5.2.2): a bound
// from above, never a promise. Of several the shortest counts; one that cannot be read counts as none
// at all, so the answer is used once.
func maxAge(h http.Header) time.Duration {
	most := mostKept
	for _, line := range h.Values("Cache-Control") {
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch strings.ToLower(name) {
			case "no-store", "no-cache":
				most = 0
			case "max-age":
				seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
				if err != nil {
					seconds = 0
				}
				most = min(most, time.Duration(seconds)*time.Second)
			}
		}
	}
	return most
}
