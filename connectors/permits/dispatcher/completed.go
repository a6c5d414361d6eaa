package dispatcher

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// completed is a filing with what the applicant completed it by: a system that knows only the list and the
// ZIP sees an answer nowhere else. Fields answered before the version was filed were taken up, or given up, by
// it. An attachment that came later under the same id takes the place of the earlier one.
func (f filing) completed(infos []information) filing {
	var answers []ehds.InfoAnswer
	var all []attachment
	add := func(list []attachment) {
		for _, a := range list {
			all = append(slices.DeleteFunc(all, func(o attachment) bool { return o.ID == a.ID }), a)
		}
	}
	stale, _ := slices.BinarySearchFunc(infos, f.Application.Version, func(i information, n int) int { return i.Version - n })
	for _, i := range infos[:stale] {
		add(i.Attachments)
	}
	add(f.Attachments)
	for _, i := range infos[stale:] {
		answers = append(answers, i.Body.Sections...)
		add(i.Attachments)
	}
	f.Application, f.Attachments = gate.Completed(f.Application, answers), all
	return f
}
