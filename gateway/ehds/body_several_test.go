package ehds

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is forwarded becomes an application: whatever both bodies carry is held to the same rules, so that the
// centre need not judge it twice.
func TestForwardedIsHeldToWhatIsSubmitted(t *testing.T) {
	t.Parallel()
	var forward, submit struct {
		Properties map[string]any `json:"properties"`
	}
	for typ, into := range map[MessageType]any{ApplicationForward: &forward, ApplicationSubmit: &submit} {
		raw, ok := Schema(typ)
		if !ok {
			t.Fatalf("%s has no schema", typ)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	same := 0
	for name, want := range submit.Properties {
		got, there := forward.Properties[name]
		if !there {
			continue
		}
		same++
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if same < 7 {
		t.Errorf("only %d members are common", same)
	}
}
