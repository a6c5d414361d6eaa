// Package connectortest is the public contract of the driver families: suites that every driver runs
// from its own tests, and fakes of what the gateway lends a driver.
//
// It is for authors of drivers, inside this module and outside. A suite says what the gateway relies
// on, no more: it looks at a driver only through its interface. Only tests import this package.
package connectortest
