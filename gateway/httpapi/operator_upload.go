package httpapi

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Uploads are the files that come with a request of the operator's.
type Uploads struct{ reader *multipart.Reader }

// Upload is one file. Name is what the operator calls it; Content is valid until the next one is asked
// for.
type Upload struct {
	Name, MediaType string
	Content         io.Reader
}

// Next returns the next file, io.EOF after the last one.
func (u Uploads) Next() (Upload, error) {
	p, err := u.reader.NextRawPart()
	switch {
	case err == io.EOF: //nolint:errorlint // a wrapped io.EOF is an upload that ended early
		return Upload{}, err
	case err != nil:
		return Upload{}, fault.Wrap(err, fault.Malformed, "multipart", "the parts cannot be read")
	case p.FormName() != "file" || p.FileName() == "":
		return Upload{}, fault.New(fault.Malformed, "multipart", "a part is not a file with a name")
	}
	return Upload{Name: p.FileName(), MediaType: p.Header.Get("Content-Type"), Content: p}, nil
}

// PostFiles adds a changing route that takes files as well: multipart/form-data, its first part
// "request" the JSON object, the others files. Nothing of a file is read before f asks for it.
func PostFiles[In, Out any](o *Operator, path string, f func(context.Context, In, Uploads) (Out, error)) {
	o.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		parts, err := r.MultipartReader()
		if err == nil {
			err = readRequest(parts, &in)
		}
		if err != nil {
			writeProblem(w, fault.Wrap(err, fault.Malformed, "request-json", "the request is not the JSON object asked for"))
			return
		}
		out, err := f(r.Context(), in, Uploads{parts})
		o.answer(w, r, out, err)
	})
}

// readRequest reads the part that is the request. Unknown members are refused, as in Post.
func readRequest(parts *multipart.Reader, in any) error {
	p, err := parts.NextRawPart()
	if err != nil {
		return err
	}
	if p.FormName() != "request" {
		return errors.New("the first part is another one")
	}
	body := &io.LimitedReader{R: p, N: maxUploadRequest}
	if err := readObject(body, in); err != nil {
		return err
	}
	if body.N <= 0 {
		return errors.New("a very long value")
	}
	return nil
}

// maxUploadRequest bounds the JSON of a request with files: an application is one.
const maxUploadRequest = 2 << 20
