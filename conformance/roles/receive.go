package roles

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Limits of one delivery (wire profile §3).
const (
	MaxAttachments     = 32
	MaxAttachmentBytes = 256 << 20
	multipartOverhead  = 256 << 10
)

// Errors of reading a delivery, besides ErrMalformed and forge.ErrTooLarge.
var (
	// ErrMediaType means that a request is neither a message nor multipart/related.
	ErrMediaType = errors.New("roles: media type")
	// ErrAttachments means that the parts are not those of the signed list.
	ErrAttachments = errors.New("roles: attachments differ from the signed list")
)

// Delivery is a request of the https binding (wire profile §5).
type Delivery struct {
	Token string
	parts *multipart.Reader // nil without attachments
}

// ReadDelivery reads the token of a request. The attachments follow with Attachments.
func ReadDelivery(w http.ResponseWriter, r *http.Request) (*Delivery, error) {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Header.Get("Content-Encoding") != "" {
		return nil, ErrMediaType
	}
	switch media {
	case MediaMessage:
		token, err := readToken(r.Body)
		return &Delivery{Token: token}, err
	case "multipart/related":
		body := http.MaxBytesReader(w, r.Body, forge.MaxToken+MaxAttachmentBytes+multipartOverhead)
		return readRelated(body, params)
	}
	return nil, ErrMediaType
}

func readRelated(body io.Reader, params map[string]string) (*Delivery, error) {
	if params["boundary"] == "" {
		return nil, fmt.Errorf("%w: boundary", ErrMalformed)
	}
	mr := multipart.NewReader(body, params["boundary"])
	root, err := mr.NextRawPart()
	if err != nil {
		return nil, readError(err)
	}
	media, _, err := mime.ParseMediaType(root.Header.Get("Content-Type"))
	if err != nil || media != MediaMessage || contentID(root) != strings.Trim(params["start"], "<>") {
		return nil, fmt.Errorf("%w: the first part is not the message", ErrMalformed)
	}
	token, err := readToken(root)
	return &Delivery{Token: token, parts: mr}, err
}

func readToken(r io.Reader) (string, error) {
	raw, err := io.ReadAll(io.LimitReader(r, forge.MaxToken+1))
	if err != nil {
		return "", readError(err)
	}
	if len(raw) > forge.MaxToken {
		return "", forge.ErrTooLarge
	}
	return string(raw), nil
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fmt.Errorf("%w: %w", forge.ErrTooLarge, err)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

func contentID(p *multipart.Part) string { return strings.Trim(p.Header.Get("Content-Id"), "<>") }

// Attachments stores the parts and checks each against the signed list and its Content-Digest while
// it streams. A missing, extra or repeated part refuses the delivery. The result is in the list's
// order.
func (d *Delivery) Attachments(signed []ehds.Attachment, store Blobs) ([]ehds.ReceiptAttachment, error) {
	want := make(map[string]ehds.Attachment, len(signed))
	for _, a := range signed {
		want[a.ID] = a
	}
	for d.parts != nil {
		part, err := d.parts.NextRawPart()
		if err == io.EOF { // bare: after the closing boundary. A body cut short wraps it
			break
		}
		if err != nil {
			return nil, readError(err)
		}
		a, listed := want[contentID(part)]
		if !listed {
			return nil, fmt.Errorf("%w: not on it, or twice", ErrAttachments)
		}
		delete(want, a.ID)
		if err := storePart(part, a, store); err != nil {
			return nil, err
		}
	}
	if len(want) > 0 {
		return nil, fmt.Errorf("%w: missing", ErrAttachments)
	}
	var out []ehds.ReceiptAttachment
	for _, a := range signed {
		out = append(out, ehds.ReceiptAttachment{ID: a.ID, SHA256: a.SHA256, Size: a.Size})
	}
	return out, nil
}

func storePart(part *multipart.Part, a ehds.Attachment, store Blobs) error {
	announced, err := parseDigest(part.Header.Get("Content-Digest"))
	if err != nil {
		return err
	}
	source := &hashed{r: part, h: sha256.New()}
	sha, size, err := store.Put(source, a.Size)
	switch {
	case errors.Is(err, ErrBlob):
		return fmt.Errorf("%w: size", ErrAttachments)
	case source.failed:
		return readError(err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case !bytes.Equal(source.h.Sum(nil), announced):
		return fmt.Errorf("%w: Content-Digest", ErrMalformed)
	case sha != a.SHA256 || size != a.Size:
		return fmt.Errorf("%w: digest or size", ErrAttachments)
	}
	return nil
}

// hashed tells a broken upload from a broken disk.
type hashed struct {
	r      io.Reader
	h      hash.Hash
	failed bool
}

func (s *hashed) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.h.Write(b[:n])
	s.failed = s.failed || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// parseDigest reads the sha-256 member of a Content-Digest header (RFC 9530 §2).
func parseDigest(h string) ([]byte, error) {
	for _, member := range strings.Split(h, ",") {
		v, ok := strings.CutPrefix(strings.TrimSpace(member), "sha-256=:")
		if v, end := strings.CutSuffix(v, ":"); ok && end {
			if raw, err := base64.StdEncoding.DecodeString(v); err == nil && len(raw) == sha256.Size {
				return raw, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: no sha-256 Content-Digest", ErrMalformed)
}

// CheckAttachmentList judges a signed list by itself: the rule broken, or "".
func CheckAttachmentList(list []ehds.Attachment) string {
	seen, total := map[string]bool{}, int64(0)
	for _, a := range list {
		main, sub, _ := strings.Cut(a.MediaType, "/")
		sha := strings.Trim(a.SHA256, "0123456789abcdef") == "" && len(a.SHA256) == 64
		switch {
		case a.ID == "" || len(a.ID) > 128 || seen[a.ID] || strings.Trim(a.ID, idAlphabet) != "":
			return "attachment-id"
		case a.Name == "" || len(a.Name) > 255 || main == "" || sub == "" || len(a.MediaType) > 127:
			return "attachment-form"
		case a.Size < 0 || !sha || strings.ContainsAny(a.MediaType, " \t\r\n"):
			return "attachment-form"
		case a.Size > MaxAttachmentBytes-total:
			return "attachments-too-large"
		}
		seen[a.ID], total = true, total+a.Size
	}
	if len(list) > MaxAttachments {
		return "too-many-attachments"
	}
	return ""
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
