package roles

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func digestOf(content string) string {
	raw, _ := hex.DecodeString(forge.SHA256Hex(content))
	return "sha-256=:" + base64.StdEncoding.EncodeToString(raw) + ":"
}

// part is one part of a multipart/related body as a test writes it.
type part struct{ id, media, digest, content string }

func related(parts ...part) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "--b\r\nContent-Type: %s\r\nContent-Id: <%s>\r\n", p.media, p.id)
		if p.digest != "" {
			fmt.Fprintf(&b, "Content-Digest: %s\r\n", p.digest)
		}
		b.WriteString("\r\n" + p.content + "\r\n")
	}
	return b.String() + "--b--\r\n"
}

func TestDelivery(t *testing.T) {
	list := []ehds.Attachment{
		{ID: "a", Name: "a", MediaType: "text/plain", Size: 3, SHA256: forge.SHA256Hex("abc")},
		{ID: "b", Name: "b", MediaType: "text/plain", Size: 0, SHA256: forge.SHA256Hex("")},
	}
	root := part{"t", MediaMessage, "", "a.b.c"}
	a, b := part{"a", "text/plain", digestOf("abc"), "abc"}, part{"b", "text/plain", digestOf(""), ""}
	const media = `multipart/related; boundary=b; start="<t>"`
	for name, c := range map[string]struct {
		media, body string
		list        []ehds.Attachment
		want        error
	}{
		"alone":              {MediaMessage, "a.b.c", nil, nil},
		"attachments":        {media, related(root, a, b), list, nil},
		"any order":          {media, related(root, b, a), list, nil},
		"alone, one missing": {MediaMessage, "a.b.c", list, ErrAttachments},
		"missing":            {media, related(root, a), list, ErrAttachments},
		"extra":              {media, related(root, a, b, part{"c", "text/plain", digestOf("c"), "c"}), list, ErrAttachments},
		"repeated":           {media, related(root, a, a, b), list, ErrAttachments},
		"other content":      {media, related(root, part{"a", "text/plain", digestOf("abd"), "abd"}, b), list, ErrAttachments},
		"longer":             {media, related(root, part{"a", "text/plain", digestOf("abcd"), "abcd"}, b), list, ErrAttachments},
		"header differs":     {media, related(root, part{"a", "text/plain", digestOf("abd"), "abc"}, b), list, ErrMalformed},
		"no digest":          {media, related(root, part{"a", "text/plain", "", "abc"}, b), list, ErrMalformed},
		"ends in a header":   {media, related(root, a, b)[:170], list, ErrAttachments},
		"ends in a part":     {media, strings.TrimSuffix(related(root, b, a), "c\r\n--b--\r\n"), list, ErrMalformed},
		"ends in the token":  {media, related(root)[:76], nil, ErrMalformed},
		"token not first":    {media, related(a, root, b), list, ErrMalformed},
		"other start":        {`multipart/related; boundary=b; start="<x>"`, related(root, a, b), list, ErrMalformed},
		"no boundary":        {"multipart/related", related(root), nil, ErrMalformed},
		"no parts":           {media, "hello", nil, ErrMalformed},
		"another type":       {"application/json", "{}", nil, ErrMediaType},
		"no type":            {"", "a.b.c", nil, ErrMediaType},
		"too large":          {MediaMessage, strings.Repeat("a", forge.MaxToken+1), nil, forge.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/exchange", strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.media)
			dir := t.TempDir()
			d, err := ReadDelivery(httptest.NewRecorder(), r)
			var stored []ehds.ReceiptAttachment
			if err == nil {
				if d.Token != "a.b.c" {
					t.Errorf("token %q", d.Token)
				}
				stored, err = d.Attachments(c.list, Blobs{dir})
			}
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Fatal(err)
			}
			if c.want == nil && len(stored) != len(c.list) {
				t.Errorf("stored %v", stored)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".part-*")); len(left) > 0 {
				t.Errorf("left behind %v", left)
			}
		})
	}
	lost := io.MultiReader(strings.NewReader(related(root, a, b)[:170]), iotest.ErrReader(io.ErrUnexpectedEOF))
	r := httptest.NewRequest(http.MethodPost, "/exchange", lost)
	r.Header.Set("Content-Type", media)
	if d, err := ReadDelivery(httptest.NewRecorder(), r); err != nil {
		t.Error(err)
	} else if _, err := d.Attachments(list, Blobs{t.TempDir()}); !errors.Is(err, ErrMalformed) {
		t.Errorf("a lost connection: %v", err)
	}
	r = httptest.NewRequest(http.MethodPost, "/exchange", strings.NewReader("a.b.c"))
	r.Header.Set("Content-Type", MediaMessage)
	r.Header.Set("Content-Encoding", "gzip")
	if _, err := ReadDelivery(httptest.NewRecorder(), r); !errors.Is(err, ErrMediaType) {
		t.Errorf("an encoded body: %v", err)
	}
}

func TestPostAndDeliveryFit(t *testing.T) {
	from, to := Blobs{t.TempDir()}, Blobs{t.TempDir()}
	sha, size, err := from.Put(strings.NewReader("some content"), 100)
	if err != nil {
		t.Fatal(err)
	}
	list := []ehds.Attachment{{ID: "a", Name: "secret name.pdf", MediaType: "application/pdf", Size: size, SHA256: sha}}
	var got string
	var received error
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		r.Body = io.NopCloser(io.TeeReader(r.Body, &body))
		d, err := ReadDelivery(w, r)
		if err == nil {
			got = d.Token
			_, err = d.Attachments(list, to)
		}
		received = err
		if strings.Contains(body.String(), "secret name") {
			t.Error("the name of an attachment travels outside the signature")
		}
		w.Header().Set("Retry-After", "7")
		WriteToken(w, http.StatusServiceUnavailable, MediaReceipt, "r.e.c\n")
	}))
	defer s.Close()
	a, err := Post(t.Context(), s.Client(), s.URL, "a.b.c", list, from)
	if err != nil || received != nil || got != "a.b.c" {
		t.Fatal(err, received, got)
	}
	if a.Status != 503 || a.Receipt != "r.e.c" || a.RetryAfter.Seconds() != 7 {
		t.Errorf("%+v", a)
	}
	if f, err := to.Open(sha); err != nil || f.Close() != nil {
		t.Error(err)
	}
	if _, err := to.Open("../" + sha); !errors.Is(err, ErrBlob) {
		t.Errorf("a path as a name: %v", err)
	}
	s.Close()
	if _, err := Post(t.Context(), s.Client(), s.URL, "a.b.c", nil, from); !errors.Is(err, ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestCheckAttachmentList(t *testing.T) {
	good := ehds.Attachment{ID: "a", Name: "n", MediaType: "text/plain", Size: 1, SHA256: strings.Repeat("0", 64)}
	for name, c := range map[string]struct {
		change func(*ehds.Attachment)
		want   string
	}{
		"good": {func(*ehds.Attachment) {}, ""}, "no id": {func(a *ehds.Attachment) { a.ID = "" }, "attachment-id"},
		"id with a slash": {func(a *ehds.Attachment) { a.ID = "../a" }, "attachment-id"},
		"id twice":        {func(a *ehds.Attachment) { a.ID = "first" }, "attachment-id"},
		"no name":         {func(a *ehds.Attachment) { a.Name = "" }, "attachment-form"},
		"no type":         {func(a *ehds.Attachment) { a.MediaType = "text" }, "attachment-form"},
		"type injection":  {func(a *ehds.Attachment) { a.MediaType = "text/plain\r\nX: y" }, "attachment-form"},
		"negative":        {func(a *ehds.Attachment) { a.Size = -1 }, "attachment-form"},
		"digest":          {func(a *ehds.Attachment) { a.SHA256 = strings.Repeat("A", 64) }, "attachment-form"},
		"together":        {func(a *ehds.Attachment) { a.Size = MaxAttachmentBytes }, "attachments-too-large"},
		"overflow":        {func(a *ehds.Attachment) { a.Size = 1<<63 - 1 }, "attachments-too-large"},
	} {
		first, a := good, good
		first.ID = "first"
		c.change(&a)
		if got := CheckAttachmentList([]ehds.Attachment{first, a}); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	var many []ehds.Attachment
	for i := range MaxAttachments + 1 {
		a := good
		a.ID = fmt.Sprint(i)
		many = append(many, a)
	}
	if got := CheckAttachmentList(many); got != "too-many-attachments" {
		t.Errorf("%q", got)
	}
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	read := func() (*Journal, []string, error) {
		var lines []string
		j, err := OpenJournal(path, func(l []byte) error { lines = append(lines, string(l)); return nil })
		return j, lines, err
	}
	j, _, err := read()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{1, "two\nlines", map[string]int{"three": 3}} {
		if err := j.Append(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Append(func() {}); !errors.Is(err, ErrJournal) {
		t.Errorf("what is no JSON: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, `{"torn":`); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	j, lines, err := read()
	if err != nil || strings.Join(lines, " ") != `1 "two\nlines" {"three":3}` {
		t.Fatalf("%q, %v", lines, err)
	}
	if err := j.Append("four"); err != nil || j.Close() != nil {
		t.Fatal(err)
	}
	if j, lines, err = read(); err != nil || len(lines) != 4 || lines[3] != `"four"` || j.Close() != nil {
		t.Errorf("%q, %v", lines, err)
	}
	if err := j.Append("five"); !errors.Is(err, ErrJournal) {
		t.Errorf("after closing: %v", err)
	}
	if _, err := OpenJournal(path, func([]byte) error { return io.ErrNoProgress }); !errors.Is(err, ErrJournal) {
		t.Errorf("a refused line: %v", err)
	}
}

func TestKeysStay(t *testing.T) {
	dir := t.TempDir()
	random := bytes.NewReader(bytes.Repeat([]byte{7}, 1024))
	first, err := LoadKey(dir, "k", forge.AlgES256, random)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadKey(dir, "k", forge.AlgES256, random)
	if err != nil || again.Public() != first.Public() {
		t.Errorf("another key: %v", err)
	}
	log, err := LoadLogKey(dir, "x.example/log", random)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := LoadLogKey(dir, "x.example/log", random); err != nil || back != log {
		t.Errorf("another log key: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "k.jwk"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(dir, "k", forge.AlgES256, random); !errors.Is(err, forge.ErrKey) {
		t.Errorf("a broken key file: %v", err)
	}
}

func FuzzReadDelivery(f *testing.F) {
	f.Add(`multipart/related; boundary=b; start="<t>"`, related(part{"t", MediaMessage, "", "a.b.c"}, part{"a", "text/plain", digestOf("abc"), "abc"}))
	f.Add(MediaMessage, "a.b.c")
	dir := f.TempDir()
	list := []ehds.Attachment{{ID: "a", Name: "a", MediaType: "text/plain", Size: 3, SHA256: forge.SHA256Hex("abc")}}
	f.Fuzz(func(t *testing.T, media, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{media}
		d, err := ReadDelivery(httptest.NewRecorder(), r)
		if err != nil {
			return
		}
		stored, err := d.Attachments(list, Blobs{dir})
		if err == nil && (len(stored) != 1 || stored[0].SHA256 != list[0].SHA256) {
			t.Errorf("stored %v", stored)
		}
	})
}
