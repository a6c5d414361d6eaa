// Package central is a model of HealthData@EU's Central Platform: the counterpart a national gateway
// exchanges messages with, for demonstrations and the conformance suite. TEHDAS2 D7.3 describes what
// the platform does at its boundary; its internals are not public, so what is inside is ours.
//
// It is an entity with keys, evidence log and data folder of its own. It receives messages (wire
// profile §3-§5), answers each with a signed receipt and, where one is due, a business response;
// keeps the EU catalogue; passes applications, answers and statuses on; and has a front office for
// the applicant, a plain JSON API.
//
// Guarantees: before a receipt leaves, the message and everything it caused is in the journal and on
// disk; a central opened again on the same folder goes on where it stopped, numbers included. Who
// sent something, and for which nation, follows from the credential, never from the payload.
//
// It is written apart from the product: it shares the wire's vocabulary (gateway/ehds), the RDF
// library and the metadata rules, no code of exchange or trust. It keeps its state in memory besides
// the journal and is meant for thousands of messages, not millions. Keys do not rotate.
package central
