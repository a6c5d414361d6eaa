package central

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Numbers of the scheme radix16-sha256.
const (
	digestBucket = 32
	digestDigits = "0123456789abcdef"
	// maxDigestAnswer bounds the nodes of one answer, in bytes: more is asked for again.
	maxDigestAnswer = 512 << 10
)

// shownEntry is one dataset of a nation in the digest tree: the SHA-256 of its identifier at origin, in
// hexadecimal, and the digest of its exchange form.
type shownEntry struct{ key, identifier, digest string }

// digestAsked handles catalogue.digest (ext-1): what the centre shows of the sender's nation, in sums.
func (h *handling) digestAsked() []ehds.Finding {
	var b ehds.CatalogueDigestBody
	if f := h.body(&b); f != nil {
		return f
	}
	if f := h.ownCase(); f != nil {
		return f
	}
	if b.Scheme != ehds.DigestSchemeRadix16 {
		return violation("/body/scheme", "scheme-not-supported", "this digest of a catalogue is not computed here")
	}
	all, f := h.shownOf(h.nation)
	if f != nil {
		return f
	}
	a := &ehds.CatalogueDigestAnswer{Scheme: b.Scheme, Count: len(all), Root: treeDigest(all, 0), Nodes: []ehds.CatalogueDigestNode{}}
	for _, prefix := range b.Ask {
		if a.Root == b.Root {
			break // they are equal: there is nothing to show
		}
		n := digestNode(all, prefix)
		a.Nodes = append(a.Nodes, n)
		if h.digestBytes += 128 * (len(n.Children) + 1); h.digestBytes > maxDigestAnswer {
			break
		}
		for _, e := range n.Entries {
			h.digestBytes += 128 + len(e.Identifier)
		}
	}
	h.shown = a
	return nil
}

// shownOf lists what is shown of a nation, in the order of keys.
func (h *handling) shownOf(nation string) ([]shownEntry, []ehds.Finding) {
	var all []shownEntry
	for _, d := range h.c.state.datasets {
		if d.Nation != nation || d.Deleted {
			continue
		}
		digest, err := d.exchange(h.ctx)
		if err != nil {
			return nil, violation("/body", "digest-unavailable", "a description cannot be digested")
		}
		key := sha256.Sum256([]byte(d.Identifier))
		all = append(all, shownEntry{hex.EncodeToString(key[:]), d.Identifier, digest})
	}
	slices.SortFunc(all, func(a, b shownEntry) int { return strings.Compare(a.key, b.key) })
	return all, nil
}

// under are the entries whose key begins with a prefix.
func under(all []shownEntry, prefix string) []shownEntry {
	from, _ := slices.BinarySearchFunc(all, prefix, func(e shownEntry, p string) int { return strings.Compare(e.key, p) })
	to := from
	for to < len(all) && strings.HasPrefix(all[to].key, prefix) {
		to++
	}
	return all[from:to]
}

// treeDigest is the sum over entries that share their first depth digits.
func treeDigest(entries []shownEntry, depth int) string {
	h := sha256.New()
	raw := func(digest string) {
		b, _ := hex.DecodeString(strings.TrimPrefix(digest, "sha256:")) // made by us
		h.Write(b)
	}
	if len(entries) <= digestBucket {
		h.Write([]byte{0})
		for _, e := range entries {
			raw(e.key)
			raw(e.digest)
		}
	} else {
		h.Write([]byte{1})
		for _, child := range children(entries, depth) {
			raw(treeDigest(child, depth+1))
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// children parts entries by the digit at a depth.
func children(entries []shownEntry, depth int) [][]shownEntry {
	parts := make([][]shownEntry, len(digestDigits))
	for _, e := range entries {
		i := strings.IndexByte(digestDigits, e.key[depth])
		parts[i] = append(parts[i], e)
	}
	return parts
}

// digestNode shows one prefix.
func digestNode(all []shownEntry, prefix string) ehds.CatalogueDigestNode {
	entries := under(all, prefix)
	n := ehds.CatalogueDigestNode{Prefix: prefix, Count: len(entries), Digest: treeDigest(entries, len(prefix))}
	if len(entries) <= digestBucket {
		for _, e := range entries {
			n.Entries = append(n.Entries, ehds.CatalogueDigestEntry{Identifier: e.identifier, Digest: e.digest})
		}
		return n
	}
	for _, child := range children(entries, len(prefix)) {
		n.Children = append(n.Children, ehds.CatalogueDigestChild{Count: len(child), Digest: treeDigest(child, len(prefix)+1)})
	}
	return n
}
