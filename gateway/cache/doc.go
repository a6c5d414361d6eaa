// Package cache holds what may be lost at any time: receipts by token hash,
// trust chains, key sets, shared rate counters.
//
// It is for the parts of the gateway that would otherwise repeat work. The
// record decides everything; a cache only answers faster. [Cache] is the
// contract, kept by the drivers in memory/ and redis/ and checked by the suite
// in cachetest/. [Open] picks a driver by the scheme of a URL. [Safe] wraps any
// driver so that its failure is never the caller's: errors become misses within
// a short deadline, and a breaker spares the deadline while the driver is down.
// [Keys] builds the keys.
//
// Guarantees: every entry expires; keys hold hashes only, never a name, an
// address or a token; values are copied in and out.
//
// It does not promise that a value set is still there, that a deleted value is
// gone from a server that could not be reached, or that counters survive a
// restart. Nothing may depend on it for correctness: what must not be read after
// a change belongs under a new key.
package cache
