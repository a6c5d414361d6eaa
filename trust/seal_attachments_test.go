package trust_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/agefile"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TestSealedAttachment goes the whole way: the file is encrypted, its identity sealed with the body,
// and only who opens the body can open the file.
func TestSealedAttachment(t *testing.T) {
	t.Parallel()
	reader, stranger := sealingKey(t, "HPKE-0", 1), sealingKey(t, "HPKE-0", 2)
	bind := trust.Binding{Iss: "a", Aud: "b", Jti: "c", Type: "d", Case: "e", Seq: 1}
	var file bytes.Buffer
	identity, err := agefile.Seal(&file, strings.NewReader("the plan"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, commit, err := trust.Seal(rand.Reader, reader.Public(), bind, []byte(`{}`),
		[]trust.SealedAttachment{{ID: "x", Name: "plan.pdf", MediaType: "application/pdf", Identity: identity}})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := json.Marshal(map[string]any{
		"iss": "a", "aud": "b", "jti": "c", "type": "d", "case": "e", "seq": 1, "sealed": sealed, "sealed_commit": commit,
		"attachments": []map[string]any{{"id": "x", "name": "x", "media_type": "application/octet-stream", "size": file.Len()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"plan", "pdf", "AGE-SECRET-KEY-"} {
		if bytes.Contains(claims, []byte(secret)) || bytes.Contains(file.Bytes(), []byte(secret)) {
			t.Errorf("%q can be read on the way", secret)
		}
	}
	v := &trust.Verified{Claims: claims}
	if _, err := v.Unseal([]jose.SealingKey{stranger}); !errors.Is(err, trust.ErrUnsealable) {
		t.Errorf("a stranger: %v", err)
	}
	content, err := v.Unseal([]jose.SealingKey{stranger, reader})
	if err != nil {
		t.Fatal(err)
	}
	var plaintext bytes.Buffer
	if _, err := agefile.Open(&plaintext, &file, content.Attachments[0].Identity, 100); err != nil || plaintext.String() != "the plan" {
		t.Errorf("%q, %v", plaintext.String(), err)
	}
}
