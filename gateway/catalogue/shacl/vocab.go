package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// NS is the namespace of the SHACL vocabulary.
const NS = "http://www.w3.org/ns/shacl#"

// The severities of SHACL §2.1.4. A shape may name another IRI.
const (
	Violation = NS + "Violation"
	Warning   = NS + "Warning"
	Info      = NS + "Info"
)

// The constraint components of SHACL Core, as Result.Component names them.
const (
	ClassComponent             = NS + "ClassConstraintComponent"
	DatatypeComponent          = NS + "DatatypeConstraintComponent"
	NodeKindComponent          = NS + "NodeKindConstraintComponent"
	MinCountComponent          = NS + "MinCountConstraintComponent"
	MaxCountComponent          = NS + "MaxCountConstraintComponent"
	MinExclusiveComponent      = NS + "MinExclusiveConstraintComponent"
	MinInclusiveComponent      = NS + "MinInclusiveConstraintComponent"
	MaxExclusiveComponent      = NS + "MaxExclusiveConstraintComponent"
	MaxInclusiveComponent      = NS + "MaxInclusiveConstraintComponent"
	MinLengthComponent         = NS + "MinLengthConstraintComponent"
	MaxLengthComponent         = NS + "MaxLengthConstraintComponent"
	PatternComponent           = NS + "PatternConstraintComponent"
	LanguageInComponent        = NS + "LanguageInConstraintComponent"
	UniqueLangComponent        = NS + "UniqueLangConstraintComponent"
	EqualsComponent            = NS + "EqualsConstraintComponent"
	DisjointComponent          = NS + "DisjointConstraintComponent"
	LessThanComponent          = NS + "LessThanConstraintComponent"
	LessThanOrEqualsComponent  = NS + "LessThanOrEqualsConstraintComponent"
	NotComponent               = NS + "NotConstraintComponent"
	AndComponent               = NS + "AndConstraintComponent"
	OrComponent                = NS + "OrConstraintComponent"
	XoneComponent              = NS + "XoneConstraintComponent"
	NodeComponent              = NS + "NodeConstraintComponent"
	QualifiedMinCountComponent = NS + "QualifiedMinCountConstraintComponent"
	QualifiedMaxCountComponent = NS + "QualifiedMaxCountConstraintComponent"
	ClosedComponent            = NS + "ClosedConstraintComponent"
	HasValueComponent          = NS + "HasValueConstraintComponent"
	InComponent                = NS + "InConstraintComponent"
	// SPARQLComponent is of the constraints that are built in although their shapes say them in
	// SPARQL; see the package comment.
	SPARQLComponent = NS + "SPARQLConstraintComponent"
)

// Terms that shapes graphs are made of.
var (
	rdfType    = rdf.NewIRI(rdf.RDFType)
	rdfFirst   = rdf.NewIRI(rdf.RDFFirst)
	rdfRest    = rdf.NewIRI(rdf.RDFRest)
	rdfNil     = rdf.NewIRI(rdf.RDFNil)
	rdfsClass  = rdf.NewIRI(rdf.NSRDFS + "Class")
	subClassOf = rdf.NewIRI(rdf.NSRDFS + "subClassOf")
	owlImports = rdf.NewIRI(rdf.NSOWL + "imports")

	shPath          = sh("path")
	shNodeShape     = sh("NodeShape")
	shPropertyShape = sh("PropertyShape")
	shProperty      = sh("property")
	shSelect        = sh("select")
)

// sh is a term of the SHACL vocabulary.
func sh(name string) rdf.Term { return rdf.NewIRI(NS + name) }
