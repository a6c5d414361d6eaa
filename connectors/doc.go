// Package connectors defines the three families of pluggable drivers: a national catalogue, the
// national permit system, and the transport to European central services.
//
// A driver translates and moves; it decides nothing. It is small, and everything portable (deadline,
// panic fence, limits, metrics) is in the wrappers of this package, once. The wrappers retry only
// List and Events: retries of messages belong to the outbox, so Send and Submit are called at most
// once an attempt. Drivers are registered explicitly in connectors/builtin.
package connectors
