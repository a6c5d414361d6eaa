package ehds

import "embed"

//go:embed schema/*.json
var schemas embed.FS

// Schema is the JSON Schema (2020-12) of a message type's body, responses included. It is strict
// about required members, types, formats and limits, and allows unknown members, which the receiver
// keeps and reports (wire profile §3). Each document stands alone: no schema refers to another.
func Schema(t MessageType) ([]byte, bool) {
	if _, ok := Lookup(t); !ok {
		return nil, false
	}
	if raw, ok := schemaFile(string(t)); ok || !t.IsResponse() {
		return raw, ok
	}
	return schemaFile("response")
}

// ReceiptSchema is the JSON Schema of a receipt's claims (wire profile §4).
func ReceiptSchema() []byte {
	b, _ := schemaFile("receipt")
	return b
}

func schemaFile(name string) ([]byte, bool) {
	b, err := schemas.ReadFile("schema/" + name + ".json")
	return b, err == nil
}
