// Package demo walks once through the whole house: anchor, central platform and two national
// gateways in one process, on loopback, every hop over a real TLS socket.
//
// It is for `ehdsgw demo` and for newcomers. Each party has its own folder, its own keys and its own
// listener; the gateways and the conformance roles share no object, only bytes on sockets. The
// central platform is this project's model (conformance/roles/central): its internals are not public.
package demo
