package central

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The scheme is fixed: the roots are those a third program computed.
func TestKnownRootsOfCatalogues(t *testing.T) {
	t.Parallel()
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return hex.EncodeToString(h[:])
	}
	for n, want := range map[int]string{
		0:      "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		2:      "sha256:94d99e774d75c1d9c95b279bdb97c5793c66af280c88f8f6dcc7fe260a0a9c72",
		100:    "sha256:b8acc9be43573a9e633d293088e1fa363427dcddcd256f0d5e81c456b68ea5d1",
		20_000: "sha256:efec6376492b82110b2caaac33b9990ff2c4e02c4eec2244328d8819c856aadc",
	} {
		var all []shownEntry
		for i := range n {
			id := fmt.Sprintf("https://catalogue.example/datasets/%d", i)
			all = append(all, shownEntry{sum(id), id, "sha256:" + sum(fmt.Sprint("v", i))})
		}
		slices.SortFunc(all, func(a, b shownEntry) int { return strings.Compare(a.key, b.key) })
		if got := treeDigest(all, 0); got != want {
			t.Errorf("%d entries: %s, want %s", n, got, want)
		}
	}
}
