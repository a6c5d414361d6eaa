// Package shacl judges RDF graphs by shapes: the Core of the Shapes Constraint Language (SHACL, W3C
// Recommendation of 20 July 2017).
//
// It serves the rule sets of the catalogue, the command line and the conformance roles. Compile reads
// a shapes graph once; the Shapes it returns may be used by many goroutines. Validate judges a data
// graph and returns a Report: as results with the place in the data, as findings in the reader's
// language with a hint, and as RDF (SHACL §3).
//
// Guarantees: every Core constraint component, target and path, with the results the Recommendation
// asks for (the W3C core suite passes whole). Work is bounded in the size of the data (Options). A
// passing constraint allocates nothing. Nothing is fetched: owl:imports is reported and not followed.
// Ill-formed shapes do not stop the others: what was found and what was done about it is a Defect, and
// Shapes.Skipped says whether anything was left unchecked because of one.
//
// Recursive shapes, which the Recommendation leaves open (§3.4.3), are bounded: a node that is already
// being checked against a shape is taken to conform to it there.
//
// SHACL-SPARQL is not supported, with one exception: the graph guard of HealthDCAT-AP Release 8, which
// asks that the data holds an instance of a class (SELECT $this WHERE { FILTER NOT EXISTS { ?s rdf:type
// CLASS } }), is recognised by its text and checked here.
//
// Differences to the Recommendation: regular expressions are those of XPath as far as RE2 can say them;
// the others are Defects. Literals with language tags are compared as package rdf does, tags as written.
package shacl
