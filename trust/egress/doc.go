// Package egress is the one HTTP client with which the gateway goes out.
//
// It is for everything that fetches or sends at an address somebody else chose: federation
// statements, status lists, message delivery, connectors. Guarantees: https only (http to loopback
// in development); no connection to a loopback, private, link-local, shared, translated or otherwise
// special address unless a configured network covers it, judged on the resolved address at the
// moment of connecting, so that a name that changes its mind gains nothing; no redirect to another
// origin, none at all after anything but GET and HEAD; no proxy from the environment; response
// header, body and duration bounded. The guards sit in the transport, so they hold for every user of
// the *http.Client, libraries included.
//
// It does not retry, does not authenticate requests, keeps no cookies and never logs.
package egress
