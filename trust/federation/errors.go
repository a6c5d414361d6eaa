package federation

import "errors"

// Errors of resolution. All but ErrUnavailable mean the entity is not trusted.
var (
	// ErrUnknownIssuer: the entity is neither onboarded nor proved by a chain.
	ErrUnknownIssuer = errors.New("the entity is not onboarded and brings no chain")
	// ErrUnavailable: an onboarded entity's chain cannot be fetched now.
	ErrUnavailable = errors.New("the trust chain cannot be fetched now")
	// ErrAnchorMismatch: an anchor's configuration is not signed by its pinned keys. An alarm.
	ErrAnchorMismatch = errors.New("the anchor's keys are not the pinned ones")
	// ErrStatement: a statement is malformed or inconsistent.
	ErrStatement = errors.New("the entity statement does not hold")
	// ErrChain: the statements do not form a chain to a pinned anchor.
	ErrChain = errors.New("the trust chain does not hold")
	// ErrExpired: a statement of the chain is not valid at the time asked for.
	ErrExpired = errors.New("the trust chain is outside its time")
	// ErrUnsupported: a statement demands something this program does not understand.
	ErrUnsupported = errors.New("the entity statement demands what is not understood here")
	// ErrMark: a trust mark does not hold.
	ErrMark = errors.New("the trust mark does not hold")
)
