package generate

// policies are chains of the body under policies and constraints of its superiors, and what these
// forbid: 1 is the contact point about the body, 2 the anchor about the contact point.
func policies(g *group) {
	honest := func(l []link) []link {
		l[1].claims = l[1].claims.changed("metadata_policy", raw(`{"ehds_hdab":{"contacts":{"add":["desk@ncp.fr.test"]}}}`))
		l[2].claims = l[2].claims.changed(
			"metadata_policy", raw(`{"ehds_hdab":{"contacts":{"subset_of":["desk@ncp.fr.test","help@anchor.test"]},"country":{"one_of":["FR","IT"],"essential":true}}}`),
			"constraints", raw(`{"max_path_length":1,"naming_constraints":{"permitted":[".fr.test"],"excluded":["old.fr.test"]},"allowed_entity_types":["ehds_gateway","ehds_hdab"]}`))
		return l
	}
	g.control("chain-policies", chain(body, honest))
	says := func(name, title, rule string, i int, claim, text string) attack {
		return attack{name: name, title: title, rule: rule, control: "chain-policies", doc: chain(body, func(l []link) []link {
			l = honest(l)
			l[i].claims = l[i].claims.changed(claim, raw(text))
			return l
		})}
	}
	const policy, limits, crit = "metadata_policy", "constraints", "metadata_policy_crit"
	g.add(reason{"Policies are merged from the anchor down; one that cannot be met with those above it proves nothing.", "OpenID Federation 1.1 §6.1.3, §6.1.4.1"},
		says("policy-widens", "a contact point adds what the anchor does not allow", "invalid-policy", 1, policy, `{"ehds_hdab":{"contacts":{"add":["mallory@stranger.test"]}}}`),
		says("policy-nothing-common", "two superiors allow no value in common", "invalid-policy", 1, policy, `{"ehds_hdab":{"country":{"one_of":["DE"]}}}`),
		says("policy-combination", "operators that may not stand together", "invalid-policy", 1, policy, `{"ehds_hdab":{"country":{"subset_of":["FR"]}}}`),
		says("policy-other-type", "a contradiction about an entity type the body does not have", "invalid-policy", 2, policy, `{"openid_provider":{"x":{"value":null,"essential":true}}}`),
		says("policy-case", "One_of for one_of", "invalid-policy", 2, policy, `{"ehds_hdab":{"country":{"One_of":["DE"]}}}`),
		says("policy-list", "a policy that is a list", "invalid-policy", 2, policy, `[]`),
		says("policy-operand", "an operator that is given what it does not take", "invalid-policy", 2, policy, `{"ehds_hdab":{"country":{"essential":"true"}}}`),
		says("policy-null", "a policy that is null", "null-claim", 2, policy, `null`),
		says("policy-own", "a policy in the body's own configuration", "misplaced-claim", 0, policy, `{}`),
		says("policy-crit-empty", "an empty list of critical operators", "policy-crit", 2, crit, `[]`),
		says("policy-crit-standard", "a standard operator called critical", "policy-crit", 2, crit, `["value"]`),
	)
	g.add(reason{"Metadata counts as policies leave it; metadata that does not pass them is not used, nor is the chain.", "OpenID Federation 1.1 §6.1.4.2; profile §1"},
		says("metadata-one-of", "a country the anchor does not allow", "invalid-metadata", 2, policy, `{"ehds_hdab":{"country":{"one_of":["IT"]}}}`),
		says("metadata-essential", "a member the anchor requires is absent", "invalid-metadata", 2, policy, `{"ehds_hdab":{"status_list_endpoint":{"essential":true}}}`),
		says("metadata-kind", "a check of lists meets a text", "invalid-metadata", 2, policy, `{"ehds_hdab":{"hdab_code":{"subset_of":["HDH"]}}}`),
		says("metadata-null", "a contact point states null over the body's keys", "invalid-metadata", 1, "metadata", `{"ehds_hdab":{"country":"FR","hdab_code":"HDH","jwks":null}}`),
		says("policy-nation", "a policy that moves the body to another nation", "identity", 2, policy, `{"ehds_hdab":{"country":{"value":"IT"}}}`),
		says("policy-code", "a policy that gives the body another's code", "identity", 1, policy, `{"ehds_hdab":{"hdab_code":{"value":"OTHER"}}}`),
	)
	g.add(reason{"A superior's constraints bind everybody below it, each by itself.", "OpenID Federation 1.1 §6.2; RFC 5280 §4.2.1.10"},
		says("name-not-permitted", "names outside those the anchor permits", "naming-constraint", 2, limits, `{"naming_constraints":{"permitted":[".it.test"]}}`),
		says("name-excluded", "a name the anchor excludes, although it permits it", "naming-constraint", 2, limits, `{"naming_constraints":{"permitted":[".fr.test"],"excluded":["NCP.fr.test"]}}`),
		says("name-suffix", "a name that ends like a permitted one", "naming-constraint", 2, limits, `{"naming_constraints":{"permitted":["p.fr.test"]}}`),
		says("name-none", "a list of permitted names that is empty", "naming-constraint", 2, limits, `{"naming_constraints":{"permitted":[]}}`),
		says("name-url", "a URL where a name is wanted", "constraints", 2, limits, `{"naming_constraints":{"excluded":["https://ncp.fr.test"]}}`),
		says("path-length-negative", "fewer than no intermediates", "constraints", 2, limits, `{"max_path_length":-1}`),
		says("constraint-null", "a constraint that is null", "constraints", 2, limits, `{"naming_constraints":null}`),
	)
}
