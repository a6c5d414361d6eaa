package origin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-resty/resty/v2"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// maxSorry is as much of an answer without a document as is read over, in bytes.
const maxSorry = 4 << 10

// Answer is the head of an answer with status 200, or after a POST 201, and its body.
type Answer struct {
	URL    *url.URL // after redirects
	Header http.Header
	Body   io.Reader // bounded
}

// Get asks an address of the origin and hands the answer to read. What read returns is returned, unless
// the body broke off while it read.
func (r *Reader) Get(ctx context.Context, address, accept string, read func(Answer) error) error {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || !r.Within(u) {
		return ErrElsewhere
	}
	u.Fragment, u.RawFragment = "", ""
	for again := false; ; again = true {
		name, value := "", ""
		if r.credentials != nil {
			if name, value, err = r.credentials.Header(ctx); err != nil {
				return err
			}
		}
		err := r.patient(ctx, func() error {
			return r.exchange(ctx, accept, read, func(q *resty.Request) (*resty.Response, error) {
				if name != "" {
					q.SetHeader(name, value)
				}
				return q.Get(u.String())
			})
		})
		if again || name == "" || !errors.Is(err, Status(http.StatusUnauthorized)) || !r.credentials.Refused() {
			return err
		}
	}
}

// Post sends a JSON body to an address of the origin, without credentials, and hands the answer to read.
func (r *Reader) Post(ctx context.Context, address, accept string, body any, read func(Answer) error) error {
	u, err := url.Parse(address)
	if err != nil || !r.Within(u) {
		return ErrElsewhere
	}
	return r.exchange(ctx, accept, read, func(q *resty.Request) (*resty.Response, error) {
		return q.SetBody(body).Post(u.String())
	})
}

func (r *Reader) exchange(ctx context.Context, accept string, read func(Answer) error, send func(*resty.Request) (*resty.Response, error)) error {
	ctx, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	resp, err := send(r.client.R().SetContext(ctx).SetHeader("Accept", accept).SetHeader("Accept-Encoding", "identity"))
	if err != nil {
		return failure(err)
	}
	raw := resp.RawBody()
	defer func() { _ = raw.Close() }() // nothing was written
	if code := resp.StatusCode(); code != http.StatusOK && (code != http.StatusCreated || resp.Request.Method != http.MethodPost) {
		_, _ = io.CopyN(io.Discard, raw, maxSorry) // so that the connection can be used again
		return asksForTime(fmt.Errorf("%w: %w", ErrFetch, Status(code)), code, resp.Header())
	}
	if coding := resp.Header().Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return fmt.Errorf("%w: the body is encoded, which was not asked for", ErrFetch)
	}
	body := &watched{Reader: raw, left: r.bytes + 1} // a parser with the same bound strikes first, and says where
	err = read(Answer{URL: resp.RawResponse.Request.URL, Header: resp.Header(), Body: body})
	var syntax *rdf.SyntaxError
	if body.err == nil || errors.Is(body.err, ErrTooLarge) && errors.As(err, &syntax) {
		return err
	}
	return failure(body.err) // what was read is not the document
}

// AcceptRDF asks for the forms every server of linked data has.
const AcceptRDF = "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8"

// Graph reads a document of RDF. o.File, o.Base and o.MaxBytes are filled in when they are empty. The
// error wraps ErrFetch or is a *rdf.SyntaxError, or those of Get.
func (r *Reader) Graph(ctx context.Context, address string, o rdf.ReadOptions) (*rdf.Graph, Answer, error) {
	var g *rdf.Graph
	var head Answer
	err := r.Get(ctx, address, AcceptRDF, func(a Answer) error {
		format, ok := rdf.FormatOfMediaType(a.Header.Get("Content-Type"))
		if !ok {
			return fmt.Errorf("%w: %w", ErrFetch, ErrMediaType)
		}
		if o.File == "" {
			o.File = Place(a.URL)
		}
		if o.Base == "" {
			o.Base = a.URL.String()
		}
		if o.MaxBytes <= 0 || o.MaxBytes > r.bytes {
			o.MaxBytes = r.bytes
		}
		head = Answer{URL: a.URL, Header: a.Header}
		var err error
		g, err = rdf.Read(ctx, a.Body, format, o)
		return err
	})
	if err != nil {
		return nil, Answer{}, err
	}
	return g, head, nil
}

// JSON reads one JSON value into out.
func (r *Reader) JSON(ctx context.Context, address string, out any) error {
	return r.Get(ctx, address, "application/json", func(a Answer) error { return DecodeJSON(a, out) })
}

// DecodeJSON reads an answer that must be one JSON value.
func DecodeJSON(a Answer, out any) error {
	media, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Errorf("%w: %w", ErrFetch, ErrMediaType)
	}
	dec := json.NewDecoder(a.Body)
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("%w: the answer is not the JSON that was asked for", ErrFetch)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows the JSON value", ErrFetch)
	}
	return nil
}
