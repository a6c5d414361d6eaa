// Package gate says, before a clock starts, what the law will ask of an application: what is missing,
// what contradicts itself, what staff should look at, and what a permit lacks before it may be signed.
//
// It is for the exchange, which tells the sender; for the permit connectors, which show staff; and for
// applicants' hubs, which ask beforehand (ehdsgw application check). Rules are data: each has an id, an
// article and a severity, and docs/gates.md is generated from them.
//
// Guarantees: pure functions; the same input gives the same findings in the same order; any JSON is
// read without a panic; nothing of the form is dropped, and a finding repeats nothing of it but in
// Seen, which stays with who asked. It decides nothing: whether an application is complete is for the
// health data access body to say (Art. 68(4)), and a refusal is its decision, with reasons and a remedy.
//
// Sources: Regulation (EU) 2025/327 Art. 51, 53, 54, 62, 67 to 72; TEHDAS2 D6.4 tables for the form,
// Release 7.
package gate
