package catalogue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// exchangeDigest is the digest of a description without what the centre may rewrite. nquads is the
// canonical form of own.
func (d document) exchangeDigest(ctx context.Context, own *rdf.Graph, root rdf.Term, nquads []byte) (string, error) {
	if lines, ok := rewritable(own, root); ok {
		return digestWithout(nquads, lines), nil
	}
	stripped, err := d.exchanged(own, root)
	if err != nil {
		return "", err
	}
	form, err := d.work.canonical(ctx, stripped)
	if err != nil {
		return "", err
	}
	return rdf.Digest(form), nil
}

// rewritable gives the statements the centre may rewrite, as lines of the canonical form. ok says that
// the exchange form is the canonical form without these lines: they name no blank node, so every blank
// node keeps its label (RDFC-1.0 §4.6 hashes a node by the statements it is in), and nothing is
// reached through them alone.
func rewritable(own *rdf.Graph, root rdf.Term) (lines map[string]bool, ok bool) {
	keep := exchangeForm(own, root)
	for t := range own.All() {
		if keep(t) {
			continue
		}
		if t.S.Kind != rdf.IRI || t.O.Kind == rdf.Blank || t.O.Kind == rdf.IRI && own.Has(t.O, rdf.Term{}, rdf.Term{}) {
			return nil, false
		}
		if lines == nil {
			lines = map[string]bool{}
		}
		t.O.Lang = strings.ToLower(t.O.Lang)
		lines[t.String()] = true
	}
	return lines, true
}

// digestWithout is the digest of a canonical form without some of its lines.
func digestWithout(nquads []byte, lines map[string]bool) string {
	h := sha256.New()
	for len(nquads) > 0 {
		end := bytes.IndexByte(nquads, '\n') + 1
		if end == 0 {
			end = len(nquads)
		}
		if line := bytes.TrimSuffix(nquads[:end], []byte{'\n'}); !lines[string(line)] {
			_, _ = h.Write(nquads[:end]) // a hash takes everything
		}
		nquads = nquads[end:]
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
