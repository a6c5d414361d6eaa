package generate

import (
	"encoding/json"
	"net/url"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

const (
	fetchPath  = "/federation/fetch"
	statusPath = "/federation/mark-status"
	wellKnown  = "/.well-known/openid-federation"
)

// statement are claims of an entity statement.
func statement(iss, sub string, k *forge.Key) claims {
	return claims{"iss": iss, "sub": sub, "iat": now(), "exp": now() + life, "jwks": forge.NewJWKS(k)}
}

// configuration is what an entity says of itself.
func configuration(entity string) claims {
	c := statement(entity, entity, fedKey(entity))
	md := claims{"federation_entity": claims{
		"federation_fetch_endpoint": entity + fetchPath, "federation_trust_mark_status_endpoint": entity + statusPath,
	}}
	switch entity {
	case anchor:
		return c.changed("metadata", md)
	case body:
		c["authority_hints"] = []string{french}
		md["ehds_hdab"] = claims{"jwks": forge.NewJWKS(permitKey(entity)), "country": "FR", "hdab_code": "HDH"}
		c["trust_marks"] = []claims{{"trust_mark_type": markType("hdab"), "trust_mark": mark(entity, "hdab")}}
	default:
		c["authority_hints"] = []string{anchor}
		md["ehds_gateway"] = claims{
			"exchange_endpoint": entity + "/exchange", "jwks": forge.NewJWKS(exchangeKey(entity), es256Key(entity)),
			"country": country(entity), "profiles": []string{"hdeu-r6"}, "message_types": []string{"dataset.response"},
			"signing_alg_values_supported": []string{"Ed25519", "ES256"},
		}
		c["trust_marks"] = []claims{{"trust_mark_type": markType(role(entity)), "trust_mark": mark(entity, role(entity))}}
	}
	return c.changed("metadata", md)
}

// about is what a superior says of an entity.
func about(superior, entity string) claims {
	c := statement(superior, entity, fedKey(entity))
	if entity == body {
		return c.changed("metadata", claims{"ehds_hdab": claims{"country": "FR", "hdab_code": "HDH"}})
	}
	return c.changed("metadata", claims{"ehds_gateway": claims{"country": country(entity)}})
}

func country(entity string) string {
	return map[string]string{centre: "EU", french: "FR", roman: "IT"}[entity]
}

func role(entity string) string {
	if entity == centre {
		return "central-platform"
	}
	return "ncp"
}

func markType(name string) string { return anchor + "/marks/" + name }

func markClaims(entity, name string) claims {
	return claims{"iss": anchor, "sub": entity, "trust_mark_type": markType(name), "iat": now(), "exp": now() + 7*86400}
}

func mark(entity, name string) string {
	return sign(fedKey(anchor), "trust-mark+jwt", markClaims(entity, name))
}

// signedConfiguration and signedAbout are the honest statements.
func signedConfiguration(entity string) string {
	return sign(fedKey(entity), "entity-statement+jwt", configuration(entity))
}

func signedAbout(superior, entity string) string {
	return sign(fedKey(superior), "entity-statement+jwt", about(superior, entity))
}

// chainOf is the honest chain of an entity directly under the anchor.
func chainOf(entity string) []string {
	return []string{signedConfiguration(entity), signedAbout(anchor, entity), signedConfiguration(anchor)}
}

// bodyChain is the honest chain of the body: under its contact point, under the anchor.
func bodyChain() []string {
	return []string{signedConfiguration(body), signedAbout(french, body), signedAbout(anchor, french), signedConfiguration(anchor)}
}

// statusAnswer is the anchor's word on a mark.
func statusAnswer(mark, status string, iat int64) string {
	return sign(fedKey(anchor), "trust-mark-status-response+jwt", claims{"iss": anchor, "iat": iat, "trust_mark": mark, "status": status})
}

func getConfiguration(entity string) string { return "GET " + entity + wellKnown }

func getAbout(superior, entity string) string {
	return "GET " + superior + fetchPath + "?" + url.Values{"sub": {entity}}.Encode()
}

// postStatus is the question about a mark: it stands in the body, so its digest names it.
func postStatus(mark string) string {
	return "POST " + anchor + statusPath + " " + forge.SHA256Hex(mark)
}

// theWorld is what the hosts of the world answer.
func theWorld() vectors.World {
	w := vectors.World{
		At: now(), Anchor: anchor, AnchorKeys: must(json.Marshal(forge.NewJWKS(fedKey(anchor)))),
		Onboarded: []string{centre, french, body}, Served: map[string]string{getConfiguration(anchor): signedConfiguration(anchor)},
	}
	for _, e := range []string{centre, french, body, roman} {
		superior, name := anchor, role(e)
		if e == body {
			superior, name = french, "hdab"
		}
		m := mark(e, name)
		w.Served[postStatus(m)] = statusAnswer(m, "active", now())
		if e == roman {
			continue // its own host may not be asked, nor the anchor about it
		}
		w.Served[getConfiguration(e)] = signedConfiguration(e)
		w.Served[getAbout(superior, e)] = signedAbout(superior, e)
	}
	return w
}
