package documents

import (
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// value gives the paragraphs of a field; none when the facts have nothing to say there.
func (f Facts) value(field string, w words) []string {
	switch field {
	case "issued":
		return []string{f.day(f.Issued, w)}
	case "body":
		return said(f.Body.Name, f.Body.Entity)
	case "answer_by":
		return said(w.fullDate(f.AnswerBy))
	case "opt_out_until":
		return f.optOutUntil(w)
	}
	switch {
	case strings.HasPrefix(field, "application_"), field == "submitted", field == "datasets":
		return f.ofApplication(field, w)
	case strings.HasPrefix(field, "appeal_"):
		return f.ofAppeal(field, w)
	case field == "permit_id", field == "previous", field == "valid", field == "status_list":
		return f.ofPermit(field, w)
	}
	if out := f.ofCard(field, w); out != nil || f.Grant == nil {
		return out
	}
	return ofGrant(*f.Grant, field, w)
}

func (f Facts) day(t time.Time, w words) string {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	return w.day(t.In(zone))
}

// optOutUntil is the day up to which opt-outs count for a permit (Art. 71).
func (f Facts) optOutUntil(w words) []string {
	if f.Grant == nil {
		return nil
	}
	at, err := time.Parse(time.RFC3339, f.Grant.OptOut.Until)
	if err != nil {
		return said(f.Grant.OptOut.Until)
	}
	return said(f.day(at, w))
}

func (f Facts) ofApplication(field string, w words) []string {
	a := f.Application
	switch field {
	case "application_id":
		return said(a.ID)
	case "application_title":
		return said(a.Title)
	case "application_kind":
		return said(w.value(string(a.Kind)))
	case "application_version":
		return said(fmt.Sprint(a.Version))
	case "submitted":
		if a.Submitted.IsZero() {
			return nil
		}
		return said(f.day(a.Submitted, w))
	}
	return said(a.Datasets...)
}

func (f Facts) ofAppeal(field string, w words) []string {
	if f.Appeal == nil {
		return nil
	}
	switch field {
	case "appeal_id":
		return said(f.Appeal.ID)
	case "appeal_reasons":
		return said(f.Appeal.Reasons)
	}
	outcome := ehds.DecisionAppealRejected
	if f.Appeal.Approved {
		outcome = ehds.DecisionAppealApproved
	}
	return said(w.value(string(outcome)))
}

func (f Facts) ofPermit(field string, w words) []string {
	p := f.Permit
	if p == nil {
		return nil
	}
	switch field {
	case "permit_id":
		return said(p.ID)
	case "previous":
		return said(p.Previous)
	case "valid":
		return said(filled(w.value("period"), "{from}", f.day(p.From, w), "{to}", f.day(p.To.Add(-time.Nanosecond), w)))
	}
	if p.StatusList == "" {
		return nil
	}
	return said(filled(w.value("entry"), "{list}", p.StatusList, "{index}", fmt.Sprint(p.StatusIndex)))
}

// ofCard reads a decision card; nil when the field is none of its.
func (f Facts) ofCard(field string, w words) []string {
	if field == "decision_id" && f.Card == nil {
		if f.Appeal != nil {
			return said(f.Appeal.DecisionID)
		}
		if f.Grant != nil {
			return said(f.Grant.DecisionID)
		}
	}
	if f.Card == nil {
		return nil
	}
	c := f.Card
	switch field {
	case "outcome":
		return said(w.value(string(c.Outcome)))
	case "decision_id":
		return said(c.DecisionID)
	case "replaces":
		return said(c.Replaces)
	case "signatory":
		return said(joined(c.Signatory.Name, c.Signatory.JobTitle))
	case "reasons":
		return said(c.Reasons)
	case "conditions":
		return said(c.Conditions...)
	case "refused":
		return each(c.RefusedDatasets, func(d ehds.RefusedDataset) string { return d.DatasetID + ": " + d.Reasons })
	case "fees":
		return fees(c.Fees)
	}
	return nil
}

// ofGrant reads Art. 68(10)(a) to (h).
func ofGrant(g ehds.PermitDetail, field string, w words) []string {
	switch field {
	case "categories":
		return each(g.Data.Categories, func(code string) string { return category(code, w) })
	case "format":
		return said(w.value(g.Data.Format))
	case "sources":
		return said(g.Data.Sources...)
	case "granted":
		return each(g.Granted, func(d ehds.GrantedDataset) string {
			if d.Holder == "" {
				return d.DatasetID
			}
			return filled(w.value("held_by"), "{dataset}", d.DatasetID, "{holder}", d.Holder)
		})
	case "purposes":
		return each(g.Purposes, func(key string) string { return purpose(key, w) })
	case "opt_out":
		if g.OptOut.Applied {
			return said(w.value("opt_out_yes"), g.OptOut.Reason)
		}
		return said(w.value("opt_out_no"))
	case "investigator":
		return said(g.Investigator)
	case "persons":
		return each(g.Persons, func(p ehds.PermitPerson) string { return joined(p.Name, p.Affiliation) })
	case "duration":
		return said(filled(w.value("period"), "{from}", w.fullDate(g.Duration.From), "{to}", w.fullDate(g.Duration.To)))
	case "spe":
		return said(g.SPE.Operator)
	case "tools":
		return said(g.SPE.Tools...)
	case "grant_fees":
		return fees(g.Fees)
	case "grant_conditions":
		return said(g.Conditions...)
	}
	return nil
}

// said leaves out what is empty.
func said(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			out = append(out, t)
		}
	}
	return out
}

func each[T any](list []T, text func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = text(x)
	}
	return said(out...)
}

func joined(name, more string) string {
	if name == "" || more == "" {
		return name + more
	}
	return name + ", " + more
}

// category is a category of data: its code, and in English its name. Other languages have the article,
// whose official translation says more than a translation of ours.
func category(code string, w words) string {
	c, ok := ehds.Category(code)
	if !ok {
		return code
	}
	if w.Language == fallback {
		return c.Code + ": " + c.Name
	}
	return c.Code + " (" + w.article("51.1."+c.Letter) + ")"
}

// purpose is a purpose of Art. 53(1) by its key. A sub-point is shown by its point's name.
func purpose(key string, w words) string {
	point, _, _ := strings.Cut(key, ".")
	name, ok := w.Purposes[point]
	if !ok {
		return key
	}
	return name + " (" + w.article("53.1."+key) + ")"
}

// fees writes an amount as ISO 4217 writes it, with its note.
func fees(f *ehds.Fees) []string {
	if f == nil {
		return nil
	}
	sign, n := "", f.AmountCents
	if n < 0 {
		sign, n = "-", -n
	}
	return said(fmt.Sprintf("%s %s%d.%02d", f.Currency, sign, n/100, n%100), f.Note)
}
