package main

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
)

// FuzzMetadataOf reads ZIPs of others: never a panic, and never more than an application may have.
func FuzzMetadataOf(f *testing.F) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateHeader(&zip.FileHeader{Name: metadataName, Method: method})
		if err == nil {
			_, err = w.Write([]byte(`{"application_type":"request","form":{"section5":{}}}`))
		}
		if err != nil || z.Close() != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
		f.Add(b.Bytes()[:b.Len()-10])
	}
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := metadataOf(raw)
		if err == nil && len(out) > maxApplication+1 {
			t.Errorf("%d bytes", len(out))
		}
		if err == nil {
			_, _, _ = gate.ReadApplication(out)
		}
	})
}
