package keys

import "errors"

// Errors of the store.
var (
	// ErrPermissions: others may read the directory or one of its files. The
	// error names it and the chmod that mends it.
	ErrPermissions = errors.New("keys: permissions too open")
	// ErrNoKey: no key exists, or none in the state asked for.
	ErrNoKey = errors.New("keys: no such key")
	// ErrAmbiguous: more than one active key for the same purpose and owner.
	ErrAmbiguous = errors.New("keys: more than one active key")
	// ErrCorrupt: a file that cannot be what this store wrote.
	ErrCorrupt = errors.New("keys: key file is damaged")
	// ErrPurpose: the call does not serve keys of this purpose.
	ErrPurpose = errors.New("keys: wrong purpose")
	// ErrOwner: an owner, origin or name that cannot be used.
	ErrOwner = errors.New("keys: unfit owner")
	// ErrAlg: keys of this purpose have no such algorithm.
	ErrAlg = errors.New("keys: wrong algorithm")
	// ErrPending: a next key waits already for its turn.
	ErrPending = errors.New("keys: there is a next key already")
	// ErrTooEarly: the next key has not been published long enough. The error
	// names the time from which it may sign.
	ErrTooEarly = errors.New("keys: the next key is not published long enough")
	// ErrRevoked: the key is revoked; nothing brings it back.
	ErrRevoked = errors.New("keys: key is revoked")
	// ErrReason: no reason of a revocation.
	ErrReason = errors.New("keys: unknown reason of a revocation")
	// ErrTime: a revocation may not lie in the future.
	ErrTime = errors.New("keys: time lies in the future")
)
