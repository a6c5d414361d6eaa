package exchange

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Handler applies one message to its case: it reads h, changes h.Doc and queues follow-ups. It is
// pure: the record may call it inside its writer. Findings of severity violation mean NOT_VALIDATED;
// such a handler leaves h.Doc and the outbox untouched.
type Handler func(h *Handling) []ehds.Finding

// Handlers is what this gateway can do with the messages it receives. Its keys are the message types
// its metadata lists.
type Handlers map[ehds.MessageType]Handler

// Types lists the types handled by one of them.
func Types(list ...Handlers) []ehds.MessageType {
	var out []ehds.MessageType
	for _, r := range ehds.TypeRules() {
		for _, t := range []ehds.MessageType{r.Type, r.Type.Response()} {
			if slices.ContainsFunc(list, func(hs Handlers) bool { _, ok := hs[t]; return ok }) {
				out = append(out, t)
			}
		}
	}
	return out
}

// Handling is one message and the case it changes.
type Handling struct {
	Env     ehds.Envelope
	Message *store.Inbound
	Doc     []byte // case document before; nil when the case is new. Set it to change the case
	Now     time.Time
	Send    []store.Outgoing
	Leaves  []store.NewLeaf
	Permits []store.PermitWrite
}

// Body decodes the body. The schema has been checked, so a failure is our own defect and shows as a
// finding.
func (h *Handling) Body(v any) []ehds.Finding {
	if err := json.Unmarshal(h.Env.Body, v); err != nil {
		return violation("/body", "body-unreadable", "the body cannot be read")
	}
	return nil
}

// violation is a single finding that refuses a message at business level.
func violation(pointer, code, message string) []ehds.Finding {
	return []ehds.Finding{{Pointer: pointer, Code: code, Severity: "violation", Message: message}}
}

// refused says whether findings refuse the message.
func refused(list []ehds.Finding) bool {
	for _, f := range list {
		if f.Severity == "violation" {
			return true
		}
	}
	return false
}

// handle runs the handler of a message and queues the business response where one is due. noted are
// findings about the message that its handler cannot know.
func (in *Inbox) handle(s store.State, env ehds.Envelope, m *store.Inbound, change *store.Change, noted ...ehds.Finding) *fault.Error {
	handler, ok := in.handler(env)
	if !ok {
		return invalid("type-not-supported", "/type", "this gateway does not handle this message type")
	}
	doc := s.Doc
	if change.Doc != nil {
		doc = change.Doc
	}
	h := &Handling{Env: env, Message: m, Doc: doc, Now: s.Now}
	findings := append(noted, handler(h)...)
	if !refused(findings) {
		if h.Doc != nil {
			change.Doc = h.Doc
		}
		change.Leaves = append(change.Leaves, h.Leaves...)
		change.Permits = append(change.Permits, h.Permits...)
	}
	in.respond(env, m, change, append(findings, in.Schemas.Remarks(env.Type, env.Body)...))
	if !refused(findings) {
		change.Send = append(change.Send, h.Send...)
	}
	return nil
}

// respond queues the business response of a message, before anything the message caused, so that
// the sender learns the outcome first.
func (in *Inbox) respond(env ehds.Envelope, m *store.Inbound, change *store.Change, findings []ehds.Finding) {
	rule, ok := ehds.Lookup(env.Type)
	if !ok || !rule.Answered {
		return
	}
	body := ehds.ResponseBody{Result: ehds.Validated, Findings: findings}
	if refused(findings) {
		body.Result = ehds.NotValidated
	}
	change.Send = append(change.Send, in.Compose.Message(Draft{
		To: env.Iss, Type: env.Type.Response(), Case: env.Case, Track: env.Track,
		Ref: env.Jti, RefSHA256: m.TokenSHA256, Body: body,
	}))
}

// respondRefused answers a held message that its turn found impossible.
func (in *Inbox) respondRefused(_ store.State, env ehds.Envelope, m *store.Inbound, change *store.Change, f *fault.Error) {
	in.respond(env, m, change, violation(f.Field, f.Code, f.Detail))
}
