// Package access is the law of a case: what may happen to an application, its decision and its
// permit, to what holders, environments and staff do beside them, and what follows. It interprets the
// transition tables of gateway/ehds and computes the statutory clocks of the table Periods.
//
// It is for gateway/exchange, which stores the Application document and carries out the effects.
// Guarantees: Apply is a pure function, it never changes its input, and an event that no table allows
// is refused with a *fault.Error that says the state, and no effect. At no instant do two versions of a
// permit have force. It does no I/O, has no clock of its own, sends nothing, and does not know who is
// allowed to say what: the caller has checked the sender. Which days are holidays is the caller's
// Calendar (gateway/holidays).
//
// Files: apply_*.go is what each event does, event*.go and effect.go what goes in and comes out,
// period.go Regulation 1182/71, periods.go the lengths, due.go what is due. docs/states.md is made from
// the tables.
//
// Sources: Regulation (EU) 2025/327 chapter IV; TEHDAS2 D6.4 §7.6, §8 and §9.3; Regulation (EEC,
// Euratom) No 1182/71 for periods.
package access
