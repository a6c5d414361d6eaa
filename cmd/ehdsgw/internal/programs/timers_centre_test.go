package programs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/central"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// platform is the conformance suite's centre with its front office, whose mail can be kept back. It notes
// what the gateway told it, by message id.
type platform struct {
	w       *world
	role    *central.Central
	mailing sync.Mutex // held while mail is kept back

	mu   sync.Mutex
	told map[string]ehds.Envelope
	lost int // answers not given on purpose
}

// newPlatform enrols the centre, serves it and begins to send its mail.
func newPlatform(w *world) *platform {
	w.t.Helper()
	ln := w.listen()
	p := &platform{w: w, told: map[string]ehds.Envelope{}}
	w.central = "https://" + ln.Addr().String()
	var err error
	if p.role, err = central.New(central.Options{
		Entity: w.central, Dir: filepath.Join(w.dir, "centre"), Anchor: roles.Anchor{Entity: w.anchor.Entity(), JWKS: w.anchor.JWKS()},
		HTTP: w.client, Clock: w.now, After: w.pace.after, Rand: rand.Reader,
	}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.anchor.Enroll(w.central, p.role.JWKS(), []string{string(ehds.MarkCentralPlatform)},
		trust.EnrollOptions{Metadata: roles.StateGateway(ehds.CountryEU)}); err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", p.role.Handler())
	mux.HandleFunc("POST /exchange", p.exchange)
	mux.Handle("/front-office/", p.role.FrontOffice())
	w.serve(ln, mux)
	stop := every(w.t.Context(), 5*time.Millisecond, func() {
		p.mailing.Lock()
		defer p.mailing.Unlock()
		if err := p.role.Deliver(w.t.Context()); err != nil && w.t.Context().Err() == nil {
			w.t.Errorf("the centre's mail: %v", err)
		}
	})
	w.t.Cleanup(func() { stop(); _ = p.role.Close() })
	return p
}

// exchange notes a message the centre took; every loseEvery-th answer is lost.
func (p *platform) exchange(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return // the gateway was killed while it sent
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	answer := httptest.NewRecorder()
	p.role.Handler().ServeHTTP(answer, r)
	if answer.Code == http.StatusOK && p.note(raw) {
		panic(http.ErrAbortHandler)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // to a gateway that may be gone
}

// note reads what the centre has verified, and says whether its answer is lost.
func (p *platform) note(body []byte) (lost bool) {
	text := string(body)
	if i := strings.Index(text, "eyJ"); i > 0 { // in the first part of a message with attachments
		text = text[i:]
	}
	var env ehds.Envelope
	parts := strings.SplitN(text, ".", 3)
	payload, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	if err == nil {
		err = json.Unmarshal(payload, &env)
	}
	if err != nil {
		p.w.t.Errorf("a message the centre took cannot be read: %v", err)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, again := p.told[env.Jti]; again {
		return false
	}
	p.told[env.Jti] = env
	if lost = len(p.told)%loseEvery == 0; lost {
		p.lost++
	}
	return lost
}

// about lists the messages about an application, one for each id, with what counts of their bodies.
func (p *platform) about(id string) (out []ehds.StatusBody) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, env := range p.told {
		var b ehds.StatusBody
		if env.Case == ehds.ApplicationCase(id).String() && json.Unmarshal(env.Body, &b) == nil {
			if env.Type != ehds.ApplicationStatus {
				b.Axis = ehds.Axis(env.Type)
			}
			out = append(out, b)
		}
	}
	return out
}

// lapsed counts the withdrawals for want of an act that the centre was told of.
func (p *platform) lapsed() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, env := range p.told {
		var b ehds.StatusBody
		if env.Type == ehds.ApplicationStatus && json.Unmarshal(env.Body, &b) == nil && b.Status == string(ehds.StateWithdrawn) &&
			strings.HasSuffix(b.Reason, "in time") {
			n++
		}
	}
	return n
}

// filed is an application as the front office shows it.
type filed struct {
	ID     string `json:"application_id"`
	Tracks []struct {
		ehds.Track
		Decision *struct {
			Card ehds.DecisionBody `json:"card"`
		} `json:"decision"`
		InfoRequest *struct{} `json:"info_request"`
	} `json:"tracks"`
	Messages []sentMail `json:"messages"`
}

// sentMail is a message of the centre.
type sentMail struct {
	State string `json:"state"` // RECEIVED only when the receipt and its evidence hold
}

// front asks the front office: a filing or an act with a body, a view without.
func (p *platform) front(ctx context.Context, path string, body any) (out filed, err error) {
	method, content := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		if content, err = json.Marshal(body); err != nil {
			return out, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.w.central+"/front-office/applications"+path, bytes.NewReader(content))
	if err != nil {
		return out, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.w.client.Do(req)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("front office: %s: %.300s", resp.Status, raw)
	}
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	return out, err
}
