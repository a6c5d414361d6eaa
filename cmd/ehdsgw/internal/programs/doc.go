// Package programs holds the programs under load: tests that build the released binary, run it as a
// process of its own between an anchor and a central platform on loopback, and do to it what happens
// to servers: kill -9 at random points, SIGTERM, a cache that forgets, the same bytes a thousand
// times, a full disk, months away while statutory periods end.
//
// It is for whoever releases or operates the gateway. A program prints its figures and its N; it
// proves its claim from outside, with the conformance suite's own reading of tokens, receipts and
// logs. "Acknowledged" means that a signed receipt was returned.
//
// Where time must pass, all parties share a clock that is faster and jumps (pace). The gateway is then a
// process of the test's own binary: the clock of the released one cannot be moved.
//
// EHDSGW_PROGRAMS chooses the size: S (seconds, part of make check), P (a minute each, make accept)
// or N (long, make soak). Without it every program is skipped. EHDSGW_PROGRAMS_BINARY names a binary
// to use instead of building one, for instance the one to be released. The package has no code of its own;
// nothing leaves the machine, and only processes started here are ended, by their own ids.
package programs
