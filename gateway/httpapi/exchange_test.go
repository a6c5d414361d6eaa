package httpapi

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func post(h http.Handler, contentType, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/exchange", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func problem(t *testing.T, w *httptest.ResponseRecorder) ehds.Problem {
	t.Helper()
	var p ehds.Problem
	if w.Header().Get("Content-Type") != mediaProblem {
		t.Errorf("content type %q", w.Header().Get("Content-Type"))
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code {
		t.Errorf("problem %s under %d: %v", w.Body, w.Code, err)
	}
	return p
}

func TestMediaTypes(t *testing.T) {
	for name, c := range map[string]struct {
		media  string
		header []string
		status int
	}{
		"message":         {mediaMessage, nil, 200},
		"with parameter":  {mediaMessage + "; x=y", nil, 200},
		"upper case":      {"Application/EHDS-Message+JWT", nil, 200},
		"none":            {"", nil, 415},
		"json":            {"application/json", nil, 415},
		"receipt":         {mediaReceipt, nil, 415},
		"broken":          {mediaMessage + "; x=\"", nil, 415},
		"form":            {"multipart/form-data; boundary=x", nil, 415},
		"gzip":            {mediaMessage, []string{"Content-Encoding", "gzip"}, 415},
		"identity":        {mediaMessage, []string{"Content-Encoding", "identity"}, 415},
		"no boundary":     {`multipart/related; start="<a>"`, nil, 400},
		"no start":        {`multipart/related; boundary=x`, nil, 400},
		"empty multipart": {`multipart/related; boundary=x; start="<a>"`, nil, 400},
	} {
		f := &fake{}
		e, _ := endpoint(f)
		w := post(e, c.media, "a.b.c", c.header...)
		if w.Code != c.status {
			t.Errorf("%s: %d", name, w.Code)
		}
		if w.Code == 200 && (f.raw != "a.b.c" || w.Body.String() != "a.b.c" || w.Header().Get("Content-Type") != mediaReceipt) {
			t.Errorf("%s: %q received, %q answered", name, f.raw, w.Body)
		}
		if w.Code != 200 && (f.raw != "" || problem(t, w).Detail != "") {
			t.Errorf("%s: it reached the receiver, or the answer says too much", name)
		}
	}
}

func TestTokenSize(t *testing.T) {
	for size, want := range map[int]int{64 << 10: 200, 64<<10 + 1: 413, 1 << 20: 413} {
		e, _ := endpoint(&fake{})
		if w := post(e, mediaMessage, strings.Repeat("a", size)); w.Code != want {
			t.Errorf("%d bytes: %d", size, w.Code)
		}
	}
}

func TestReplies(t *testing.T) {
	for name, c := range map[string]struct {
		reply  exchange.Reply
		status int
		wait   string
		media  string
	}{
		"received":   {exchange.Reply{Receipt: "r", Status: ehds.Received}, 200, "", mediaReceipt},
		"rejected":   {exchange.Reply{Receipt: "r", Status: ehds.Rejected, Fault: fault.New(fault.Conflict, "x", "")}, 409, "", mediaReceipt},
		"later":      {exchange.Reply{Receipt: "r", Fault: fault.New(fault.RateLimited, "x", "").After(1500 * time.Millisecond)}, 429, "2", mediaReceipt},
		"bare later": {exchange.Reply{Fault: fault.New(fault.Unavailable, "x", "").After(time.Minute)}, 503, "60", mediaProblem},
		"bare":       {exchange.Reply{Fault: fault.New(fault.Unauthenticated, "x", "")}, 401, "", mediaProblem},
		"our defect": {exchange.Reply{Fault: fault.From(errors.New("boom"))}, 500, "", mediaProblem},
	} {
		e, logs := endpoint(&fake{reply: c.reply})
		w := post(e, mediaMessage, "x")
		if w.Code != c.status || w.Header().Get("Retry-After") != c.wait || w.Header().Get("Content-Type") != c.media || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %v", name, w.Code, w.Header())
		}
		if strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: the cause leaves", name)
		}
		if n := strings.Count(logs.String(), "msg=exchange"); n != 1 {
			t.Errorf("%s: %d access events", name, n)
		}
	}
	// A receiver that says nothing at all is our defect, not a crash.
	e, _ := endpoint(silent{})
	if w := post(e, mediaMessage, "x"); w.Code != 500 {
		t.Errorf("silent: %d", w.Code)
	}
}

func TestSlots(t *testing.T) {
	f := &fake{}
	e, logs := endpoint(f)
	e.Slots = make(chan struct{}, 1)
	inside := 0
	f.hook = func() {
		inside++
		if inside > 1 {
			return
		}
		w := post(e, mediaMessage, "x")
		if p := problem(t, w); w.Code != 503 || p.Code != "busy" || w.Header().Get("Retry-After") != "1" {
			t.Errorf("full: %d %v", w.Code, w.Header())
		}
	}
	if w := post(e, mediaMessage, "x"); w.Code != 200 {
		t.Errorf("first: %d", w.Code)
	}
	if w := post(e, mediaMessage, "x"); w.Code != 200 || inside != 2 {
		t.Errorf("the slot was not given back: %d", w.Code)
	}
	if !strings.Contains(logs.String(), "rule=busy") {
		t.Error("what was turned away is not in the log")
	}
}

// built is a multipart body.
type built struct{ b strings.Builder }

func (m *built) part(id, media, digest, body string) *built {
	m.b.WriteString("--BB\r\n")
	if media != "" {
		m.b.WriteString("Content-Type: " + media + "\r\n")
	}
	if id != "" {
		m.b.WriteString("Content-ID: <" + id + ">\r\n")
	}
	if digest != "" {
		m.b.WriteString("Content-Digest: " + digest + "\r\n")
	}
	m.b.WriteString("\r\n" + body + "\r\n")
	return m
}

func (m *built) end() string { return m.b.String() + "--BB--\r\n" }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

const related = `multipart/related; boundary=BB; start="<root>"`

func withRoot(token string) *built { return (&built{}).part("root", mediaMessage, "", token) }

func TestMultipartReading(t *testing.T) {
	one := withRoot("tok").part("one", "a/b", digest("11"), "11")
	for name, c := range map[string]struct {
		body   string
		status int    // of the request, when it never reaches the receiver
		parts  string // what reached it
		code   string // of the fault the receiver met
	}{
		"good":               {one.end(), 200, "one=11", ""},
		"several digests":    {withRoot("tok").part("one", "", "sha-512=:AA==:, "+digest("11"), "11").end(), 200, "one=11", ""},
		"root only":          {withRoot("tok").end(), 200, "", ""},
		"preamble":           {"junk\r\n" + one.end(), 200, "one=11", ""},
		"epilogue":           {one.end() + "junk", 200, "one=11", ""},
		"transfer encoding":  {strings.Replace(one.end(), "Content-ID: <one>", "Content-Transfer-Encoding: base64\r\nContent-ID: <one>", 1), 200, "one=11", ""},
		"root not first":     {(&built{}).part("one", "a/b", digest("1"), "1").part("root", mediaMessage, "", "tok").end(), 400, "", ""},
		"other root":         {(&built{}).part("other", mediaMessage, "", "tok").end(), 400, "", ""},
		"root of other type": {(&built{}).part("root", "text/plain", "", "tok").end(), 400, "", ""},
		"root too large":     {withRoot(strings.Repeat("t", 64<<10+1)).end(), 413, "", ""},
		"no boundary at all": {"hello", 400, "", ""},
		"other boundary":     {strings.ReplaceAll(one.end(), "--BB", "--CC"), 400, "", ""},
		"root cut":           {"--BB\r\nContent-Type: " + mediaMessage + "\r\nContent-ID: <root>\r\n\r\nto", 400, "", ""},
		"no closing":         {one.b.String(), 200, "", "multipart"},
		"part cut":           {withRoot("tok").b.String() + "--BB\r\nContent-ID: <one>\r\nContent-Digest: " + digest("11") + "\r\n\r\n1", 200, "", "multipart"},
		"part header cut":    {withRoot("tok").b.String() + "--BB\r\nContent-ID", 200, "", "multipart"},
		"wrong digest":       {withRoot("tok").part("one", "", digest("12"), "11").end(), 200, "", "content-digest"},
		"no digest":          {withRoot("tok").part("one", "", "", "11").end(), 200, "", "content-digest"},
		"odd digest":         {withRoot("tok").part("one", "", "sha-256=:AAAA:", "11").end(), 200, "", "content-digest"},
		"too many":           {withRoot("tok").part("a", "", digest(""), "").part("b", "", digest(""), "").part("c", "", digest(""), "").part("d", "", digest(""), "").end(), 200, "a=,b=,c=", "too-many-attachments"},
		"too large":          {withRoot("tok").part("a", "", digest(""), strings.Repeat("x", 2<<20)).end(), 200, "", "too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			e, _ := endpoint(f)
			w := post(e, related, c.body)
			if w.Code != c.status || strings.Join(f.parts, ",") != c.parts {
				t.Errorf("%d, parts %v", w.Code, f.parts)
			}
			if (w.Code == 200) != (f.raw == "tok") {
				t.Errorf("token %q", f.raw)
			}
			if code := fault.CodeOf(f.err); code != c.code {
				t.Errorf("met %q, %v", code, f.err)
			}
		})
	}
}

// An upload that breaks with its connection is nobody's fault: the receiver is not told it was whole.
func TestConnectionCut(t *testing.T) {
	met := make(chan error, 1)
	f := &fake{}
	e, _ := endpoint(receiverFunc(func(r exchange.Reply, err error) { met <- err }, f))
	s := httptest.NewServer(e)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body := withRoot("tok").b.String() + "--BB\r\nContent-ID: <one>\r\nContent-Digest: " + digest("11") + "\r\n\r\n1"
	fmt.Fprintf(conn, "POST /exchange HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", related, len(body)+100, body)
	_ = conn.Close()
	var domain *fault.Error
	if err := <-met; err == nil || errors.As(err, &domain) {
		t.Errorf("the receiver met %v", err)
	}
}

// A body that does not come ends with the deadline, and the sender hears so.
func TestSlowSender(t *testing.T) {
	e, _ := endpoint(&fake{})
	e.Deadline = 30 * time.Millisecond
	s := httptest.NewServer(e)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /exchange HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\nabc", mediaMessage)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// The whole way over TLS, with attachments, into the record.
func TestRealInbox(t *testing.T) {
	inbox, record := realInbox(t)
	e, logs := endpoint(inbox)
	s := httptest.NewTLSServer(e)
	defer s.Close()
	sum := sha256.Sum256([]byte("11"))
	a := ehds.Attachment{ID: "one", Name: "CANARY.pdf", MediaType: "application/pdf", Size: 2, SHA256: hex.EncodeToString(sum[:])}
	token := submission(t, 1, a)
	send := func(body string) (int, string) {
		t.Helper()
		resp, err := s.Client().Post(s.URL, related, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(raw)
	}
	if code, body := send(withRoot(token).part("one", "a/b", digest("11"), "11").end()); code != 200 || strings.Count(body, ".") != 2 {
		t.Fatalf("%d %s", code, body)
	}
	if code, _ := send(withRoot(token).end()); code != 200 {
		t.Errorf("duplicate: %d", code)
	}
	if code, _ := send(withRoot(submission(t, 2, a)).part("one", "a/b", digest("12"), "11").end()); code != 422 {
		t.Errorf("wrong digest: %d", code)
	}
	if code, body := send(withRoot("x.y.z").end()); code != 400 || strings.Contains(body, "detail") {
		t.Errorf("malformed: %d %s", code, body)
	}
	if c, err := record.Counts(t.Context()); err != nil || c.Messages != 2 {
		t.Errorf("counts %+v, %v", c, err)
	}
	if strings.Contains(logs.String(), "CANARY") || strings.Contains(logs.String(), token[:30]) {
		t.Errorf("the log says too much:\n%s", logs)
	}
	if !strings.Contains(logs.String(), "type=application.submit") {
		t.Errorf("no type in the log:\n%s", logs)
	}
}

// A type of a sender's own making stays out of the log.
func TestUnknownTypeStaysOutOfTheLog(t *testing.T) {
	e, logs := endpoint(&fake{reply: exchange.Reply{Receipt: "r", Type: "CANARY"}})
	post(e, mediaMessage, "x")
	if strings.Contains(logs.String(), "CANARY") {
		t.Error(logs)
	}
}

// Whatever comes, it is never answered as our defect.
func FuzzExchange(f *testing.F) {
	inbox, _ := realInbox(f)
	token := submission(f, 1)
	f.Add("", "")
	f.Add(mediaMessage, token)
	f.Add(mediaMessage, token[:len(token)-1])
	f.Add(mediaMessage, `{"payload":"e30","signatures":[]}`)
	f.Add(related, withRoot(token).part("one", "a/b", digest("1"), "1").end())
	f.Add(related, "--BB\r\n\r\n--BB--")
	f.Add(`multipart/related; boundary="`+strings.Repeat("b", 100)+`"; start="<>"`, "--b")
	f.Add("multipart/related;boundary=B;start=a", "--B\nContent-Id: a\nContent-Type: "+mediaMessage+"\n\n\x00\xff\n--B--")
	f.Fuzz(func(t *testing.T, media, body string) {
		if strings.ContainsAny(media, "\r\n\x00") {
			return // no header can hold it
		}
		for name, r := range map[string]Receiver{"fake": &fake{}, "real": inbox} {
			e, _ := endpoint(r)
			if w := post(e, media, body); w.Code >= 500 {
				t.Errorf("%s: %d for %q: %q", name, w.Code, media, body)
			}
		}
	})
}

func FuzzMultipart(f *testing.F) {
	f.Add(withRoot("tok").part("one", "a/b", digest("11"), "11").end())
	f.Add(withRoot("tok").b.String())
	f.Add("--BB\r\nContent-Type: " + mediaMessage + "\r\nContent-ID: <root>\r\n\r\n\r\n--BB\r\n--BB--")
	f.Add("--BB\r\nContent-Type: " + mediaMessage + "\r\nContent-ID: root\n\n--BB\r\n") // ends after a boundary: nothing is missing but its dashes
	f.Fuzz(func(t *testing.T, body string) {
		raw, parts, flt := openMultipart(strings.NewReader(body), map[string]string{"boundary": "BB", "start": "<root>"},
			exchange.Limits{MaxToken: 100, MaxAttachments: 3}, opened(t, new(tokenBudget), 0))
		if flt != nil {
			return
		}
		if len(raw) > 100 {
			t.Errorf("a token of %d bytes", len(raw))
		}
		for n := 0; ; n++ {
			_, r, err := parts.Next()
			if err == io.EOF {
				return
			}
			var domain *fault.Error
			if err != nil {
				if !errors.As(err, &domain) {
					t.Errorf("a whole request, judged as a broken connection: %v", err)
				}
				return
			}
			if n >= 3 {
				t.Fatal("more parts than allowed")
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				return
			}
		}
	})
}
