// Package cases holds the conformance cases, one file per group.
//
// They are for package conformance and its tests. A case says what a target owes by a clause, and shows it
// from outside; it shares with this project's gateway the vocabulary of the wire and nothing else.
package cases
