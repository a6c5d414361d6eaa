// Package profile judges dataset descriptions by HealthDCAT-AP Release 8, the metadata profile that
// Regulation (EU) 2025/327, Art. 77, and Implementing Regulation (EU) 2026/2098 build on.
//
// It serves publication (before anything is sent), the receiving side of dataset messages, and the
// offline validator. The rules are a table (Rules): property, number of values, kind, datatype, class,
// list, access levels, severity, message, hint and where the rule comes from. The engine interprets
// the table and knows no property itself.
//
// Guarantees: what Release 8 requires at an access level is a violation at that level, each missing
// property a finding of its own with its place; a record without usable access rights is judged at
// NON_PUBLIC, the strictest. Findings come in a fixed order and depend on the record only.
//
// It is no SHACL engine: rules of DCAT-AP on optional properties without bearing on health data (such
// as the datatypes of dates) are left to the receiver. Values of the Publications Office's authority
// tables are recognised by their namespace, not by code, except for access rights. It changes nothing in a
// record: obsolete spellings are reported, not rewritten.
package profile
