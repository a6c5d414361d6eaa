package httpapi

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"crypto/sha256"
	"hash"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// multipartOverhead allows for boundaries and part headers.
const multipartOverhead = 256 << 10

// relatedParts are the attachments of a multipart/related delivery after its root.
type relatedParts struct {
	reader *multipart.Reader
	left   int
	check  *digestCheck // of the part handed out last
}

// openMultipart reads the root part: it must be the first, the one start names, and a message.
func openMultipart(body io.Reader, params map[string]string, l exchange.Limits) ([]byte, *relatedParts, *fault.Error) {
	bad := func(err error) *fault.Error { return fault.Wrap(err, fault.Malformed, "malformed", "") }
	if params["boundary"] == "" {
		return nil, nil, bad(errors.New("no boundary"))
	}
	mr := multipart.NewReader(body, params["boundary"])
	root, err := mr.NextRawPart()
	if err != nil {
		return nil, nil, readFault(err)
	}
	media, _, err := mime.ParseMediaType(root.Header.Get("Content-Type"))
	if err != nil || media != mediaMessage || contentID(root) != strings.Trim(params["start"], "<>") {
		return nil, nil, bad(errors.New("the root part is not the message"))
	}
	raw, f := readAll(root, l.MaxToken)
	if f != nil {
		return nil, nil, f
	}
	return raw, &relatedParts{reader: mr, left: l.MaxAttachments}, nil
}

func contentID(p *multipart.Part) string { return strings.Trim(p.Header.Get("Content-Id"), "<>") }

// Next hands out the next attachment; its Content-Digest (RFC 9530) is checked when it ends. The
// signed digest is the receiver's to check.
func (p *relatedParts) Next() (string, io.Reader, error) {
	part, err := p.reader.NextRawPart()
	if err != nil {
		return "", nil, err
	}
	if p.left--; p.left < 0 {
		return "", nil, errors.New("more parts than allowed")
	}
	want, err := parseDigest(part.Header.Get("Content-Digest"))
	if err != nil {
		return "", nil, err
	}
	p.check = &digestCheck{r: part, h: sha256.New(), want: want}
	return contentID(part), p.check, nil
}

// digestCheck fails the read that meets the end of a part with another digest than announced.
type digestCheck struct {
	r    io.Reader
	h    hash.Hash
	want string
}

func (d *digestCheck) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	d.h.Write(b[:n])
	if errors.Is(err, io.EOF) && string(d.h.Sum(nil)) != d.want {
		return n, errDigest
	}
	return n, err
}

// errDigest is a broken upload, like a part that ends early.
var errDigest = errors.Join(errors.New("a part differs from its Content-Digest"), io.ErrUnexpectedEOF)

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
