package gateway

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// Only the newest permit that is in force and followed from the decision is shown to a peer.
func TestPermitShownToAPeer(t *testing.T) {
	n := newNation(t)
	g := n.start()
	write := func(id, decision string, version, status int, index int64) string {
		t.Helper()
		token := trusttest.Sign(t, trusttest.Key("permit"), ehds.TypPermit, ehds.PermitClaims{Jti: id, Permit: ehds.PermitDetail{DecisionID: decision, Version: version}})
		for _, w := range []store.PermitWrite{
			{ID: id, Token: token, List: "https://ncp.fr.example/list", Index: index}, {ID: id, List: "https://ncp.fr.example/list", Index: index, Status: status},
		} {
			if _, err := g.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
				return store.Change{Permits: []store.PermitWrite{w}}, nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		return token
	}
	shown := func(want, why string) {
		t.Helper()
		if got, err := g.permitOf(t.Context(), "app:A1", "D1"); err != nil || got != want {
			t.Errorf("%s: the wrong permit, or none: %v", why, err)
		}
	}
	shown("", "no permit")
	write("DP-FR-HDH-2026-0009-v9", "D2", 9, ehds.StatusValid, 9)
	shown("", "another decision's")
	first := write("DP-FR-HDH-2026-0001-v1", "D1", 1, ehds.StatusValid, 1)
	shown(first, "the first")
	second := write("DP-FR-HDH-2026-0001-v2", "D1", 2, ehds.StatusValid, 2)
	shown(second, "a newer one")
	write("DP-FR-HDH-2026-0001-v3", "D1", 3, ehds.StatusInvalid, 3)
	shown(second, "a revoked one")
	write("DP-FR-HDH-2026-0001-v4", "D1", 4, ehds.StatusSuspended, 4)
	shown(second, "a suspended one")
}
