// Package ehds is the field's vocabulary: what contact points, the central platform and health data
// access bodies say to each other, as types, tables and embedded JSON Schemas.
//
// It holds names, shapes, identifiers and transition tables, never behaviour with side effects: no
// I/O, no clock. The gateway and the conformance suite share this package and nothing else, so what
// stands here is the contract both are judged by.
//
// Sources: Regulation (EU) 2025/327 (EHDS) chapter IV; TEHDAS2 D7.3 (infrastructure and the fifteen
// use cases), D6.4 (application management) and D5.3 (national catalogue); HealthDCAT-AP Release 8.
// The signed exchange itself (docs/wire.md) is this project's profile: no public text prescribes it.
package ehds
