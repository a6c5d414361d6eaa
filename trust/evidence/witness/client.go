package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// ConflictError is a witness's answer that it last cosigned another size. A log asks again from there;
// when Size is the size it asked with, the witness holds another root for it, which is an alarm.
type ConflictError struct{ Size int64 }

// Error says what the witness has.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("the witness has last cosigned size %d", e.Size)
}

// Unwrap gives ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }

// maxAnswer bounds a witness's answer, in bytes.
const maxAnswer = 16 << 10

// Ask sends a request to the witness at prefix and returns its cosignature lines. They are not
// verified: the caller puts them under its checkpoint and opens that with the witness's key. Errors are
// *ConflictError, one of the refusals of this package, or those of the client, which is the guarded one.
func Ask(ctx context.Context, client *http.Client, prefix string, r Request) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(prefix, "/")+"/add-checkpoint", bytes.NewReader(r.Marshal()))
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return "", err
	}
	if len(body) > maxAnswer {
		return "", errors.New("the witness's answer is too long")
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return string(body), nil
	case http.StatusConflict:
		text, ok := strings.CutSuffix(string(body), "\n")
		size, err := parseSize(text)
		if media := resp.Header.Get("Content-Type"); !ok || err != nil || media != sizeType {
			return "", errors.New("the witness's conflict tells no size")
		}
		return "", &ConflictError{size}
	}
	for _, known := range []error{ErrUnknownLog, ErrUnsigned, ErrProof, ErrRequest} {
		if statusOf(known) == resp.StatusCode {
			return "", known
		}
	}
	return "", fmt.Errorf("the witness answered %d", resp.StatusCode)
}
