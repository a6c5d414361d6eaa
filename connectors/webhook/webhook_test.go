package webhook_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/webhook"
)

// TestSignature holds the signature against the published example of Standard Webhooks.
func TestSignature(t *testing.T) {
	t.Parallel()
	to := webhook.Target{URL: "https://x.example", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	m := webhook.Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", At: time.Unix(1614265330, 0), Body: []byte(`{"test": 2432232314}`)}
	if got, err := to.Sign(m); err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTargets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		to   webhook.Target
		want error
	}{
		"none":           {webhook.Target{}, nil},
		"24 bytes":       {webhook.Target{URL: "https://x.example", Secret: "whsec_" + strings.Repeat("A", 32)}, nil},
		"23 bytes":       {webhook.Target{URL: "https://x.example", Secret: "whsec_" + strings.Repeat("A", 31) + "="}, webhook.ErrSecret},
		"65 bytes":       {webhook.Target{URL: "https://x.example", Secret: "whsec_" + strings.Repeat("A", 87) + "="}, webhook.ErrSecret},
		"no scheme":      {webhook.Target{URL: "https://x.example", Secret: strings.Repeat("A", 32)}, webhook.ErrSecret},
		"no secret":      {webhook.Target{URL: "https://x.example"}, webhook.ErrSecret},
		"secret, no URL": {webhook.Target{Secret: "whsec_" + strings.Repeat("A", 32)}, webhook.ErrNoURL},
	} {
		if err := c.to.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.to.Secret == "" {
			continue
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, c.to); strings.Contains(s, "AAAA") {
				t.Errorf("%s shows the secret: %s", name, s)
			}
		}
	}
}

// TestPost: what is taken gives its answer, to a bound; what is not gives a word that shows nothing.
func TestPost(t *testing.T) {
	t.Parallel()
	answers := map[string]struct {
		status int
		body   string
		want   string
	}{
		"/taken":   {200, `{"a":1}`, ""},
		"/empty":   {204, "", ""},
		"/long":    {202, strings.Repeat("x", 17<<10), ""},
		"/moved":   {307, "", "status-307"},
		"/refused": {401, "because of whsec_", "status-401"},
		"/broken":  {503, "", "status-503"},
		"/cut":     {200, "whole", ""},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "{}" || r.Method != http.MethodPost || r.Header.Get("webhook-id") != "n-1" || r.Header.Get("webhook-signature") == "" {
			t.Errorf("%s %q %v", r.Method, body, r.Header)
		}
		a := answers[r.URL.Path]
		if r.URL.Path == "/cut" {
			w.Header().Set("Content-Length", "100")
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	defer server.Close()
	m := webhook.Message{ID: "n-1", At: time.Unix(1, 0), Body: []byte("{}")}
	to := webhook.Target{Secret: "whsec_" + strings.Repeat("A", 32)}
	for path, a := range answers {
		to.URL = server.URL + path
		got, err := webhook.Post(t.Context(), server.Client(), to, m)
		if reason := word(err); reason != a.want {
			t.Errorf("%s: %q, want %q", path, reason, a.want)
		}
		want := a.body[:min(len(a.body), 16<<10)]
		if a.want != "" || path == "/cut" {
			want = "" // half an answer says nothing
		}
		if string(got) != want {
			t.Errorf("%s: %d bytes, want %d", path, len(got), len(want))
		}
	}
	for want, to := range map[string]webhook.Target{
		"url":         {URL: "http://a b", Secret: to.Secret},
		"secret":      {URL: server.URL, Secret: "whsec_short"},
		"unreachable": {URL: "http://127.0.0.1:1/whsec_", Secret: to.Secret},
	} {
		if _, err := webhook.Post(t.Context(), server.Client(), to, m); word(err) != want || strings.Contains(err.Error(), "whsec_") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func word(err error) string {
	var e *webhook.Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}
