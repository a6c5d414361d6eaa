package gateway

import (
	"errors"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// keyFault gives the key store's refusals their codes.
func keyFault(err error) error {
	if err == nil {
		return nil
	}
	why := strings.TrimPrefix(err.Error(), "keys: ")
	switch {
	case errors.Is(err, keys.ErrNoKey):
		return fault.Wrap(err, fault.NotFound, "no-such-key", why)
	case errors.Is(err, keys.ErrPending):
		return fault.Wrap(err, fault.Conflict, "next-key-exists", why)
	case errors.Is(err, keys.ErrTooEarly):
		return fault.Wrap(err, fault.Conflict, "too-early", why).At("/when")
	case errors.Is(err, keys.ErrRevoked):
		return fault.Wrap(err, fault.Conflict, "key-revoked", why).At("/kid")
	case errors.Is(err, keys.ErrReason):
		return fault.Wrap(err, fault.Invalid, "reason-unknown", why).At("/reason")
	case errors.Is(err, keys.ErrTime):
		return fault.Wrap(err, fault.Invalid, "time-ahead", why).At("/since")
	case errors.Is(err, keys.ErrAlg):
		return fault.Wrap(err, fault.Invalid, "alg-unknown", why).At("/alg")
	}
	return err
}
