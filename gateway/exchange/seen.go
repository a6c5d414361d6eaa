package exchange

import "slices"

// SeenBy is the document as one body of this nation may see it: access.Application.SeenBy, and of what
// stands beside it only what concerns the body's own tracks. What other nations share is for all.
func (d ApplicationDoc) SeenBy(hdab string) ApplicationDoc {
	d.Application = d.Application.SeenBy(hdab)
	own := map[string]bool{}
	for _, t := range d.Application.Tracks {
		if t.Key.HDAB != hdab {
			continue
		}
		for _, p := range t.Permits {
			own[p.ID] = true
		}
	}
	d.Granted = slices.DeleteFunc(slices.Clone(d.Granted), func(g Granted) bool { return !own[g.PermitID] })
	d.Notices = slices.DeleteFunc(slices.Clone(d.Notices), func(n Notice) bool { return n.Track.HDAB != hdab })
	d.Documents = slices.DeleteFunc(slices.Clone(d.Documents), func(c CaseDocument) bool { return c.Track.HDAB != hdab })
	d.Results = slices.DeleteFunc(slices.Clone(d.Results), func(r PublishedResults) bool { return r.Track.HDAB != "" && r.Track.HDAB != hdab })
	d.Recognised = slices.DeleteFunc(slices.Clone(d.Recognised), func(r Recognised) bool { return r.Track.HDAB != hdab })
	d.Cards, d.Flags = nil, nil // they do not say whose they are
	return d
}
