package dispatcher_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// FuzzBodies: whatever a system sends, an answer is a documented one, and what was refused told nothing.
func FuzzBodies(f *testing.F) {
	f.Add("application/json", `{"status":"PROCESSING","actor":"staff-7"}`)
	f.Add("application/json", `{"outcome":"Positive","signatory":{"name":"A","job_title":"B"},"permit":{"duration":{"from":"x"}}}`)
	f.Add("application/json", `{"sections":[{"number":6,"country":"FRANCE","fields":{"a":"b"}}],"due_dates":[{}]}`)
	media, body := multi(f, card(ehds.Positive, "D-1"), "%PDF")
	f.Add(media, body)
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\n\r\n\r\n--b--\r\n")
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; filename=\"../../x\"\r\nContent-Type: a/b; c\r\n\r\n")
	f.Add("multipart/form-data; boundary=", "")
	paths := []string{"/status", "/information-requests", "/due-dates", "/decision", "/appeal-decision", "/results", "/extension", "/procedure", "/steps"}
	f.Fuzz(func(t *testing.T, media, body string) {
		if len(body) > 1<<16 || strings.ContainsAny(media, "\r\n") {
			return
		}
		h := newHouse(t, twoSystems())
		_, at := h.processing(1)
		for _, path := range paths {
			before := len(h.events())
			w := h.ask("one", "POST", at+path, body, "Content-Type", media)
			if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
			if w.Code != 200 && len(h.events()) != before {
				t.Fatalf("%s was refused and told something", path)
			}
		}
	})
}

// FuzzNames: whatever an applicant calls a file, its entry is one plain name.
func FuzzNames(f *testing.F) {
	f.Add("att-1", "plan.pdf")
	f.Add("..", "/../../etc/passwd")
	f.Add("application", "metadata.json")
	f.Add("\xff\x00", "con.\u202egpj.exe")
	f.Fuzz(func(t *testing.T, id, name string) {
		h := newHouse(t, twoSystems())
		s := submission(1)
		a := h.attach(id, name, "x")
		a.Ref, h.files["blob"] = "blob", "x" // references are the gateway's
		s.Attachments = append(s.Attachments, a)
		h.submit(s)
		names, files := unzip(t, h.must(200, "one", "GET", "/applications/"+s.Application.ApplicationID, nil))
		nested, _ := unzip(t, files["application_file.zip"])
		if len(names)+len(nested) != 3 {
			t.Fatalf("%q %q", names, nested)
		}
		for _, n := range append(names, nested...) {
			if n == "" || strings.ContainsAny(n, "/\\\x00\r\n") || strings.HasPrefix(n, ".") || len(n) > 400 {
				t.Fatalf("%q", n)
			}
		}
	})
}
