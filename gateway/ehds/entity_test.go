package ehds

import "testing"

func TestABodyIsHostedByOneHub(t *testing.T) {
	const hub = "https://ncp.fr.example"
	for body, want := range map[string]bool{
		BodyEntity(hub, "a"):              true,
		BodyEntity(hub+".evil", "a"):      false,
		BodyEntity(hub+"/elsewhere", "a"): false,
		BodyEntity("", "a"):               false,
		hub:                               false,
		"":                                false,
	} {
		if got := HostedBy(body, hub); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
	if HostedBy(BodyEntity("", "a"), "") {
		t.Error("a hub without an identifier hosts a body")
	}
}
