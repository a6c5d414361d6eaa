package wycheproof

import (
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"testing"

	"github.com/c2sp/wycheproof"
)

// group is what the schemas of the files used here have in common.
type group struct {
	Type         string          `json:"type"`
	Comment      string          `json:"comment"`
	KeySize      int             `json:"keySize"`
	SHA          string          `json:"sha"`
	PublicKey    json.RawMessage `json:"publicKey"`
	PublicKeyJWK json.RawMessage `json:"publicKeyJwk"`
	KeyJWK       json.RawMessage `json:"keyJwk"`
	PrivateSeed  string          `json:"privateSeed"`
	Public       json.RawMessage `json:"public"`
	Private      json.RawMessage `json:"private"`
	Tests        []vector        `json:"tests"`
}

type vector struct {
	ID      int      `json:"tcId"`
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	Msg     string   `json:"msg"`
	Ctx     string   `json:"ctx"`
	Mu      string   `json:"mu"`
	Sig     string   `json:"sig"`
	JWS     string   `json:"jws"`
	Result  string   `json:"result"`
}

func groups(t *testing.T, file string) []group {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, file)
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		Groups []group `json:"testGroups"`
	}
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	if len(content.Groups) == 0 {
		t.Fatalf("%s has no groups", file)
	}
	return content.Groups
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
