package profile

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Release is the release of HealthDCAT-AP the rules are of, as dataset messages name it.
const Release = "r8"

// Levels is a set of access levels.
type Levels uint8

// The access levels, after dct:accessRights.
const (
	Public Levels = 1 << iota
	Restricted
	NonPublic

	AllLevels = Public | Restricted | NonPublic
)

// LevelOf is the level of an access right; unknown or empty means NonPublic.
func LevelOf(accessRights string) Levels {
	switch accessRights {
	case ehds.AccessPublic:
		return Public
	case ehds.AccessRestricted:
		return Restricted
	}
	return NonPublic
}

// Kind is what sort of value a property takes.
type Kind uint8

// The kinds.
const (
	AnyValue  Kind = iota
	IRIValue       // an IRI
	NodeValue      // an IRI or a blank node
	TextValue      // a literal
)

// Rule is one row of the table: what one property of one sort of node must be like. Facets that are
// zero do not apply.
type Rule struct {
	On         Shape    // the sort of node
	Properties []string // IRI; further ones are alternatives that count together
	Min, Max   int      // number of values; Max 0 means unbounded
	Kind       Kind
	Datatype   string   // of literals
	Classes    []string // one of which a described value must have
	List       *List    // that values must be in
	Contains   string   // IRI that must be among the values, when there are any
	When       *Condition
	Levels     Levels
	Severity   catalogue.Severity
	Message    string // when a value is missing
	Hint       string
	Clause     string // public source
}

// Condition makes a rule apply only to nodes with a value.
type Condition struct {
	Property string
	Values   []string // lexical forms, one of which must be there
}

// Shape is a sort of node within a description.
type Shape string

// The shapes.
const (
	Dataset       Shape = "dataset"
	Distribution  Shape = "distribution"
	Agent         Shape = "agent"
	Publisher     Shape = "publisher"
	ContactPoint  Shape = "contact point of an agent"
	Hours         Shape = "opening hours"
	Contact       Shape = "contact point of the dataset"
	VariableGroup Shape = "group of variables"
	Table         Shape = "table of variables"
	Column        Shape = "variable"
	Activity      Shape = "activity"
)

// shape says where the nodes of a sort are found: at the objects of the properties, from the nodes of
// another sort, which stands before it in the list.
type shape struct {
	name Shape
	from Shape
	via  []string
}

// shapes lists the sorts of node, parents first.
var shapes = []shape{
	{Distribution, Dataset, []string{dcatDistribution, admsSample, healthAnalytics}},
	{Agent, Dataset, []string{healthHDAB, healthHDABCoordinator, geoCustodian, dctPublisher}},
	{Publisher, Dataset, []string{dctPublisher}},
	{ContactPoint, Agent, []string{cvContactPoint}},
	{Hours, ContactPoint, []string{cvOpeningHours, cvSpecialHours}},
	{Contact, Dataset, []string{dcatContactPoint}},
	{VariableGroup, Dataset, []string{healthHasVariables}},
	{Table, VariableGroup, []string{csvwTable}},
	{Column, Table, []string{csvwColumn}},
	{Activity, Dataset, []string{provGeneratedBy}},
}

// Rules is the table of Release 8.
func Rules() []Rule {
	return slices.Concat(mandatory(), forNonPublic(), constrained(), recommended(), distributions(), agents(), variables())
}

// List is a controlled vocabulary.
type List struct {
	Name     string
	Prefixes []string // namespaces of the values
	Codes    []string // what may follow a namespace; nil means anything
}

// Has says whether an IRI is a value of the list.
func (l *List) Has(iri string) bool {
	for _, p := range l.Prefixes {
		code, ok := strings.CutPrefix(iri, p)
		if ok && code != "" && (l.Codes == nil || slices.Contains(l.Codes, code)) {
			return true
		}
	}
	return false
}
