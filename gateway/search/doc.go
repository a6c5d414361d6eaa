// Package search is the index over dataset descriptions: those published here, and those of the EU
// catalogue the gateway may see. It is for the reading of the catalogue, by people and programs.
//
// Guarantees: whatever is asked costs bounded work (a query is words, never a pattern; pages end); a
// word finds a description in whatever language it is written; equal questions to an equal index
// give equal answers in equal order. What is applied in one call is found wholly or not at all, also
// after a crash. An index that is absent, damaged or of another version is made anew and says so
// ([Opening]): it holds nothing that cannot be had again, so it is never part of the record.
//
// It is the only importer of the search library. It fetches nothing and reads no RDF.
package search
