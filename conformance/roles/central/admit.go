package central

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// maxSeq is the largest number a message may have (wire profile §3).
const maxSeq = 1<<53 - 1

// admit applies the rules that come after the signature and need no attachment: times, form, marks,
// type and direction, reference, schema.
func (c *Central) admit(d *delivery) *refusal {
	if !d.v.Current() {
		return refuse(http.StatusForbidden, "outside-its-time", "", "sign the message again")
	}
	if err := forge.DecodeExact(d.v.Token.Payload, &d.env); err != nil {
		return refuse(http.StatusBadRequest, "envelope", "", "the claims have an unknown, mistyped or misspelt member")
	}
	rule, known := ehds.Lookup(d.env.Type)
	if !known {
		return invalid("unknown-type", "/type", "this message type is not part of the profile")
	}
	d.rule = rule
	if r := c.authorise(d); r != nil {
		return r
	}
	if r := checkForm(&d.env, rule); r != nil {
		return r
	}
	if r := c.checkReference(&d.env); r != nil {
		return r
	}
	schema, ok := ehds.Schema(d.env.Type)
	if !ok {
		return invalid("unknown-type", "/type", "this message type has no schema")
	}
	if found := forge.CheckBody(schema, d.env.Body); len(found) > 0 {
		return invalid("schema", "/body"+found[0].Pointer, "the body breaks its schema: "+found[0].Rule)
	}
	return nil
}

// authorise checks that a mark allows the type upwards.
func (c *Central) authorise(d *delivery) *refusal {
	worst := roles.ErrNoMark
	allowed := d.rule.Allowed(ehds.Up, func(m ehds.Mark) bool {
		err := d.v.Peer.Holds(d.v.At, m)
		if err != nil && !errors.Is(err, roles.ErrNoMark) {
			worst = err
		}
		return err == nil
	})
	switch {
	case allowed && d.env.Origin != nil:
		return refuse(http.StatusForbidden, "origin-not-allowed", "/origin", "only the central platform states an origin")
	case allowed:
		return nil
	case errors.Is(worst, roles.ErrUnavailable):
		return unavailable("mark-unknown")
	case errors.Is(worst, roles.ErrSuspended):
		return refuse(http.StatusForbidden, "suspended", "", "the sender's role is suspended")
	}
	return refuse(http.StatusForbidden, "not-allowed", "", "the sender's role does not allow this type in this direction")
}

// checkForm judges the claims one by one.
func checkForm(e *ehds.Envelope, rule ehds.TypeRule) *refusal {
	id, err := ehds.ParseCaseID(e.Case)
	list := roles.CheckAttachmentList(e.Attachments)
	switch {
	case e.Seq < 1 || e.Seq > maxSeq:
		return invalid("seq-range", "/seq", "seq is an integer from 1")
	case !slices.Contains(spoken, e.Profile):
		return invalid("unknown-profile", "/profile", "this message profile is not spoken here")
	case rule.Extension && e.Profile != ehds.ProfileExt1:
		return invalid("unknown-profile", "/profile", "this message type is of profile ext-1")
	case err != nil:
		return invalid("case-form", "/case", "case is not a case identifier")
	case rule.Case != "" && id.Kind != rule.Case:
		return invalid("case-kind", "/case", "this message type belongs to another kind of case")
	case (e.Ref == "") != (e.RefSHA256 == "") || rule.NeedsRef && e.Ref == "":
		return invalid("ref-form", "/ref", "ref and ref_sha256 name the message answered")
	case rule.NeedsTrack && (e.Track == nil || e.Track.CatalogID == "" || e.Track.HDAB == ""):
		return invalid("track-missing", "/track", "this message type names its track")
	case e.Sealed != "" || e.SealedCommit != "":
		return invalid("sealed-not-allowed", "/sealed", "the centre reads what passes through it")
	case !strings.HasPrefix(string(e.Body), "{"):
		return invalid("body-missing", "/body", "body is an object")
	case list == "too-many-attachments" || list == "attachments-too-large":
		return refuse(http.StatusRequestEntityTooLarge, list, "/attachments", "more than the limit")
	case list != "":
		return invalid(list, "/attachments", "an entry of the attachment list is malformed")
	}
	return nil
}

// checkReference wants ref to name a message we sent to this peer in this case, and ref_sha256 one of
// the tokens we signed for it.
func (c *Central) checkReference(e *ehds.Envelope) *refusal {
	if e.Ref == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.state.out[e.Ref]
	if o == nil || o.Env.Aud != e.Iss || o.Env.Case != e.Case || e.Type.IsResponse() && o.Env.Type != e.Type.Answers() {
		return invalid("unknown-ref", "/ref", "ref names no message sent to this peer in this case")
	}
	if !slices.ContainsFunc(o.tokens, func(t string) bool { return forge.SHA256Hex(t) == e.RefSHA256 }) {
		return invalid("unknown-ref", "/ref_sha256", "ref_sha256 is no token of that message")
	}
	return nil
}
