package connectors

import (
	"context"
	"io"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Central moves signed tokens to a peer. It never looks inside and never retries.
type Central interface {
	// Send delivers one token with its attachments. A non-nil error is a transport failure: the peer
	// may or may not have the message. An Answer is what the peer said, good or bad.
	Send(ctx context.Context, p Peer, token string, attachments []Outbound) (Answer, error)
}

// Peer is where to send: taken from verified metadata, never from a message.
type Peer struct {
	Entity   string
	Endpoint string
}

// Outbound is an attachment to send.
type Outbound struct {
	ehds.Attachment
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Answer is a peer's synchronous answer.
type Answer struct {
	Status     int    // HTTP status or its equivalent
	Receipt    string // ehds-receipt+jwt, compact; empty when the peer gave none
	Problem    []byte // RFC 9457 object, when the peer gave one instead
	RetryAfter time.Duration
}
