package access

// SeenBy is the application as one body of this nation may see it: its own tracks whole, of every other
// how far it is and what was decided (Art. 68(5); TEHDAS2 D6.4 R7.3.6). What another body granted, how
// its staff worked, its clocks and its permits stay with it. The receiver is not changed.
func (a Application) SeenBy(hdab string) Application {
	out := a.Clone()
	for i, t := range out.Tracks {
		if t.Key.HDAB == hdab {
			continue
		}
		out.Tracks[i] = Track{Key: t.Key, Procedure: t.Procedure, Status: t.Status}
		if d := t.Decision; d != nil {
			out.Tracks[i].Decision = &Decision{ID: d.ID, Outcome: d.Outcome, Issued: d.Issued, Status: d.Status, Replaces: d.Replaces}
		}
	}
	return out
}
