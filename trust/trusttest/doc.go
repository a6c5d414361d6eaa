// Package trusttest builds throw-away trust federations for tests: one anchor, the entities under it
// with deterministic keys, role marks and their status, all in one process and without a socket.
//
// It is for tests of whatever reads or writes signed tokens:
//
//	f := trusttest.NewFederation(t)
//	fr, centre := f.NCP("FR"), f.Centre()
//	token := centre.Sign("ehds-message+jwt", claims)
//	verifier := trust.NewVerifier(f.Resolver(centre), f.Clock.Now)
//
// Entities behave until told otherwise: EditConfiguration, EditStatement, Mark, Down and
// Federation.Intercept make them lie, fall silent or fall from grace. Every request is counted. The
// package never sleeps and keeps nothing outside the Federation; nothing but tests may import it.
package trusttest
