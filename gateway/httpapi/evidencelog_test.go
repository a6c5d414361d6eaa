package httpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// fakeLog is a log of 300 leaves that notes what is read.
type fakeLog struct {
	reads atomic.Int32
	err   error
	hook  func()
}

func (l *fakeLog) Checkpoint(context.Context) ([]byte, error) {
	if l.hook != nil {
		l.hook()
	}
	l.reads.Add(1)
	return []byte("the checkpoint\n"), l.err
}

func (l *fakeLog) Tile(_ context.Context, t tlog.Tile) ([]byte, error) {
	l.reads.Add(1)
	if !evidence.TileWithin(t, 300) {
		return nil, fmt.Errorf("%w: tile", store.ErrNotFound)
	}
	return []byte(evidence.TilePath(t)), l.err
}

func logHandler(l *fakeLog) http.Handler {
	e := &EvidenceLog{Log: l, Admit: func(_ context.Context, token string) *fault.Error {
		switch token {
		case "peer":
			return nil
		case "suspended":
			return fault.New(fault.Forbidden, "suspended", "")
		}
		return fault.New(fault.Unauthenticated, "not-authenticated", "")
	}}
	mux := http.NewServeMux()
	e.register(mux, "/hub")
	return mux
}

func TestEvidenceLog(t *testing.T) {
	t.Parallel()
	known := &tls.ConnectionState{VerifiedChains: [][]*x509.Certificate{{}}}
	const whole, part = "private, max-age=31536000, immutable", "private, max-age=300"
	for _, c := range []struct {
		name, path, auth string
		tls              *tls.ConnectionState
		status           int
		cache            string
	}{
		{"checkpoint", "/hub/log/checkpoint", "Bearer peer", nil, 200, "private, no-cache"},
		{"full tile", "/hub/log/tile/0/000", "Bearer peer", nil, 200, whole},
		{"partial tile", "/hub/log/tile/0/001.p/44", "Bearer peer", nil, 200, part},
		{"higher tile", "/hub/log/tile/1/000.p/1", "Bearer peer", nil, 200, part},
		{"client certificate", "/hub/log/tile/0/000", "", known, 200, whole},
		{"certificate nobody verified", "/hub/log/tile/0/000", "", &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{}}}, 401, "no-store"},
		{"nobody", "/hub/log/checkpoint", "", nil, 401, "no-store"},
		{"another scheme", "/hub/log/checkpoint", "Basic peer", nil, 401, "no-store"},
		{"empty bearer", "/hub/log/checkpoint", "Bearer ", nil, 401, "no-store"},
		{"stranger", "/hub/log/tile/0/000", "Bearer stranger", nil, 401, "no-store"},
		{"suspended", "/hub/log/tile/0/000", "Bearer suspended", nil, 403, "no-store"},
		{"beyond the log", "/hub/log/tile/0/001", "Bearer peer", nil, 404, "no-store"},
		{"wrong spelling", "/hub/log/tile/0/1", "Bearer peer", nil, 404, "no-store"},
		{"escaped spelling", "/hub/log/tile/0/%30%30%30", "Bearer peer", nil, 404, "no-store"},
		{"entry bundle", "/hub/log/tile/entries/000", "Bearer peer", nil, 404, "no-store"},
		{"elsewhere", "/log/checkpoint", "Bearer peer", nil, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := &fakeLog{}
			r := httptest.NewRequest(http.MethodGet, c.path, nil)
			r.TLS = c.tls
			if c.auth != "" {
				r.Header.Set("Authorization", c.auth)
			}
			w := httptest.NewRecorder()
			logHandler(l).ServeHTTP(w, r)
			if w.Code != c.status || w.Header().Get("Cache-Control") != c.cache {
				t.Errorf("%d, %q", w.Code, w.Header().Get("Cache-Control"))
			}
			if (c.status == 401 || c.status == 403) && l.reads.Load() > 0 {
				t.Error("the log was read for somebody who may not")
			}
			if (w.Header().Get("WWW-Authenticate") == "Bearer") != (c.status == 401) {
				t.Error("WWW-Authenticate")
			}
		})
	}
}

func TestEvidenceLogTwoCredentials(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/hub/log/checkpoint", nil)
	r.Header.Add("Authorization", "Bearer stranger")
	r.Header.Add("Authorization", "Bearer peer")
	w := httptest.NewRecorder()
	if logHandler(&fakeLog{}).ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("%d", w.Code)
	}
}

func TestEvidenceLogTrouble(t *testing.T) {
	t.Parallel()
	ask := func(h http.Handler) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/hub/log/checkpoint", nil)
		r.Header.Set("Authorization", "Bearer peer")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if w := ask(logHandler(&fakeLog{err: errors.New("disk")})); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a record that cannot be read: %d", w.Code)
	}
	held, release := make(chan struct{}), make(chan struct{})
	l := &fakeLog{hook: func() { held <- struct{}{}; <-release }}
	h := logHandler(l)
	done := make(chan int)
	for range logReads {
		go func() { done <- ask(h).Code }()
		<-held
	}
	if w := ask(h); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("with every slot taken: %d", w.Code)
	}
	close(release)
	for range logReads {
		if code := <-done; code != 200 {
			t.Errorf("held and answered %d", code)
		}
	}
}
