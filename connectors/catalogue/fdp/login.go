package fdp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxToken bounds the answer to a login, in bytes.
const maxToken = 16 << 10

// Login is an account of the FAIR Data Point. Its members are secrets: it prints as a word.
type Login struct {
	Email    string
	Password string
}

// String hides the login.
func (Login) String() string { return "[login]" }

// GoString hides the login.
func (Login) GoString() string { return "[login]" }

// ParseLogin reads a login from a JSON object with the members "email" and "password", both not empty
// and nothing else. The error never repeats the content.
func ParseLogin(content []byte) (Login, error) {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if dec.Decode(&in) != nil || in.Email == "" || in.Password == "" {
		return Login{}, errors.New(`fdp: a login is a JSON object {"email": …, "password": …}`)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Login{}, errors.New("fdp: something follows the login's JSON object")
	}
	return Login{in.Email, in.Password}, nil
}

// session is who we are towards the point.
type session struct {
	login Login
	token string // bearer; empty before a login
}

func (s session) renewable() bool { return s.login != Login{} }

// ensureToken logs in when there is a login and no token.
func (w *wire) ensureToken(ctx context.Context) error {
	if w.session.token != "" || !w.session.renewable() {
		return nil
	}
	token, err := w.logIn(ctx)
	w.session.token = token
	return err
}

// logIn asks POST /tokens for a token.
func (w *wire) logIn(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	resp, err := w.client.R().SetContext(ctx).
		SetHeader("Accept", "application/json").SetHeader("Accept-Encoding", "identity").
		SetBody(map[string]string{"email": w.session.login.Email, "password": w.session.login.Password}).
		Post(w.root.JoinPath("tokens").String())
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrLogin, transport(err))
	}
	body := resp.RawBody()
	defer func() { _ = body.Close() }() // nothing was written
	if resp.StatusCode() != http.StatusOK && resp.StatusCode() != http.StatusCreated {
		return "", fmt.Errorf("%w: %w", ErrLogin, statusError(resp.StatusCode()))
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxToken+1))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrLogin, transport(err))
	}
	var out struct {
		Token string `json:"token"`
	}
	if len(raw) > maxToken || json.Unmarshal(raw, &out) != nil || !bearer(out.Token) {
		return "", fmt.Errorf("%w: the answer holds no token", ErrLogin)
	}
	return out.Token, nil
}

// bearer says whether a token has the form of RFC 6750 §2.1.
func bearer(token string) bool {
	core := strings.TrimRight(token, "=")
	return core != "" && strings.IndexFunc(core, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/", r))
	}) < 0
}
