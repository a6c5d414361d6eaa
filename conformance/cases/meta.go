package cases

import (
	"context"
	"slices"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// meta are the cases of group META: what a target says of itself, and the least it does.
func meta() []c.Case {
	return []c.Case{
		{
			ID: "EHG-META-001", Title: "An application is received, receipted and answered", Level: c.Must, Polarity: c.Positive,
			Why:      "Without this nothing else means anything: the receipt says what was stored, the response what it is worth.",
			Profiles: []c.Profile{c.Core}, Clauses: []string{"wire §4", "D7.3 §5.2 use case 4"}, Run: applicationAnswered,
		},
		{
			ID: "EHG-META-002", Title: "The metadata lists what the gateway speaks", Level: c.Must, Polarity: c.Positive,
			Why:      "Others decide by it what they may send: a type that is missing is never sent, one too many is lost.",
			Profiles: []c.Profile{c.Core}, Clauses: []string{"wire §1"}, Run: metadataLists,
		},
	}
}

func applicationAnswered(ctx context.Context, t *c.T) {
	body := t.Application(nil)
	env := t.Draft(t.Centre, ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), body)
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the receipt says RECEIVED and its evidence holds", s.Received() && s.Fault == nil, "RECEIVED", s.Code())
	r := t.Await(ctx, t.Centre, "wire §4", "the business response", func(r peer.Received) bool { return r.Env.Ref == env.Jti && r.Env.Type.IsResponse() })
	t.Check("wire §4", "the response is of the type it answers", r.Env.Type == ehds.ApplicationSubmit.Response(), ehds.ApplicationSubmit.Response(), r.Env.Type)
	t.Check("D7.3 §5.2 use case 4", "a complete application is validated", c.ResponseOf(r).Result == ehds.Validated, ehds.Validated, string(r.Env.Body))
	a := t.Await(ctx, t.Centre, "D7.3 §5.2 use case 4", "the acknowledgement", func(r peer.Received) bool {
		return r.Env.Type == ehds.ApplicationAck && r.Env.Case == env.Case
	})
	t.Check("wire §3", "the acknowledgement names its track", a.Env.Track != nil && a.Env.Track.HDAB != "", "a track", a.Env.Track)
	t.Check("wire §3", "it refers to the application's message and its receipt", a.Env.Ref == env.Jti && a.Env.RefSHA256 == s.Final.TokenSHA256, env.Jti, a.Env.Ref)
}

func metadataLists(ctx context.Context, t *c.T) {
	p, err := t.Centre.Resolver().Resolve(ctx, t.Entity(), nil)
	t.Trouble(err)
	t.Require("wire §1", "the entity is a gateway", p.Gateway != nil, "ehds_gateway metadata", nil)
	for _, r := range ehds.TypeRules() {
		if r.Directions&ehds.Down != 0 && !r.Extension {
			t.Check("wire §1", "message_types lists "+string(r.Type), slices.Contains(p.Gateway.MessageTypes, string(r.Type)), r.Type, p.Gateway.MessageTypes)
		}
	}
	t.Check("wire §1", "a profile of HealthData@EU is listed", slices.ContainsFunc(p.Gateway.Profiles, func(s string) bool {
		return s == ehds.ProfileR6 || s == ehds.ProfileR7 || s == ehds.ProfileR8
	}), "hdeu-r6, hdeu-r7 or hdeu-r8", p.Gateway.Profiles)
	t.Check("wire §7", "the evidence log is named", p.LogOf().Origin != "" && len(p.LogOf().VKeys) > 0, "origin and vkeys", p.LogOf())
}
