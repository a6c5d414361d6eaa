package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// applicationFixtures are ZIPs as a dispatcher answers with: a good one whose attachments nobody can
// open, one with two metadata documents, and one that grows when it is opened.
func applicationFixtures(t *testing.T) map[string][]byte {
	t.Helper()
	script, err := txtar.ParseFile("testdata/script/application_check.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	for _, f := range script.Files {
		if f.Name == "complete.json" {
			if err := json.Unmarshal(f.Data, &m); err != nil {
				t.Fatal(err)
			}
		}
	}
	m["application_type"] = m["kind"]
	for _, name := range []string{"kind", "language", "version"} {
		delete(m, name)
	}
	m["datasets"].([]any)[0].(map[string]any)["country"] = map[string]any{"country_id": "FRANCE"}
	metadata := marshal(t, m)
	return map[string][]byte{
		"application.zip": zipOf(t, "att-1_plan.pdf", []byte("x"), metadataName, metadata, "application_file.zip", []byte("no ZIP at all")),
		"twice.zip":       zipOf(t, metadataName, metadata, metadataName, metadata),
		"bomb.zip":        zipOf(t, metadataName, bytes.Repeat([]byte(" "), maxApplication+1)),
	}
}

// zipOf makes a ZIP of names and contents in turn.
func zipOf(t *testing.T, list ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(list); i += 2 {
		w, err := z.Create(list[i].(string))
		if err == nil {
			_, err = w.Write(list[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
