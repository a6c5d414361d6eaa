package config

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Forms of the words a configuration holds.
var (
	idForm       = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
	codeForm     = regexp.MustCompile(`^[A-Za-z0-9]{1,16}$`)
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	profileForm  = regexp.MustCompile(`^[a-z]{2,8}-(r?[0-9]{1,3})$`)
	wordForm     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	mailForm     = regexp.MustCompile(`^[^@\s<>"]{1,64}@[A-Za-z0-9.-]{1,253}$`)
)

// Longest lifetimes of a token (wire profile §3): on https, and on transports
// that store and forward.
const (
	maxLifetimeHTTPS = 24 * time.Hour
	maxLifetimeStore = 14 * 24 * time.Hour
)

// check applies every rule to a configuration whose values have the right form.
func (b *builder) check(c *Config) {
	b.checkIdentity(c)
	b.checkPKCS11(c.Keys.PKCS11)
	b.checkListeners(c)
	b.checkTrust(c)
	b.checkHDABs(c.HDABs, c.Country)
	b.checkCatalogue(c.Catalogue, c.Development)
	b.checkMirror(c.Catalogue.Mirror, c.Development)
	b.checkDrivers(c)
	b.checkPeers(c)
	b.checkExchange(c)
	b.checkEvidence(c)
	b.checkCache(c.Cache)
	b.oneOf("gates.early_categories", c.Gates.EarlyCategories, "info", "warning")
	b.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	b.oneOf("log.format", c.Log.Format, "json", "text")
}

func (b *builder) checkIdentity(c *Config) {
	switch {
	case c.Version == 0:
		b.refuse("version", "required; write %d", Version)
	case c.Version != Version:
		b.refuse("version", "this program reads version %d", Version)
	}
	if b.required("entity", c.Entity) {
		b.entityURL("entity", c.Entity, c.Development)
		if strings.HasSuffix(c.Entity, "/") {
			b.refuse("entity", "must not end with a slash")
		}
	}
	if b.required("country", c.Country) && !isCountry(c.Country) {
		b.refuse("country", "%s is not an ISO 3166-1 alpha-2 code%s", quote(c.Country), countryHint(c.Country))
	}
	b.texts("display_name", c.DisplayName)
	for i, contact := range c.Contacts {
		if !mailForm.MatchString(contact) && httpsURL(contact, false) != nil {
			b.refuse(at("contacts", i), "expected a mail address or an https URL")
		}
	}
	b.required("data_dir", c.DataDir)
}

func (b *builder) checkPKCS11(p PKCS11) {
	const path = "keys.pkcs11"
	if p.Module == "" {
		if p.TokenLabel != "" || !p.PIN.IsZero() || len(p.Purposes) > 0 {
			b.refuse(path+".module", "required with the other keys of %s", path)
		}
		return
	}
	b.required(path+".token_label", p.TokenLabel)
	if p.PIN.IsZero() {
		b.refuse(path+".pin", "required; best as file:PATH")
	}
	if len(p.Purposes) == 0 {
		b.refuse(path+".purposes", "required; name the purposes whose keys the token holds")
	}
	for i, purpose := range p.Purposes {
		b.oneOf(at(path+".purposes", i), purpose, "federation", "exchange", "permit", "visa")
	}
}

func (b *builder) checkHDABs(hdabs []HDAB, country string) {
	if len(hdabs) == 0 {
		b.refuse("hdabs", "required; name at least one health data access body")
	}
	ids, codes := map[string]int{}, map[string]int{}
	for i, h := range hdabs {
		path := at("hdabs", i)
		if b.required(path+".id", h.ID) {
			b.form(path+".id", h.ID, idForm, "small letters, digits and inner hyphens, at most 32")
			b.unique(path+".id", ids, h.ID, i)
		}
		if b.required(path+".code", h.Code) {
			b.form(path+".code", h.Code, codeForm, "letters and digits, at most 16")
			b.unique(path+".code", codes, strings.ToUpper(h.Code), i)
		}
		if len(h.Name) == 0 {
			b.refuse(path+".name", "required")
		}
		b.texts(path+".name", h.Name)
		for j, agent := range h.Agents {
			if !isURL(agent) {
				b.refuse(at(path+".agents", j), "expected an IRI, such as https://hdab.example/agent")
			}
		}
		b.checkCalendar(path+".calendar", h.Calendar, country)
		if h.Permits.Driver != "" {
			b.form(path+".permits.driver", h.Permits.Driver, idForm, "a driver's name, such as desk")
		}
	}
	b.checkRouting(hdabs)
}

// checkRouting looks after what says whose an application is, and whose its data: one coordinator, no
// catalogue of two bodies, and trusted data holders that have names.
func (b *builder) checkRouting(hdabs []HDAB) {
	coordinators, catalogues := map[string]int{}, map[string]int{}
	for i, h := range hdabs {
		if h.Coordinator {
			b.unique(at("hdabs", i)+".coordinator", coordinators, "true", i)
		}
		for j, id := range h.Catalogues {
			path := at(at("hdabs", i)+".catalogues", j)
			if b.required(path, id) {
				b.unique(path, catalogues, id, i)
			}
		}
		for j, name := range h.TrustedHolders {
			b.required(at(at("hdabs", i)+".trusted_holders", j), name)
		}
	}
}

func (b *builder) checkMirror(m Mirror, development bool) {
	if m.URL != "" {
		b.entityURL("catalogue.mirror.url", m.URL, development)
	}
	between(b, "catalogue.mirror.interval", m.Interval, time.Minute, 7*24*time.Hour)
}

func (b *builder) checkDrivers(c *Config) {
	if b.required("permits.driver", c.Permits.Driver) {
		b.form("permits.driver", c.Permits.Driver, idForm, "a driver's name, such as desk")
	}
	b.checkDispatchers(c)
	b.checkREMS("permits", c.Permits, c.Development)
	for i, h := range c.HDABs {
		b.checkREMS(at("hdabs", i)+".permits", h.Permits, c.Development)
	}
	b.checkTelling(c)
	if b.required("central.driver", c.Central.Driver) {
		b.form("central.driver", c.Central.Driver, idForm, "a driver's name, such as https")
	}
	if b.required("central.entity", c.Central.Entity) {
		b.entityURL("central.entity", c.Central.Entity, c.Development)
		if c.Central.Entity == c.Entity {
			b.refuse("central.entity", "is the gateway's own entity")
		}
	}
	if b.required("central.profile", c.Central.Profile) {
		b.form("central.profile", c.Central.Profile, profileForm, "a profile's name, such as hdeu-r8")
	}
	b.oneOf("storage.driver", c.Storage.Driver, "sqlite")
	between(b, "storage.min_free", c.Storage.MinFree, 0, 1024*TiB)
}

func (b *builder) checkExchange(c *Config) {
	x, path := c.Exchange, "exchange."
	longest := maxLifetimeStore
	if c.Central.Driver == "https" {
		longest = maxLifetimeHTTPS
	}
	between(b, path+"token_lifetime", x.TokenLifetime, time.Minute, longest)
	between(b, path+"hold", x.Hold, time.Second, 14*24*time.Hour)
	between(b, path+"grace", x.Grace, 0, 30*24*time.Hour)
	between(b, path+"max_message", x.MaxMessage, 64*KiB, 64*MiB)
	between(b, path+"max_attachments", x.MaxAttachments, 0, 1024)
	between(b, path+"max_attachment_bytes", x.MaxAttachmentBytes, 0, TiB)
	between(b, path+"retry.first", x.Retry.First, 10*time.Millisecond, time.Hour)
	between(b, path+"retry.max", x.Retry.Max, x.Retry.First, 24*time.Hour)
	between(b, path+"retry.give_up", x.Retry.GiveUp, x.Retry.Max, 90*24*time.Hour)
	between(b, path+"breaker.failures", x.Breaker.Failures, 1, 1000)
	between(b, path+"breaker.open", x.Breaker.Open, time.Second, time.Hour)
	between(b, path+"workers", x.Workers, 1, 256)
}

// required reports an empty value and tells whether there is one.
func (b *builder) required(path, value string) bool {
	if value == "" {
		b.refuse(path, "required")
	}
	return value != ""
}

func (b *builder) form(path, value string, form *regexp.Regexp, want string) {
	if !form.MatchString(value) {
		b.refuse(path, "expected %s", want)
	}
}

func (b *builder) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		b.refuse(path, "%s is not one of %s", quote(value), strings.Join(allowed, ", "))
	}
}

func (b *builder) unique(path string, seen map[string]int, value string, i int) {
	if first, twice := seen[value]; twice {
		b.refuse(path, "%s is already used by entry %d", quote(value), first)
		return
	}
	seen[value] = i
}

// texts checks a text by language.
func (b *builder) texts(path string, m map[string]string) {
	for _, language := range slices.Sorted(maps.Keys(m)) {
		p := join(path, keyName(language))
		if !languageForm.MatchString(language) {
			b.refuse(p, "expected a language tag such as en or pt-BR")
		}
		if strings.TrimSpace(m[language]) == "" {
			b.refuse(p, "required")
		}
	}
}

// between reports a value outside the closed range.
func between[T cmp.Ordered](b *builder, path string, value, lowest, highest T) {
	if value < lowest || value > highest {
		b.refuse(path, "%s is not between %s and %s", show(value), show(lowest), show(highest))
	}
}

// show writes a value as the file spells it: 24h rather than 24h0m0s.
func show(value any) string {
	text := fmt.Sprint(value)
	if _, ok := value.(time.Duration); ok {
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		if strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
	}
	return text
}

// at names the entry of a list.
func at(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
