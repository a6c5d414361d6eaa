// Package access is the law of a case: what may happen to an application, its decision and its
// permit, and what follows. It interprets the transition tables of gateway/ehds and computes the
// statutory clocks.
//
// It is for gateway/exchange, which stores the Application document and carries out the effects.
// Guarantees: Apply is a pure function, it never changes its input, and an event that no table allows
// is refused with a *fault.Error and no effect. It does no I/O, has no clock of its own, sends
// nothing, and does not know who is allowed to say what: the caller has checked the sender.
//
// Sources: Regulation (EU) 2025/327 chapter IV; TEHDAS2 D6.4 §7.6, §8 and §9.3; Regulation (EEC,
// Euratom) No 1182/71 for periods.
package access
