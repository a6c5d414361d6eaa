package config

import (
	"slices"
	"time"
)

// PermitRecipient is a system that is told of permits on behalf of those who must know of them: data holders,
// operators of secure processing environments, users.
type PermitRecipient struct {
	// ID names it in the outbox and in evidence: [a-z0-9-], unique over the gateway and all bodies.
	ID string `yaml:"id"`
	// Kind says in which role it is told: holder, spe or user.
	Kind string `yaml:"kind"`
	// Name is the name of the holder or operator as permits have it; an asterisk stands for any characters. A
	// user has none: one system takes what goes to users.
	Name string `yaml:"name"`
	// URL takes the notices, by POST.
	URL string `yaml:"url"`
	// Secret signs them (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes; best as file:PATH.
	Secret Secret `yaml:"secret"`
}

// Telling is how those who must know of a body's permits are told.
type Telling struct {
	AcknowledgeWithin time.Duration
	Recipients        []PermitRecipient // the first that fits is told
}

// Telling is a body's: its own settings, and the gateway's for what it has none of. A body needs no permit
// system of its own for that.
func (c *Config) Telling(h HDAB) Telling {
	out := Telling{c.Permits.AcknowledgeWithin, slices.Concat(h.Permits.Recipients, c.Permits.Recipients)}
	if h.Permits.AcknowledgeWithin != 0 {
		out.AcknowledgeWithin = h.Permits.AcknowledgeWithin
	}
	return out
}

// Bounds of permits.acknowledge_within.
const (
	shortestAcknowledge = time.Hour
	longestAcknowledge  = 90 * 24 * time.Hour
)

// bringsNotices is the driver whose national system brings notices to recipients by itself.
const bringsNotices = "dispatcher"

// checkTelling looks after how those who must know of a permit are told, by the gateway and by each body.
func (b *builder) checkTelling(c *Config) {
	between(b, "permits.acknowledge_within", c.Permits.AcknowledgeWithin, shortestAcknowledge, longestAcknowledge)
	ids, used := map[string]int{}, false
	b.checkRecipients("permits.recipients", c.Permits.Recipients, ids, c.Development)
	for i, h := range c.HDABs {
		path := at("hdabs", i) + ".permits"
		if h.Permits.AcknowledgeWithin != 0 {
			between(b, path+".acknowledge_within", h.Permits.AcknowledgeWithin, shortestAcknowledge, longestAcknowledge)
		}
		b.checkRecipients(path+".recipients", h.Permits.Recipients, ids, c.Development)
		brings := c.driverOf(h) == bringsNotices
		used = used || !brings
		if brings && len(h.Permits.Recipients) > 0 {
			b.refuse(path+".recipients", "the body's permit system brings notices by itself")
		}
	}
	if len(c.Permits.Recipients) > 0 && len(c.HDABs) > 0 && !used {
		b.refuse("permits.recipients", "the permit system brings notices by itself")
	}
}

// driverOf is the driver of a body's permit system.
func (c *Config) driverOf(h HDAB) string {
	if h.Permits.Driver != "" {
		return h.Permits.Driver
	}
	return c.Permits.Driver
}

func (b *builder) checkRecipients(list string, recipients []PermitRecipient, ids map[string]int, development bool) {
	for i, r := range recipients {
		path := at(list, i)
		if b.required(path+".id", r.ID) {
			b.form(path+".id", r.ID, idForm, "small letters, digits and inner hyphens, at most 32")
			b.unique(path+".id", ids, r.ID, i)
		}
		b.oneOf(path+".kind", r.Kind, "holder", "spe", "user")
		switch {
		case r.Kind == "user" && r.Name != "":
			b.refuse(path+".name", "users are not told apart: leave it out")
		case r.Kind != "user":
			b.required(path+".name", r.Name)
		}
		if b.required(path+".url", r.URL) {
			b.entityURL(path+".url", r.URL, development)
		}
		if r.Secret.IsZero() {
			b.refuse(path+".secret", "required; file:PATH of the secret, or env:NAME")
		}
	}
}
