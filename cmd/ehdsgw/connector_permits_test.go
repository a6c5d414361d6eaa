package main

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// shows R14.0.5
func TestConnectorPermitsAsksREMS(t *testing.T) {
	answers := map[string]string{
		"/api/applications": `[]`, "/api/my-applications": `[]`, "/api/catalogue": `[{"id": 7, "resid": "ds-1", "enabled": true}]`,
		"/api/forms/5": `{"form/id": 5, "form/fields": [{"field/id": "title"}]}`, "/api/entitlements": `[]`,
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodGet || r.Header.Get("X-Rems-Api-Key") != "hush" || answers[r.URL.Path] == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(answers[r.URL.Path])) // the client may have gone
	}))
	defer server.Close()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "ca.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	mapping := `{"version": 1, "body": "B", "signatory": {"name": "A", "job_title": "B"}, "fields": [{"from": "title", "form": 5, "field": "FIELD"}]}`
	ask := func(want int, key, field string) (string, asked) {
		t.Helper()
		write(t, filepath.Join(dir, "mapping.json"), []byte(strings.ReplaceAll(mapping, "FIELD", field)))
		write(t, filepath.Join(dir, "hub.yaml"), []byte(`version: 1
entity: https://ncp.fr.example
country: FR
development: true
trust: {ca_file: ca.pem, anchors: [{entity: https://anchor.example, jwks: keys.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Hub}}]
central: {entity: https://centre.example}
permits: {driver: rems, rems: {url: "`+server.URL+`", api_key: `+key+`, owner: o, handler: h, mapping: mapping.json}}
`))
		code, stdout, stderr := call(t.Context(), "connector", "permits", "-c", filepath.Join(dir, "hub.yaml"), "--output", "json")
		var got asked
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != want || strings.Contains(stdout+stderr, "hush") {
			t.Errorf("exit %d, want %d: %v\n%s%s", code, want, err, stdout, stderr)
		}
		return stdout, got
	}
	if _, got := ask(exitOK, "hush", "title"); got.Driver != "rems" || len(got.Asked) != 5 {
		t.Errorf("%+v", got)
	}
	if out, _ := ask(exitNegative, "hush", "other"); !strings.Contains(out, "field other") {
		t.Error(out)
	}
	if out, _ := ask(exitCannotTell, "wrong", "title"); !strings.Contains(out, "REMS refuses the API key") {
		t.Error(out)
	}
}
