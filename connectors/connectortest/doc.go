// Package connectortest is the public contract of the driver families: suites that every driver runs
// from its own tests, and fakes of what the gateway lends a driver.
//
// The suite of the permits family plays the gateway's outbox and reader of events against a driver and
// the system behind it, in four regimes of errors (none, passing, for good, both), and balances
// accounts: what was handed over is what the system has, what happened is told once (rules P1 to P13).
//
// It is for authors of drivers, inside this module and outside. A suite says what the gateway relies
// on, no more: it looks at a driver only through its interface. Only tests import this package.
package connectortest
