package store

import (
	"time"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// State is what a change is computed from.
type State struct {
	Case     string
	Doc      []byte // the case document as last stored; nil when the case is new
	Revision int64  // 0 when the case is new
	Now      time.Time
	// Applied is the highest inbound number applied, per sender.
	Applied map[string]int64
	// Held are inbound messages of this case stored but not applied, in the order they came.
	Held []Held
	// Load reads a message that is held, content and all. It is the one look into the store that a
	// change may take, so that what waits is in memory only while it is applied.
	Load func(MessageRef) (Message, error)
}

// Held is a message that waits for an earlier number, without its content.
type Held struct {
	MessageRef
	Seq        int64
	Rejected   bool
	ReceivedAt time.Time
	Size       int64 // bytes of content on record
}

// Standing is where a sender stands in a case.
type Standing struct {
	Applied int64  // its highest number applied
	Held    []Held // its messages that wait, in the order they came
}

// Change is what follows, committed together.
type Change struct {
	Doc     []byte           // new case document; nil leaves it
	Message *Inbound         // the inbound message, claimed by (iss, jti)
	Applied map[string]int64 // new highest inbound number applied, per sender
	Unheld  []MessageRef     // held messages applied by this change
	Send    []Outgoing       // messages to peers and tasks to connectors, in order
	Settle  *Settlement      // what became of an outbox row
	Leaves  []NewLeaf        // evidence beyond the message itself
	Permits []PermitWrite
	Mail    []MailWrite // connector mailboxes, for instance an event cursor
	// Describe is what a dataset case describes from now on; nil leaves it.
	Describe *DescriptionWrite
}

// MessageRef names a message.
type MessageRef struct{ Iss, Jti string }

// Inbound is a message to record. Its leaf (class "in", or "receipt", "response" as Class says)
// covers Token.
type Inbound struct {
	Iss, Jti    string
	Type        string
	Seq         int64
	Class       evidence.Class
	Digest      string // content digest, wire profile §3
	TokenSHA256 string
	Token       string
	Claims      []byte // the decoded payload
	Rejected    bool
	Held        bool
	Problem     []byte            // RFC 9457 object when rejected
	Blobs       map[string]string // attachment id → staged blob id
	// Filed names the case that keeps token, claims and problem and lists the leaf, when it is not the
	// case of the update: nobody can say what a rejected message holds, so in a case that is not
	// personal it is sealed elsewhere. It is no case identifier. The number counts in the case of the
	// update all the same.
	Filed string
}

// Outgoing is an outbox row to write. For ChannelCentral the record assigns the next number of
// (us, Target, case) in the same transaction.
type Outgoing struct {
	Channel   Channel
	Target    string
	Jti       string
	Type      string
	Case      string            // "" means the case of the update
	Payload   []byte            // claims without iat, exp, seq; or the task
	Blobs     map[string]string // attachment id → blob id
	NotBefore time.Time
	// Seq, when not zero, takes a number instead of the next one: exchange.void carries the number of
	// the message it replaces, and goes before the rows that wait behind it.
	Seq int64
}

// Settlement changes a row. State OutboxQueued with a Due means "again then"; zero Due leaves it.
type Settlement struct {
	ID      int64
	State   OutboxState
	Due     time.Time
	Reason  string
	Receipt string
	Attempt *Attempt // a signed token about to leave; its leaf (class "out") is appended
	Counted bool     // this settlement ends an attempt: Attempts is incremented
	// Prepared replaces what the row holds; nil leaves it. What is sealed for one reader is sealed once,
	// and every attempt to send it carries the same.
	Prepared *Prepared
}

// Prepared is the content of an outbox row as it is to be sent.
type Prepared struct {
	Payload []byte            // as in Outgoing
	Blobs   map[string]string // as in Outgoing; staged ones become part of the case
}

// NewLeaf is evidence of something else: a decision, a transition, a peer's receipt. Material is
// what the leaf commits to, sealed for personal cases.
type NewLeaf struct {
	Class    evidence.Class
	Material []byte
}

// PermitWrite inserts a permit version or changes the status of one. Inserting takes the index of
// the list, or fails with ErrIndexUsed.
type PermitWrite struct {
	ID     string
	Token  string // set when inserting
	List   string // URI of the status list
	Index  int64
	Status int // status list value
}

// MailWrite writes a mailbox entry in the transaction of a change.
type MailWrite struct {
	Namespace string
	Mail
}

// Committed is what Update returns once the change is durable.
type Committed struct {
	At         time.Time // time of the commit group, microseconds, UTC
	Revision   int64
	Message    *Message // the recorded message with its leaf, when the change had one
	Checkpoint []byte   // the group's signed checkpoint
	Sent       []Sent   // numbers given to Change.Send, in order
}

// Sent is an outbox row as written.
type Sent struct {
	ID, Seq int64
	Jti     string
}
