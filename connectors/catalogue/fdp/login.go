package fdp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
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

// session is who we are towards the point when it gives tokens for a login. It is an origin.Credentials.
type session struct {
	login Login
	point *origin.Reader
	token string // empty before a login
}

// Header logs in when there is no token.
func (s *session) Header(ctx context.Context) (name, value string, err error) {
	if s.token == "" {
		if s.token, err = s.logIn(ctx); err != nil {
			return "", "", err
		}
	}
	return "Authorization", "Bearer " + s.token, nil
}

// Refused forgets the token: a new login may help.
func (s *session) Refused() bool {
	s.token = ""
	return true
}

// logIn asks POST /tokens for a token.
func (s *session) logIn(ctx context.Context) (string, error) {
	var out struct {
		Token string `json:"token"`
	}
	body := map[string]string{"email": s.login.Email, "password": s.login.Password}
	err := s.point.Post(ctx, s.point.Root().JoinPath("tokens").String(), "application/json", body, func(a origin.Answer) error {
		a.Body = io.LimitReader(a.Body, maxToken)
		return origin.DecodeJSON(a, &out)
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrLogin, err)
	case !bearer(out.Token):
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
