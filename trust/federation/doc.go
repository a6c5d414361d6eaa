// Package federation is the part of OpenID Federation 1.1 a hub needs: it reads and verifies entity
// configurations, subordinate statements and trust marks, resolves entities to a pinned anchor, and
// serves this hub's own entities.
//
// It is for trust.Verifier and the assembly. Guarantees: anchor keys are pinned out of band and a
// mismatch is an error that names it; keys and metadata come only from chains that hold; an issuer
// that is neither onboarded nor proved by a chain causes no outbound call; resolution is bounded in
// depth, hints, fetches, bytes and time. What this package does not understand in a statement (crit,
// metadata_policy, naming constraints) refuses the chain, it is never skipped. It signs nothing but
// statements, and it knows no message types.
package federation
