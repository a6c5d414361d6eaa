package fdp

import (
	"context"
	"fmt"
)

// drafts are the parts of a resource that its point holds as drafts. Without credentials there are none to
// be seen. With them the reference server lists drafts among the others, and {resource}/meta tells which
// they are; a server that has no such address has no drafts.
func (d *Driver) drafts(ctx context.Context, iri string) (map[string]bool, error) {
	u, ok := d.wire.within(iri)
	if !d.known || !ok {
		return nil, nil
	}
	u.Fragment, u.RawFragment, u.RawQuery = "", "", ""
	var meta struct {
		State struct {
			Children map[string]string `json:"children"`
		} `json:"state"`
	}
	if err := d.wire.JSON(ctx, u.JoinPath("meta").String(), &meta); err != nil && !notOffered(err) {
		return nil, fmt.Errorf("state: %w", err)
	}
	out := map[string]bool{}
	for part, state := range meta.State.Children {
		if state == "DRAFT" {
			out[part] = true
		}
	}
	return out, nil
}
