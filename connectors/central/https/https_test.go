package https_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/central/https"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const token = "aaaa.bbbb.cccc"

// serve is a peer over TLS and a driver that trusts it.
func serve(t *testing.T, h http.HandlerFunc) (*https.Driver, connectors.Peer) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return https.New(https.Options{HTTP: s.Client(), Timeout: 5 * time.Second}), connectors.Peer{Entity: "https://peer.example", Endpoint: s.URL + "/exchange"}
}

func outbound(id, content string) connectors.Outbound {
	sum := sha256.Sum256([]byte(content))
	return connectors.Outbound{
		Attachment: ehds.Attachment{ID: id, Name: "CANARY.pdf", MediaType: "application/pdf", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])},
		Open:       func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}
}

func TestTokenAlone(t *testing.T) {
	d, p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.Path != "/exchange" || r.Header.Get("Content-Type") != https.MediaMessage || string(body) != token {
			t.Errorf("%s %s %s %q", r.Method, r.URL, r.Header.Get("Content-Type"), body)
		}
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || !strings.Contains(r.Header.Get("Accept"), https.MediaReceipt) {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Type", https.MediaReceipt)
		w.Header().Set("Set-Cookie", "a=b")
		_, _ = io.WriteString(w, "the.receipt.x\n")
	})
	for range 2 {
		a, err := d.Send(t.Context(), p, token, nil)
		if err != nil || a.Status != 200 || a.Receipt != "the.receipt.x" || a.Problem != nil {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

func TestMultipart(t *testing.T) {
	large := strings.Repeat("x", 3<<20)
	d, p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || media != "multipart/related" || params["type"] != https.MediaMessage {
			t.Errorf("content type %q", r.Header.Get("Content-Type"))
		}
		mr := multipart.NewReader(r.Body, params["boundary"])
		var got []string
		for i := 0; ; i++ {
			part, err := mr.NextRawPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Error(err)
				break
			}
			body, _ := io.ReadAll(part)
			id := part.Header.Get("Content-Id")
			if i == 0 && (id != params["start"] || part.Header.Get("Content-Type") != https.MediaMessage || string(body) != token) {
				t.Errorf("root %v %q", part.Header, body)
			}
			sum := sha256.Sum256(body)
			if i > 0 && part.Header.Get("Content-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":" {
				t.Errorf("digest of %s: %s", id, part.Header.Get("Content-Digest"))
			}
			for k, v := range part.Header {
				if strings.Contains(k+strings.Join(v, ""), "CANARY") {
					t.Errorf("a header tells a name: %s", k)
				}
			}
			got = append(got, id)
		}
		if len(got) != 3 || got[1] != "<one>" || got[2] != "<two>" {
			t.Errorf("parts %v", got)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	a, err := d.Send(t.Context(), p, token, []connectors.Outbound{outbound("one", large), outbound("two", "")})
	if err != nil || a.Status != http.StatusNoContent || a.Receipt != "" {
		t.Errorf("%+v, %v", a, err)
	}
}

// Whatever a peer answers is an answer; only what never arrived is an error.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status        int
		header        map[string]string
		body          string
		receipt, prob string
		wait          time.Duration
	}{
		"receipt under a problem": {409, map[string]string{"Content-Type": https.MediaReceipt + "; v=1"}, "r", "r", "", 0},
		"upper case type":         {200, map[string]string{"Content-Type": "Application/EHDS-Receipt+JWT"}, "r", "r", "", 0},
		"problem":                 {422, map[string]string{"Content-Type": https.MediaProblem}, `{"code":"x"}`, "", `{"code":"x"}`, 0},
		"later":                   {429, map[string]string{"Content-Type": https.MediaProblem, "Retry-After": "17"}, `{}`, "", `{}`, 17 * time.Second},
		"later by date":           {503, map[string]string{"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "", "", "", 0},
		"later, negative":         {503, map[string]string{"Retry-After": "-5"}, "", "", "", 0},
		"never":                   {503, map[string]string{"Retry-After": "999999999999"}, "", "", "", 0},
		"a page":                  {502, map[string]string{"Content-Type": "text/html"}, "<h1>", "", "", 0},
		"no type":                 {200, map[string]string{"Content-Type": ";;"}, "r", "", "", 0},
		"redirect":                {307, map[string]string{"Location": "/elsewhere"}, "", "", "", 0},
		"redirect elsewhere":      {302, map[string]string{"Location": "https://elsewhere.example/"}, "", "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			d, p := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			a, err := d.Send(t.Context(), p, token, nil)
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != c.status || a.Receipt != c.receipt || string(a.Problem) != c.prob || a.RetryAfter != c.wait {
				t.Errorf("%+v", a)
			}
			if n.Load() != 1 {
				t.Errorf("asked %d times", n.Load())
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"hangs up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "short")
		},
		"answers for ever": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", https.MediaReceipt)
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 64<<10)); err != nil {
					return
				}
			}
		},
		"answers with a bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", https.MediaReceipt)
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(bytes.Repeat([]byte("x"), 4<<20))
			_ = z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int32
			d, p := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); h(w, r) })
			a, err := d.Send(t.Context(), p, token, nil)
			if err == nil {
				t.Fatalf("no error, %+v", a)
			}
			if strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), p.Entity) {
				t.Errorf("error %v", err)
			}
			if n.Load() != 1 {
				t.Errorf("tried %d times", n.Load())
			}
		})
	}
}

func TestSlowPeer(t *testing.T) {
	release := make(chan struct{})
	d, p := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.Send(ctx, p, token, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyThere(t *testing.T) {
	d, p := serve(t, func(http.ResponseWriter, *http.Request) {})
	p.Endpoint = "https://127.0.0.1:1/exchange"
	if _, err := d.Send(t.Context(), p, token, nil); err == nil {
		t.Error("no error")
	}
}

// An attachment that cannot be read is our failure, never a short upload.
func TestAttachmentsThatBreak(t *testing.T) {
	complete := make(chan bool, 1)
	d, p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		complete <- err == nil
		w.WriteHeader(200)
	})
	broken := outbound("one", "x")
	broken.Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("boom") }
	cut := outbound("one", "x")
	cut.Open = func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), failing{})), nil
	}
	odd := outbound("one", "x")
	odd.SHA256 = "zz"
	for name, a := range map[string]connectors.Outbound{"cannot be opened": broken, "breaks off": cut, "has no digest": odd} {
		if _, err := d.Send(t.Context(), p, token, []connectors.Outbound{a}); err == nil {
			t.Errorf("%s: sent", name)
		}
	}
	for len(complete) > 0 {
		if <-complete {
			t.Error("the peer saw a whole request")
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("boom") }

// The guarded client is shared: the driver leaves its settings alone.
func TestClientIsLeftAlone(t *testing.T) {
	c := &http.Client{Timeout: time.Hour}
	https.New(https.Options{HTTP: c})
	if c.Timeout != time.Hour || c.CheckRedirect != nil || c.Jar != nil {
		t.Errorf("changed to %+v", c)
	}
}
