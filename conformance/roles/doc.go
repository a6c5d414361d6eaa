// Package roles is what the scripted counterparts of a gateway have in common: keys and state in a
// data folder, an append-only journal, the resolution of peers through a pinned anchor, and the https
// binding of the signed exchange, each written apart from the product.
//
// The counterparts themselves are the packages below: trust (an anchor), central (the centre).
//
// Guarantees: what Append has returned from is on disk; files that hold keys are readable by their
// owner only; no host is called before a superior has vouched for it; every read has a cap.
//
// It is made for tests and demonstrations on one machine: it keeps its state in memory besides the
// journal, and does not rotate keys.
package roles
