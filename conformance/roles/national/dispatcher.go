package national

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// ErrNoDispatcher means that the target announced no dispatcher interface.
var ErrNoDispatcher = errors.New("national: the target has no dispatcher interface")

// maxReply bounds an answer of the interface, in bytes.
const maxReply = 64 << 20

// Reply is an answer of the dispatcher interface.
type Reply struct {
	Status    int
	MediaType string
	Body      []byte
}

// JSON reads the answer's body.
func (r Reply) JSON(into any) error { return json.Unmarshal(r.Body, into) }

// Row is one line of getApplications: one version of one application.
type Row struct {
	ApplicationID string `json:"application_id"`
	Type          string `json:"applicationType"`
	Status        string `json:"status"`
	Title         string `json:"title"`
	DateSubmitted string `json:"dateSubmitted"`
	Version       int    `json:"version"`
}

// Call calls the interface. path is below its base; a nil body is none.
func (s *System) Call(ctx context.Context, method, path string, body any) (Reply, error) {
	s.mu.Lock()
	key := s.key
	s.mu.Unlock()
	return s.CallAs(ctx, key, method, path, body)
}

// CallAs calls the interface with another key; an empty one is left out.
func (s *System) CallAs(ctx context.Context, key, method, path string, body any) (Reply, error) {
	s.mu.Lock()
	base := s.dispatcher
	s.mu.Unlock()
	if base == "" {
		return Reply{}, ErrNoDispatcher
	}
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return Reply{}, err
		}
		content = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, content)
	if err != nil {
		return Reply{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("X-API-key", key)
	}
	resp, err := s.o.HTTP.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err == nil && len(raw) > maxReply {
		err = fmt.Errorf("national: an answer longer than %d bytes", maxReply)
	}
	return Reply{Status: resp.StatusCode, MediaType: resp.Header.Get("Content-Type"), Body: raw}, err
}

// Applications is getApplications.
func (s *System) Applications(ctx context.Context) ([]Row, error) {
	r, err := s.Call(ctx, http.MethodGet, "/applications", nil)
	if err != nil {
		return nil, err
	}
	if r.Status != http.StatusOK {
		return nil, fmt.Errorf("national: getApplications answered %d", r.Status)
	}
	var rows []Row
	return rows, r.JSON(&rows)
}

// Application is getApplication: the files of the ZIP by name.
func (s *System) Application(ctx context.Context, id string) (map[string][]byte, error) {
	r, err := s.Call(ctx, http.MethodGet, "/applications/"+url.PathEscape(id), nil)
	if err != nil {
		return nil, err
	}
	if r.Status != http.StatusOK {
		return nil, fmt.Errorf("national: getApplication answered %d", r.Status)
	}
	z, err := zip.NewReader(bytes.NewReader(r.Body), int64(len(r.Body)))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(io.LimitReader(rc, maxReply))
		if err = errors.Join(err, rc.Close()); err != nil {
			return nil, err
		}
		files[f.Name] = content
	}
	return files, nil
}
