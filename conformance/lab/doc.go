// Package lab is the tester's side of a conformance run: one trust anchor, one centre, the national systems
// behind the target, and as many other hubs as a case asks for, all on one TLS listener of this machine,
// with the target between them.
//
// It is for the conformance suite. A target needs configuration only: what a bootstrap says, and nothing
// that exists for tests. A lab writes to its own folder, speaks on loopback, and uses keys of its own that
// nobody else trusts.
//
// It judges nothing: the cases do.
package lab
