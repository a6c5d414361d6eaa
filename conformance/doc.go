// Package conformance judges a gateway from outside: it plays the hubs and national systems on both sides of
// a target, runs cases against it, and reports what held.
//
// A case is one function with a title, the reason it exists, and the clauses it stands on. What it finds is
// an assertion with its clause; what it cannot find out is never a pass: a negative case without a positive
// control that held ends ERROR, and a profile in which nothing ran is inconclusive.
//
// It is for testers of any gateway, as a library and as `ehdsgw conformance`. It shares with this project's
// gateway the vocabulary of the wire (gateway/ehds), and no code that judges: tokens are made and read by
// package forge.
//
// A report is the tester's own statement about one run: self-declared, no certificate.
package conformance
