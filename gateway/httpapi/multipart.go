package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// multipartOverhead allows for boundaries and part headers.
const multipartOverhead = 256 << 10

// relatedParts are the attachments of a multipart/related delivery after its root.
type relatedParts struct {
	reader *multipart.Reader
	body   *bodyEnd
	left   int
}

// bodyEnd remembers how the request's body ended, which a multipart reader does not tell: a request
// that is complete but broken is its sender's fault, a connection that was cut is nobody's.
type bodyEnd struct {
	r    io.Reader
	err  error // other than io.EOF
	head int   // what may still be read of the root's header; negative means no bound
}

// errRootHeader refuses a header a multipart reader would collect up to 10 MiB of.
var errRootHeader = errors.New("the root part's header is too long")

func (b *bodyEnd) Read(p []byte) (int, error) {
	switch {
	case b.head == 0:
		return 0, errRootHeader
	case b.head > 0:
		p = p[:min(len(p), b.head)]
	}
	n, err := b.r.Read(p)
	if b.head > 0 {
		b.head -= n
	}
	if err != nil && err != io.EOF { //nolint:errorlint // the body's own end is never wrapped
		b.err = err
	}
	return n, err
}

// fault judges an error met while parts were read.
func (b *bodyEnd) fault(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(b.err, &tooLarge):
		return fault.Wrap(b.err, fault.TooLarge, "too-large", "the request is larger than allowed")
	case b.err != nil:
		return b.err
	}
	return fault.Wrap(err, fault.Malformed, "multipart", "the parts cannot be read")
}

// openMultipart reads the root part: it must be the first, the one start names, and a message.
func openMultipart(r io.Reader, params map[string]string, limits exchange.Limits, l *lease) ([]byte, *relatedParts, *fault.Error) {
	bad := func(err error) *fault.Error { return fault.Wrap(err, fault.Malformed, "malformed", "") }
	if params["boundary"] == "" || params["start"] == "" {
		return nil, nil, bad(errors.New("no boundary or no start"))
	}
	body := &bodyEnd{r: r, head: maxRootHeader}
	mr := multipart.NewReader(body, params["boundary"])
	root, err := mr.NextRawPart()
	if err != nil {
		return nil, nil, readFault(err)
	}
	body.head = -1
	media, _, err := mime.ParseMediaType(root.Header.Get("Content-Type"))
	if err != nil || media != mediaMessage || contentID(root) != strings.Trim(params["start"], "<>") {
		return nil, nil, bad(errors.New("the root part is not the message"))
	}
	raw, f := l.read(root, limits.MaxToken)
	if f != nil {
		return nil, nil, f
	}
	return raw, &relatedParts{reader: mr, body: body, left: limits.MaxAttachments}, nil
}

func contentID(p *multipart.Part) string { return strings.Trim(p.Header.Get("Content-Id"), "<>") }

// Next hands out the next attachment, io.EOF after the last boundary; its Content-Digest (RFC 9530)
// is checked when it ends. The signed digest is the receiver's to check. Errors are *fault.Error
// unless the connection broke.
func (p *relatedParts) Next() (string, io.Reader, error) {
	part, err := p.reader.NextRawPart()
	switch {
	case err == io.EOF: //nolint:errorlint // wrapped, it is a body without its closing boundary
		return "", nil, io.EOF
	case err != nil:
		return "", nil, p.body.fault(err)
	}
	if p.left--; p.left < 0 {
		return "", nil, fault.New(fault.TooLarge, "too-many-attachments", "more parts than allowed")
	}
	want, err := parseDigest(part.Header.Get("Content-Digest"))
	if err != nil {
		return "", nil, fault.Wrap(err, fault.Malformed, "content-digest", "a part has no sha-256 Content-Digest")
	}
	return contentID(part), &digestCheck{r: part, h: sha256.New(), want: want, body: p.body}, nil
}

// digestCheck fails the read that meets the end of a part with another digest than announced.
type digestCheck struct {
	r    io.Reader
	h    hash.Hash
	want string
	body *bodyEnd
}

func (d *digestCheck) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	d.h.Write(b[:n])
	switch {
	case err == nil:
	case err != io.EOF: //nolint:errorlint // wrapped, it is a part that was cut
		return n, d.body.fault(err)
	case string(d.h.Sum(nil)) != d.want:
		return n, fault.New(fault.Invalid, "content-digest", "a part differs from its Content-Digest")
	}
	return n, err
}

// parseDigest reads the sha-256 member of a Content-Digest header.
func parseDigest(h string) (string, error) {
	for _, m := range strings.Split(h, ",") {
		v, ok := strings.CutPrefix(strings.TrimSpace(m), "sha-256=:")
		if !ok || !strings.HasSuffix(v, ":") {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(v, ":"))
		if err == nil && len(raw) == sha256.Size {
			return string(raw), nil
		}
	}
	return "", errors.New("a part has no sha-256 Content-Digest")
}
