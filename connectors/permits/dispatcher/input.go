package dispatcher

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Bounds of what a system sends.
const (
	maxJSON       = 1 << 20
	maxUpload     = 12 << 20 // all documents of one request, in bytes
	maxDocuments  = 8
	uploadsAtOnce = 4
	maxDepth      = 32
)

// input is what a system sent: a JSON object and documents that belong to it.
type input struct {
	JSON      json.RawMessage
	Documents []upload
}

// read reads the request: application/json, or multipart/form-data with one part in JSON and any others
// as documents.
func (c *call) read() (input, error) {
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "application/json":
		b, err := readPart(c.r.Body, maxJSON)
		if err == nil {
			err = checkJSON(b)
		}
		return input{JSON: b}, err
	case err == nil && media == "multipart/form-data" && params["boundary"] != "":
		select {
		case c.d.uploads <- struct{}{}:
			defer func() { <-c.d.uploads }()
		case <-c.ctx.Done():
			return input{}, fault.New(fault.Unavailable, "busy", "too many documents at once; try again").After(time.Second)
		}
		return readParts(multipart.NewReader(c.r.Body, params["boundary"]))
	}
	return input{}, fault.New(fault.UnsupportedMedia, "media-type", "send application/json, or multipart/form-data with documents")
}

func readParts(parts *multipart.Reader) (in input, err error) {
	left := maxUpload
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return in, unreadableBody(err)
		}
		media, _, merr := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if merr == nil && media == "application/json" || merr != nil && p.FileName() == "" {
			if in.JSON != nil {
				return in, fault.New(fault.Malformed, "parts", "one part is the JSON object; the others are documents")
			}
			if in.JSON, err = readPart(p, maxJSON); err != nil {
				return in, err
			}
			continue
		}
		if len(in.Documents) == maxDocuments {
			return in, fault.New(fault.TooLarge, "too-many-documents", "a request has at most 8 documents")
		}
		u := upload{Name: plain(p.FileName(), 200), MediaType: mediaOf(media, merr)}
		if u.Content, err = readPart(p, left); err != nil {
			return in, err
		}
		left -= len(u.Content)
		u.SHA256 = hexSHA256(u.Content)
		in.Documents = append(in.Documents, u)
	}
	if in.JSON == nil {
		return in, fault.New(fault.Malformed, "parts", "one part is the JSON object; the others are documents")
	}
	return in, checkJSON(in.JSON)
}

var mediaForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}$`)

func mediaOf(media string, err error) string {
	if err != nil || !mediaForm.MatchString(media) {
		return "application/octet-stream"
	}
	return media
}

// readPart reads all there is, up to a limit in bytes.
func readPart(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large), err == nil && len(b) > limit:
		return nil, fault.New(fault.TooLarge, "too-large", "the JSON has at most 1 MiB, the documents 12 MiB together")
	case err != nil:
		return nil, unreadableBody(err)
	}
	return b, nil
}

func unreadableBody(err error) error {
	return fault.Wrap(err, fault.Malformed, "body", "the body could not be read")
}

func notJSON() error {
	return fault.New(fault.Malformed, "json", "one JSON object is wanted, in UTF-8, no member twice, at most 32 deep")
}

// checkJSON wants one JSON object in UTF-8, not too deep, without a member given twice.
func checkJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	start, err := dec.Token()
	if err != nil || start != json.Delim('{') || !utf8.Valid(b) || object(dec, 1) != nil {
		return notJSON()
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return notJSON()
	}
	return nil
}

var errJSON = errors.New("not JSON as wanted")

func object(dec *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		name, err := dec.Token()
		key, ok := name.(string)
		if err != nil || !ok || seen[key] {
			return errJSON
		}
		seen[key] = true
		if err := value(dec, depth); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

func value(dec *json.Decoder, depth int) error {
	t, err := dec.Token()
	if err != nil || depth >= maxDepth {
		return errJSON
	}
	switch t {
	case json.Delim('{'):
		return object(dec, depth+1)
	case json.Delim('['):
		for dec.More() {
			if err := value(dec, depth+1); err != nil {
				return err
			}
		}
		_, err = dec.Token()
	}
	return err
}

// into decodes the object. Members nobody knows are let be: a system written against another dispatcher
// may send more than we read.
func (in input) into(v any) error {
	if err := json.Unmarshal(in.JSON, v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) { // whose text holds the member's name, which may be input
			return fault.New(fault.Invalid, "body-type", "a member has another type than the document of the interface says")
		}
		return notJSON()
	}
	return nil
}
