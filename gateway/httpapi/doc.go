// Package httpapi is the gateway's HTTP surface: the exchange endpoint, the federation documents and
// status lists everybody may read, the admin listener, and the operator socket.
//
// It reads a request, calls one thing, and writes the answer; faults become RFC 9457 problems in
// problem.go and nowhere else. Bad input never makes a 5xx. It holds no state but counters.
package httpapi
