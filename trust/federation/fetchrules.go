package federation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/ehdsgw/ehdsgw/trust/egress"
)

// One sentinel per rule about fetching. All but ErrEntityURL are ErrUnavailable: what nobody signed
// can neither prove an entity nor refuse it.
var (
	// ErrEntityURL: an entity identifier that is no https URL with a host and a path at most (OpenID
	// Federation 1.1 §1.2), so nothing can be fetched from it.
	ErrEntityURL = rule("entity-url", ErrStatement, "the entity identifier is not one that can be fetched from")
	// ErrFetchAddress: the guard refused the address, or where its name leads.
	ErrFetchAddress = rule("fetch-address", ErrUnavailable, "the address may not be fetched from")
	// ErrFetchConnect: no answer, for any reason but time.
	ErrFetchConnect = rule("fetch-connect", ErrUnavailable, "the host does not answer")
	// ErrFetchTime: the answer was not complete in time.
	ErrFetchTime = rule("fetch-time", ErrUnavailable, "the host does not answer in time")
	// ErrFetchStatus: a status that is neither an answer nor "not found".
	ErrFetchStatus = rule("fetch-status", ErrUnavailable, "the host answers with an error")
	// ErrFetchRedirect: a redirect. None is followed, not even on the same host: a statement is served
	// where its entity says.
	ErrFetchRedirect = rule("fetch-redirect", ErrUnavailable, "the host answers with a redirect")
	// ErrContentType: not the media type of the endpoint.
	ErrContentType = rule("fetch-content-type", ErrUnavailable, "the host answers with another media type")
	// ErrContentEncoding: a compressed answer, though none was asked for.
	ErrContentEncoding = rule("fetch-content-encoding", ErrUnavailable, "the host answers in an encoding that was not asked for")
	// ErrFetchSize: an answer longer than allowed.
	ErrFetchSize = rule("fetch-size", ErrUnavailable, "the host answers with more than is allowed")
)

// transportError names the rule by which an exchange failed. The guard's own words stay in the chain;
// the address does not: a *url.Error repeats it with its query.
func transportError(err error) error {
	var timeout net.Error
	sentinel := ErrFetchConnect
	switch {
	case errors.Is(err, egress.ErrURL), errors.Is(err, egress.ErrScheme), errors.Is(err, egress.ErrAddressRefused):
		sentinel = ErrFetchAddress
	case errors.Is(err, egress.ErrRedirect):
		sentinel = ErrFetchRedirect
	case errors.Is(err, egress.ErrBodyTooLarge):
		sentinel = ErrFetchSize
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		sentinel = ErrFetchTime
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}
