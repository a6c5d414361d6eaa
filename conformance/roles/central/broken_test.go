package central

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// TestBrokenUploadClaimsNothing loses the connection inside an attachment: the same message must
// still be received afterwards.
func TestBrokenUploadClaimsNothing(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	sha, size, err := n.blobs.Put(strings.NewReader("abc"), 3)
	if err != nil {
		t.Fatal(err)
	}
	e := n.next(n.create(t, "1"))
	e.Attachments = []ehds.Attachment{{ID: "a", Name: "a", MediaType: "text/plain", Size: size, SHA256: sha}}
	token := n.sign(n.exchange, ehds.TypMessage, e)
	body := "--b\r\nContent-Type: " + roles.MediaMessage + "\r\nContent-Id: <t>\r\n\r\n" + token + "\r\n--b\r\nContent-Id: <a>\r\n" +
		"Content-Digest: sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:\r\n\r\na"
	r := httptest.NewRequest(http.MethodPost, "/exchange", io.MultiReader(strings.NewReader(body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", `multipart/related; boundary=b; start="<t>"`)
	rec := httptest.NewRecorder()
	w.central.Handler().ServeHTTP(rec, r)
	tok, err := forge.Parse(rec.Body.String(), ehds.TypReceipt)
	if err != nil || rec.Code != http.StatusBadRequest {
		t.Fatalf("%d %v", rec.Code, err)
	}
	var receipt ehds.Receipt
	if err := forge.DecodeExact(tok.Payload, &receipt); err != nil || problemOf(t, receipt) != "multipart" {
		t.Fatal(err)
	}
	if status, r, _ := n.post(e); status != http.StatusOK || r.Status != ehds.Received || len(r.Attachments) != 1 {
		t.Errorf("%d %s %s", status, r.Status, r.Problem)
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add("<https://a.example> <https://b.example> <https://c.example> .\n")
	f.Add("_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n")
	rules, err := profile.Open(profile.Release)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		d, findings := readRecord(t.Context(), ehds.RecordContent{Content: content, Digest: "sha256:" + forge.SHA256Hex(content)})
		if (d == nil) != refused(findings) {
			t.Error("neither a description nor a finding")
		}
		if d != nil {
			d.judge(rules)
		}
	})
}

func FuzzFiling(f *testing.F) {
	f.Add(`{"kind":"DATA_ACCESS_APPLICATION","title":"t","language":"en","applicant_nation":"NL","datasets":[{"dataset_id":"x"}],"form":{}}`)
	f.Fuzz(func(_ *testing.T, raw string) {
		var in filing
		if decodeForm([]byte(raw), &in) == nil {
			_ = checkApplication(&application{Nation: in.ApplicantNation, Body: ehds.ApplicationBody{Title: in.Title, Form: in.Form, Datasets: in.Datasets}})
		}
	})
}
