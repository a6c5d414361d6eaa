// Package catalogue is the dataset description as the gateway handles it: what a record is, when two
// are the same, what changed between two passes over a source, and when a change is too large to be
// believed.
//
// It serves publication, the exchange and the conformance roles. A record is one dcat:Dataset with
// everything its graph says about it (HealthDCAT-AP; Regulation (EU) 2025/327, Art. 77 and 78),
// without the wrapping catalogue and without the descriptions of other datasets.
//
// Guarantees: every function is pure. The work for one document is bounded by its size. The digest of a record depends on its statements only, not on
// blank node labels, order, repetition or syntax (RDF Dataset Canonicalization, RDFC-1.0). Nothing is
// deleted because something could not be read. Findings never hold more of a description than IRIs
// and identifiers.
//
// It does not read files (connectors), judge the content of a record (catalogue/profile), or send
// anything (publish).
package catalogue
