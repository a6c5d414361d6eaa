package central

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// entry is one line of the journal: everything one event changed. Applying the lines in order
// rebuilds the state; no rule is run again.
type entry struct {
	At           time.Time         `json:"at"`
	Message      *message          `json:"message,omitempty"`
	Unheld       []messageRef      `json:"unheld,omitempty"`
	Applied      []applied         `json:"applied,omitempty"`
	Leaves       []leaf            `json:"leaves,omitempty"`
	Nations      map[string]string `json:"nations,omitempty"` // country → entity of its contact point
	Datasets     []dataset         `json:"datasets,omitempty"`
	Applications []application     `json:"applications,omitempty"`
	Queued       []outbound        `json:"queued,omitempty"`
	Responses    []responseTo      `json:"responses,omitempty"`
	Attempt      *attempt          `json:"attempt,omitempty"`
	Settled      *settlement       `json:"settled,omitempty"`
}

// leaf is one entry of the evidence log, with the salt that links it to its token.
type leaf struct {
	Class string `json:"class"`
	Salt  []byte `json:"salt"`
	Text  string `json:"text"`
}

type messageRef struct {
	Iss string `json:"iss"`
	Jti string `json:"jti"`
}

// line is where order holds: one peer, one case.
type line struct {
	Peer string `json:"peer"`
	Case string `json:"case"`
}

type applied struct {
	line
	Seq int64 `json:"seq"`
}

// message is a message received and its receipt.
type message struct {
	messageRef
	Type        ehds.MessageType `json:"type"`
	Case        string           `json:"case"`
	Seq         int64            `json:"seq"`
	Nation      string           `json:"nation"` // of the sender, from its credential
	Digest      string           `json:"digest"`
	TokenSHA256 string           `json:"token_sha256"`
	Token       string           `json:"token"`
	Received    time.Time        `json:"received"`
	Held        bool             `json:"held,omitempty"`
	Rejected    bool             `json:"rejected,omitempty"`
	HTTPStatus  int              `json:"http_status"`
	PermitFault string           `json:"permit_fault,omitempty"` // why the permit inside does not hold
	Receipt     string           `json:"receipt"`
}

// outState is where a message to a peer stands.
type outState string

const (
	outQueued    outState = "QUEUED"
	outDelivered outState = "RECEIVED"
	outDead      outState = "FAILED"
)

// outbound is a message to a peer: its claims without times, and what became of it.
type outbound struct {
	Env      ehds.Envelope      `json:"env"`
	State    outState           `json:"state"`
	Tries    int                `json:"tries"`
	Due      time.Time          `json:"due"`
	Reason   string             `json:"reason,omitempty"`
	Receipt  string             `json:"receipt,omitempty"`
	Replaces string             `json:"replaces,omitempty"` // id of the message whose number this one takes
	Response *ehds.ResponseBody `json:"response,omitempty"`
	tokens   []string           // every attempt
}

func (o *outbound) line() line { return line{o.Env.Aud, o.Env.Case} }

// responseTo is the business response to a message of ours.
type responseTo struct {
	Jti  string            `json:"jti"`
	Body ehds.ResponseBody `json:"body"`
}

type attempt struct {
	Jti   string `json:"jti"`
	Token string `json:"token"`
}

type settlement struct {
	Jti     string    `json:"jti"`
	State   outState  `json:"state"`
	Due     time.Time `json:"due"`
	Reason  string    `json:"reason,omitempty"`
	Receipt string    `json:"receipt,omitempty"`
}

// state is everything the central knows, rebuilt from the journal.
type state struct {
	inbox        map[messageRef]*message
	applied      map[line]int64
	held         map[line][]messageRef
	nations      map[string]string
	datasets     map[string]*dataset // by central id
	origins      map[originKey]string
	iris         map[string]string // IRI → central id of the dataset that last used it
	applications map[string]*application
	out          map[string]*outbound // by jti
	outSeq       map[line]int64
	queues       map[line][]string // jti, in the order of their numbers
}

// originKey is a dataset's identity: nation and identifier at origin.
type originKey struct{ nation, identifier string }

func newState() *state {
	return &state{
		inbox: map[messageRef]*message{}, applied: map[line]int64{}, held: map[line][]messageRef{},
		nations: map[string]string{}, datasets: map[string]*dataset{}, origins: map[originKey]string{},
		iris: map[string]string{}, applications: map[string]*application{}, out: map[string]*outbound{}, outSeq: map[line]int64{},
		queues: map[line][]string{},
	}
}

// apply takes over one entry. It cannot fail: whoever made the entry has checked it.
func (s *state) apply(e *entry) {
	if m := e.Message; m != nil {
		s.inbox[m.messageRef] = m
		if m.Held {
			l := line{m.Iss, m.Case}
			s.held[l] = append(s.held[l], m.messageRef)
		}
	}
	for _, ref := range e.Unheld {
		m := s.inbox[ref]
		m.Held = false
		l := line{m.Iss, m.Case}
		s.held[l] = slices.DeleteFunc(s.held[l], func(r messageRef) bool { return r == ref })
		if len(s.held[l]) == 0 {
			delete(s.held, l)
		}
	}
	for _, a := range e.Applied {
		s.applied[a.line] = a.Seq
	}
	for country, entity := range e.Nations {
		s.nations[country] = entity
	}
	for _, d := range e.Datasets {
		s.datasets[d.CentralID], s.origins[originKey{d.Nation, d.Identifier}] = &d, d.CentralID
		if !d.Deleted {
			s.iris[d.IRI] = d.CentralID
		}
	}
	for _, a := range e.Applications {
		s.applications[a.ID] = &a
	}
	for _, o := range e.Queued {
		s.enqueue(&o)
	}
	for _, r := range e.Responses {
		s.out[r.Jti].Response = &r.Body
	}
	s.applySending(e)
}

// enqueue puts a message at the end of its line, or in the place of the one it replaces.
func (s *state) enqueue(o *outbound) {
	l := o.line()
	s.out[o.Env.Jti] = o
	s.outSeq[l] = max(s.outSeq[l], o.Env.Seq)
	if i := slices.Index(s.queues[l], o.Replaces); o.Replaces != "" && i >= 0 {
		s.queues[l][i] = o.Env.Jti
		return
	}
	s.queues[l] = append(s.queues[l], o.Env.Jti)
}

func (s *state) applySending(e *entry) {
	if a := e.Attempt; a != nil {
		s.out[a.Jti].tokens = append(s.out[a.Jti].tokens, a.Token)
	}
	r := e.Settled
	if r == nil {
		return
	}
	o := s.out[r.Jti]
	o.State, o.Due, o.Reason, o.Tries = r.State, r.Due, r.Reason, o.Tries+1
	if r.Receipt != "" {
		o.Receipt = r.Receipt
	}
	if r.State == outQueued {
		return
	}
	l := o.line()
	s.queues[l] = slices.DeleteFunc(s.queues[l], func(jti string) bool { return jti == r.Jti })
	if len(s.queues[l]) == 0 {
		delete(s.queues, l)
	}
}

// clone copies a document, so that a handler may change it before anything is written. Documents are
// made of JSON, so this cannot fail.
func clone[T any](v *T) *T {
	raw, err := json.Marshal(v)
	out := new(T)
	if err == nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		panic("central: a document does not copy: " + err.Error())
	}
	return out
}
