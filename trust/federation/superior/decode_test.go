package superior

import (
	"encoding/json"
	"testing"
)

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"version":1,"entity":"https://a.test","state":"active","since":"2027-03-01T12:00:00Z","enrolled":"2027-03-01T12:00:00Z","types":["ehds_gateway"],"country":"BE","jwks":{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a","alg":"Ed25519"}]}}`))
	f.Add([]byte(`{"version":1,"entity":"https://a.test","state":"active","marks_only":true,"types":null,"jwks":{"keys":[]},"metadata":{"ehds_gateway":1}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := decode(raw)
		if err != nil {
			return
		}
		_, _ = s.stated() // does not panic
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(again); err != nil {
			t.Errorf("a record that was read does not survive writing: %v\n%s", err, again)
		}
	})
}
