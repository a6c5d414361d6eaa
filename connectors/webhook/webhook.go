// Package webhook pushes to systems of others what they are to know at once, signed as Standard Webhooks 1.0
// has it: webhook-id, webhook-timestamp and webhook-signature, an HMAC-SHA256 with a secret both sides have.
//
// It is for drivers that announce. Guarantees: what is sent is signed or not sent; an answer is read to a
// bound, within a deadline; an error's text shows no address, no secret and no answer, and a target's no secret.
// It goes out by the client it is lent, which guards where it leads. It does not retry and remembers nothing.
package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Target is where something is pushed to.
type Target struct {
	URL    string
	Secret string // whsec_ and the base64 of 24 to 64 bytes
}

// String names the address alone: the secret is one.
func (t Target) String() string { return t.URL }

// GoString is String, so that no verb shows more.
func (t Target) GoString() string { return t.URL }

// SecretScheme begins a secret.
const SecretScheme = "whsec_"

// Errors of Check.
var (
	ErrSecret = errors.New("the secret is whsec_ and the base64 of 24 to 64 bytes")
	ErrNoURL  = errors.New("a secret without a URL")
)

func (t Target) key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(t.Secret, SecretScheme))
	if err != nil || !strings.HasPrefix(t.Secret, SecretScheme) || len(key) < 24 || len(key) > 64 {
		return nil, ErrSecret
	}
	return key, nil
}

// Check says what keeps a target from being pushed to. The zero Target, to which nothing is, is in order.
func (t Target) Check() error {
	if t == (Target{}) {
		return nil
	}
	if t.URL == "" {
		return ErrNoURL
	}
	_, err := t.key()
	return err
}

// Message is what is pushed. One that is pushed again has the ID and Body it had, and a new time.
type Message struct {
	ID   string // names it over all attempts
	At   time.Time
	Body []byte // a JSON document
}

// Sign is the value of webhook-signature: v1 and the HMAC over id, time and body.
func (t Target) Sign(m Message) (string, error) {
	key, err := t.key()
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(m.ID + "." + m.stamp() + ".")) // a hash never fails
	_, _ = mac.Write(m.Body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

func (m Message) stamp() string { return strconv.FormatInt(m.At.Unix(), 10) }

// Bounds of one attempt.
const (
	timeout   = 20 * time.Second
	maxAnswer = 16 << 10
)

// Error is why a message was not taken, in a word of ours: url, secret, unreachable, or status- and the
// HTTP status. The cause is for errors.Is alone: its text may name the address, and more.
type Error struct {
	Reason string
	cause  error
}

// Error gives the word.
func (e *Error) Error() string { return e.Reason }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Post makes one attempt and returns the beginning of the answer when the message was taken, which is any
// 2xx; a longer answer than 16 KiB is cut. The error is an *Error.
func Post(ctx context.Context, client *http.Client, to Target, m Message) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, &Error{Reason: "url"}
	}
	signature, err := to.Sign(m)
	if err != nil || client == nil {
		return nil, &Error{Reason: "secret", cause: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", m.ID)
	req.Header.Set("webhook-timestamp", m.stamp())
	req.Header.Set("webhook-signature", signature)
	resp, err := client.Do(req)
	if err != nil {
		return nil, &Error{Reason: "unreachable", cause: err}
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // mostly to its end: then the connection can be used again
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, &Error{Reason: "status-" + strconv.Itoa(resp.StatusCode)}
	case err != nil:
		answer = nil // taken, and what was said of it broke off
	}
	return answer, nil
}
