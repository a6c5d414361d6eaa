package operator

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// listen serves a socket with one handler.
func listen(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "operator.sock")
	ln, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return path
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestErrors(t *testing.T) {
	problem := `{"title": "T", "status": 200, "code": "no-desk", "detail": "d", "field": "/f"}`
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    string
		refusal bool
		is      error
	}{
		{"refusal", answer(409, problem), "d, at /f [no-desk]", true, nil},
		{"failure", answer(503, problem), "d, at /f [no-desk]", false, nil},
		{"later", answer(429, problem), "d, at /f [no-desk]", false, nil},
		{"without detail", answer(404, `{"code": "x"}`), "Not Found [x]", true, nil},
		{"no problem object", answer(404, "404 page not found"), "status 404", false, ErrAnswer},
		{"redirect", answer(302, ""), "status 302", false, ErrAnswer},
		{"not JSON", answer(200, "<html>"), "not understood", false, ErrAnswer},
		{"other JSON", answer(200, `{"case": 1}`), "not understood", false, ErrAnswer},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "[")
		}, "broke off", false, io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(listen(t, c.handler)).Desk(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			var p *Problem
			if got := errors.As(err, &p) && p.Refusal(); got != c.refusal {
				t.Errorf("a refusal: %t, want %t", got, c.refusal)
			}
		})
	}
}

func TestUnreached(t *testing.T) {
	dir := t.TempDir()
	plain, stale := filepath.Join(dir, "plain"), filepath.Join(dir, "stale.sock")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ln.SetUnlinkOnClose(false)
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"absent": filepath.Join(dir, "absent"), "stale": stale, "a file": plain, "below a file": filepath.Join(plain, "x")} {
		if _, err := New(path).Desk(t.Context()); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: %v, want %v", name, err, ErrNotRunning)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	path := listen(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := New(path).Publish(ctx, gateway.PublishRequest{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestOneAttempt: a decision must not be sent twice because its answer was lost.
func TestOneAttempt(t *testing.T) {
	var n atomic.Int32
	path := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		c, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = c.Close()
		}
	})
	if err := New(path).Decide(t.Context(), gateway.DecideRequest{}); err == nil {
		t.Error("a lost answer was taken for a decision")
	}
	if n.Load() != 1 {
		t.Errorf("%d attempts, want 1", n.Load())
	}
}
