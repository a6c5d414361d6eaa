// Package federation is the part of OpenID Federation 1.1 a hub needs: it reads and verifies entity
// configurations, subordinate statements and trust marks, resolves entities to a pinned anchor, and
// serves this hub's own entities.
//
// It is for trust.Verifier and the assembly. Guarantees: anchor keys are pinned out of band and a
// mismatch is an error that names it; keys and metadata come only from chains that hold; an issuer
// that is neither onboarded nor proved by a chain causes no outbound call; resolution is bounded in
// depth, hints, fetches, bytes and time; keys, endpoints and all other metadata are those after every
// superior's words, constraints and policies (§6), for chains in a header and fetched ones alike. A
// critical claim or policy operator that is not understood refuses the chain, it is never skipped; each
// refusal has a label (Rule). It signs nothing but statements, and it knows no message types.
package federation
