package access

import "github.com/ehdsgw/ehdsgw/gateway/ehds"

// Clone is a deep copy.
func (a Application) Clone() Application {
	a.Versions = append([]Version(nil), a.Versions...)
	a.Observed = append([]ObservedTrack(nil), a.Observed...)
	tracks := a.Tracks
	a.Tracks = nil
	for _, t := range tracks {
		t.Decision = t.Decision.clone()
		var aside []Decision
		for i := range t.SetAside {
			aside = append(aside, *t.SetAside[i].clone())
		}
		t.SetAside = aside
		var clocks []Clock
		for _, c := range t.Clocks {
			c.Steps = append([]string(nil), c.Steps...)
			if c.Due != nil {
				due := *c.Due
				c.Due = &due
			}
			clocks = append(clocks, c)
		}
		t.Clocks = clocks
		t.Permits = append([]PermitVersion(nil), t.Permits...)
		t.Sides = append([]Side(nil), t.Sides...)
		t.History = append([]Step(nil), t.History...)
		a.Tracks = append(a.Tracks, t)
	}
	return a
}

func (d *Decision) clone() *Decision {
	if d == nil {
		return nil
	}
	c := *d
	if d.Grant != nil {
		g := cloneGrant(*d.Grant)
		c.Grant = &g
	}
	c.Refused = append([]ehds.RefusedDataset(nil), d.Refused...)
	if d.Appeal != nil {
		ap := *d.Appeal
		c.Appeal = &ap
	}
	return &c
}

func cloneGrant(g ehds.PermitDetail) ehds.PermitDetail {
	g.Data.Categories = append([]string(nil), g.Data.Categories...)
	g.Data.Sources = append([]string(nil), g.Data.Sources...)
	g.Purposes = append([]string(nil), g.Purposes...)
	g.Persons = append([]ehds.PermitPerson(nil), g.Persons...)
	g.SPE.Tools = append([]string(nil), g.SPE.Tools...)
	g.Conditions = append([]string(nil), g.Conditions...)
	g.Granted = append([]ehds.GrantedDataset(nil), g.Granted...)
	if g.Fees != nil {
		f := *g.Fees
		g.Fees = &f
	}
	return g
}
