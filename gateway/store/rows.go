package store

import (
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Message is a recorded inbound message. After Erase the sealed fields are empty and Erased is set.
type Message struct {
	Inbound
	Case       string
	ReceivedAt time.Time
	Receipt    string // as given, when saved
	Leaf       LeafRef
	Erased     bool
	// WasHeld says that the message was held when it was recorded, as its receipt told.
	WasHeld bool
}

// LeafRef places a leaf in the log. Size is the tree size of the commit group's checkpoint.
type LeafRef struct {
	Index, Size int64
	Salt        []byte
}

// Channel says who works an outbox row.
type Channel string

// The channels.
const (
	ChannelCentral  Channel = "central"  // a message to a peer; Target is its entity identifier
	ChannelPermits  Channel = "permits"  // a task for a permit connector; Target is the instance
	ChannelInternal Channel = "internal" // our own follow-up, for instance issuing a permit
)

// OutboxState is where a row stands.
type OutboxState string

// The states.
const (
	OutboxQueued    OutboxState = "queued" // waiting for its turn or its next attempt
	OutboxDelivered OutboxState = "delivered"
	OutboxDead      OutboxState = "dead" // given up, Reason says why; can be redriven
)

// Outbox is a row.
type Outbox struct {
	ID       int64
	Channel  Channel
	Target   string
	Jti      string
	Type     string
	Case     string
	Seq      int64 // 0 for tasks
	Payload  []byte
	Blobs    map[string]string
	State    OutboxState
	Attempts int
	Reason   string
	Receipt  string // the peer's receipt, when delivered
	Created  time.Time
	Due      time.Time
}

// Attempt is one signing of an outbox row.
type Attempt struct {
	Token       string
	TokenSHA256 string
	At          time.Time
}

// Permit is a permit version on record.
type Permit struct {
	ID, Case, Token, List string
	Index                 int64
	Status                int
	IssuedAt              time.Time
}

// Mail is a mailbox entry. Case names the case whose key seals Value; "" leaves it clear.
type Mail struct {
	Key, Case string
	Value     []byte
}

// Blob is a stored attachment.
type Blob struct {
	ID     string
	Size   int64
	SHA256 string // lower-case hex
}

// Case is a case document.
type Case struct {
	ID       string
	Doc      []byte
	Revision int64
	Updated  time.Time
	Erased   bool
}

// Evidence is one leaf of a case.
type Evidence struct {
	Index    int64
	Class    evidence.Class
	Salt     []byte
	Leaf     []byte
	Material []byte // token or record
	At       time.Time
}

// Counts are totals.
type Counts struct {
	Messages int64 `json:"messages"`
	Cases    int64 `json:"cases"`
	Leaves   int64 `json:"leaves"`
	Queued   int64 `json:"queued"`
	Dead     int64 `json:"dead"`
	Permits  int64 `json:"permits"`
}
