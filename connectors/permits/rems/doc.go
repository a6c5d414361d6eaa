// Package rems connects REMS 2, the resource entitlement management system, as the national system that
// decides: applications become applications there, what its handlers decide comes back as events.
//
// It is for nations whose bodies work with REMS. Each track of an application is one application of one
// user of REMS, made for it under a pseudonym: the user is the mark by which the driver finds what it
// made before a crash, so nothing is made twice. A new version or an answer is edited into that same
// application. What is decided is read by asking; notifications of REMS only say when to ask.
//
// It is modelled from the documentation and sources of REMS and tested against a double made from them;
// no REMS was at hand. It reads visas, and compares them with what is entitled, and passes none on.
package rems
