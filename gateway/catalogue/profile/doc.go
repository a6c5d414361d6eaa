// Package profile judges dataset descriptions by rule sets: the releases of HealthDCAT-AP, the metadata
// profile that Regulation (EU) 2025/327, Art. 77, builds on, at each access level, and the minimum
// elements of Implementing Regulation (EU) 2026/2098. It also rewrites descriptions of an earlier release
// as a later one wants them.
//
// It serves publication (before anything is sent), the receiving side of dataset messages, and the
// offline validator. The rules are SHACL shapes in the folder shapes, written for this project and run by
// package shacl: Open puts the files of a rule set together and compiles them. What a shape says beside
// its constraints (messages in three languages, how to mend it, where it comes from) makes findings of
// results.
//
// Guarantees: what a release requires at an access level is a violation at that level, each missing
// property a finding of its own with its place; a record without usable access rights is judged at
// non-public, the strictest. One thing to correct is one finding. Findings come in a fixed order and depend
// on the record only. Validate changes nothing; Migrate invents nothing, notes each change, and is
// idempotent.
//
// Rules of DCAT-AP on optional properties without bearing on health data (such as the datatypes of dates)
// are left to the receiver. Values of the Publications Office's authority tables are recognised by their
// namespace, not by code, except for access rights. What the public texts do not say about Releases 5 to 7
// is in docs/assumptions.md; docs/profiles.md lists the rules.
package profile
