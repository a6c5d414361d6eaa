package desk

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Rules is the rules file, version 1. The first rule whose conditions all hold decides; a rule or the
// default may leave the case to staff with "manual".
type Rules struct {
	Version int  `json:"version"`
	Body    Body `json:"body"`
	// Datasets is what the body knows of the datasets it decides on, by dataset_id. It goes before
	// the nation's published record. The application form says neither category nor holder of a
	// dataset; Art. 68(10)(a) asks for both.
	Datasets map[string]Dataset `json:"datasets,omitempty"`
	Rules    []Rule             `json:"rules"`
	Default  Then               `json:"default"`
}

// Body is the health data access body that signs.
type Body struct {
	ID        string         `json:"id"` // part of decision ids: letters, digits, dot, dash
	Name      string         `json:"name"`
	Signatory ehds.Signatory `json:"signatory"`
}

// Dataset is what the body knows of a dataset.
type Dataset struct {
	Categories   []string `json:"categories"` // codes of Art. 51(1)
	Holder       string   `json:"holder,omitempty"`
	AccessRights string   `json:"access_rights,omitempty"`
}

// Rule is one rule.
type Rule struct {
	Name string `json:"name"`
	When When   `json:"when"`
	Then Then   `json:"then"`
}

// When lists conditions; those present must all hold. An empty When matches everything.
type When struct {
	Kind         ehds.ApplicationKind `json:"kind,omitempty"`
	PurposesAny  []string             `json:"purposes_any,omitempty"`  // keys of Art. 53(1): one is asked for
	PurposesOnly []string             `json:"purposes_only,omitempty"` // none but these is asked for, and one is
	DatasetsAny  []string             `json:"datasets_any,omitempty"`  // one of them is asked for
	CountriesAny []string             `json:"countries_any,omitempty"` // ISO codes: a dataset lies in one of them
	AccessRights string               `json:"access_rights,omitempty"` // of every dataset of the track, as the body knows them
	Format       string               `json:"format,omitempty"`        // ANONYMISED | PSEUDONYMISED
}

const decideManual = "manual"

// Then is what a rule does.
type Then struct {
	Decide string `json:"decide"` // Positive | Negative | manual
	Terms
}

// Terms are the terms of a decision. For a grant, what is empty comes from the form where the form
// has it.
type Terms struct {
	Reasons        string     `json:"reasons,omitempty"`
	Conditions     []string   `json:"conditions,omitempty"`
	DurationMonths int        `json:"duration_months,omitempty"` // longest duration granted
	Fees           *ehds.Fees `json:"fees,omitempty"`            // Art. 68(10)(g)
	SPE            SPE        `json:"spe,omitzero"`
	Categories     []string   `json:"categories,omitempty"` // for datasets whose categories nobody knows
}

// SPE is the secure processing environment; empty members come from the form.
type SPE struct {
	Operator string   `json:"operator,omitempty"`
	Tools    []string `json:"tools,omitempty"`
}

// overlay puts what a person decided over what a rule says.
func (t Terms) overlay(o Terms) Terms {
	if o.Reasons != "" {
		t.Reasons = o.Reasons
	}
	if o.Conditions != nil {
		t.Conditions = o.Conditions
	}
	if o.DurationMonths != 0 {
		t.DurationMonths = o.DurationMonths
	}
	if o.Fees != nil {
		t.Fees = o.Fees
	}
	if o.SPE.Operator != "" {
		t.SPE.Operator = o.SPE.Operator
	}
	if o.SPE.Tools != nil {
		t.SPE.Tools = o.SPE.Tools
	}
	if o.Categories != nil {
		t.Categories = o.Categories
	}
	return t
}

// match finds the first rule that matches, or the default (name "").
func (r Rules) match(c *caseDoc, f form) (string, Then) {
	for _, rule := range r.Rules {
		if r.holds(rule.When, c, f) {
			return rule.Name, rule.Then
		}
	}
	return "", r.Default
}

func (r Rules) holds(w When, c *caseDoc, f form) bool {
	if w.Kind != "" && w.Kind != c.Application.Kind {
		return false
	}
	if len(w.PurposesAny) > 0 && !slices.ContainsFunc(f.Purposes, in(w.PurposesAny)) {
		return false
	}
	if len(w.PurposesOnly) > 0 && (len(f.Purposes) == 0 || slices.ContainsFunc(f.Purposes, not(in(w.PurposesOnly)))) {
		return false
	}
	sets := r.datasetsOf(c)
	if len(w.DatasetsAny) > 0 && !slices.ContainsFunc(sets, func(d ehds.ApplicationDataset) bool {
		return slices.Contains(w.DatasetsAny, d.DatasetID)
	}) {
		return false
	}
	if len(w.CountriesAny) > 0 && !slices.ContainsFunc(sets, func(d ehds.ApplicationDataset) bool {
		return slices.Contains(w.CountriesAny, d.Country)
	}) {
		return false
	}
	if w.AccessRights != "" && (len(sets) == 0 || slices.ContainsFunc(sets, func(d ehds.ApplicationDataset) bool {
		return r.know(c, d).AccessRights != w.AccessRights
	})) {
		return false
	}
	return w.Format == "" || w.Format == f.Format
}

func in(set []string) func(string) bool {
	return func(s string) bool { return slices.Contains(set, s) }
}

func not(f func(string) bool) func(string) bool { return func(s string) bool { return !f(s) } }

// datasetsOf lists the datasets the case's own track may grant: those the rules name, and of the rest
// those of the track's catalogue (or of none) that the nation has published. Where the gateway does
// not say what is published, the catalogue alone decides.
func (r Rules) datasetsOf(c *caseDoc) []ehds.ApplicationDataset {
	var out []ehds.ApplicationDataset
	for _, d := range c.Application.Datasets {
		_, named := r.Datasets[d.DatasetID]
		_, published := c.Published[d.DatasetID]
		inTrack := d.CatalogID != "" && d.CatalogID == c.Track.CatalogID
		if named || (inTrack && (published || c.Published == nil)) || (d.CatalogID == "" && published) {
			out = append(out, d)
		}
	}
	return out
}

// know puts together what the body knows of a dataset: the rules first, then the published record,
// then the application.
func (r Rules) know(c *caseDoc, d ehds.ApplicationDataset) Dataset {
	k, published := r.Datasets[d.DatasetID], c.Published[d.DatasetID]
	if len(k.Categories) == 0 {
		k.Categories = published.Categories
	}
	if k.Holder == "" {
		k.Holder = published.Holder
	}
	if k.Holder == "" {
		k.Holder = d.Publisher
	}
	if k.AccessRights == "" {
		k.AccessRights = published.AccessRights
	}
	return k
}
