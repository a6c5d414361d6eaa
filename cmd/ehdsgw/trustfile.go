package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxTrustFile bounds a trust file, in bytes.
const maxTrustFile = 4 << 20

func trustFlag() cli.Flag {
	return &cli.StringFlag{Name: "trust", Usage: "trust `FILE`: pinned anchors, log and witness keys, obtained apart from what is verified (required)"}
}

// readTrust reads the trust file and the anchors pinned in it. Keys of types this program does not
// know are no anchors' keys.
func readTrust(c *cli.Context) (evidence.TrustFile, []federation.Anchor, error) {
	name := c.String("trust")
	if name == "" {
		return evidence.TrustFile{}, nil, usage("--trust is missing: the file with the anchors' and logs' keys")
	}
	raw, err := readFile(c, name, maxTrustFile)
	if err != nil {
		return evidence.TrustFile{}, nil, err
	}
	t, err := evidence.ParseTrustFile(raw)
	if err != nil {
		return t, nil, usage("%s: %w", name, err)
	}
	var anchors []federation.Anchor
	for i, a := range t.Anchors {
		set, err := jose.ParseKeySet(a.JWKS)
		if err == nil && len(set.Keys) == 0 {
			err = fmt.Errorf("no usable key")
		}
		if err != nil {
			return t, nil, usage("%s: anchors[%d]: %w", name, i, err)
		}
		anchors = append(anchors, federation.Anchor{Entity: a.Entity, Keys: set})
	}
	if len(anchors) == 0 {
		return t, nil, usage("%s: no anchor is pinned in it, so nothing can be verified", name)
	}
	return t, anchors, nil
}
