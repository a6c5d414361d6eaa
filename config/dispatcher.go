package config

import (
	"regexp"
	"slices"
	"strings"
)

// Dispatcher configures the interface for national systems; used when the driver is "dispatcher".
type Dispatcher struct {
	// BasePath is where it is served, below the entity: it begins with a slash and ends without one.
	BasePath string `yaml:"base_path"`
	// Systems are the national systems that may call; at least one.
	Systems []DispatcherSystem `yaml:"systems"`
	// Emit are members of the metadata beyond those observed on the wire: user, language, provenance,
	// date_added.
	Emit []string `yaml:"emit"`
	// Attachments says where the ZIP of an application has them: observed or nested.
	Attachments string `yaml:"attachments"`
	// SPE is the secure processing environment where neither a decision nor the form names it
	// (Art. 68(10)(f)).
	SPE DispatcherSPE `yaml:"spe"`
	// Fees are told where a decision names none (Art. 68(10)(g)); without a currency it must.
	Fees DispatcherFees `yaml:"fees"`
}

// DispatcherSystem is one national system.
type DispatcherSystem struct {
	// Name is the system's; unique, [a-z0-9-].
	Name string `yaml:"name"`
	// HDABs are the ids of the bodies whose applications it sees; none means every body's.
	HDABs []string `yaml:"hdabs"`
	// Rate is how many requests a second it may make.
	Rate int `yaml:"rate"`
	// PushURL is where news is announced to it, by POST; without one it polls.
	PushURL string `yaml:"push_url"`
	// PushSecret signs what is announced (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes; best as
	// file:PATH.
	PushSecret Secret `yaml:"push_secret"`
}

// DispatcherSPE names a secure processing environment.
type DispatcherSPE struct {
	Operator string   `yaml:"operator"`
	Tools    []string `yaml:"tools"`
}

// DispatcherFees are fees that are the same for every permit.
type DispatcherFees struct {
	AmountCents int64 `yaml:"amount_cents"`
	// Currency is an ISO 4217 code.
	Currency string `yaml:"currency"`
	Note     string `yaml:"note"`
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

var basePathForm = regexp.MustCompile(`^(/[a-z0-9][a-z0-9-]{0,62}){1,4}$`)

// takenPaths are the first segments of what the public listener serves besides.
var takenPaths = []string{"exchange", "c", "catalogue", "federation", "hdab", "historical-keys", "log", "register"}

// checkDispatchers checks the interface of the gateway's permit system, and those of bodies with a system
// of their own.
func (b *builder) checkDispatchers(c *Config) {
	seen := newDispatcherNames()
	b.checkDispatcher("permits", c.Permits, c, seen)
	for i, h := range c.HDABs {
		if h.Permits.Driver == "dispatcher" {
			b.checkDispatcher(at("hdabs", i)+".permits", h.Permits, c, seen)
		}
	}
}

// dispatcherNames are the names given once in a configuration.
type dispatcherNames struct{ systems, paths map[string]int }

func newDispatcherNames() dispatcherNames {
	return dispatcherNames{systems: map[string]int{}, paths: map[string]int{}}
}

func (b *builder) checkDispatcher(path string, p Permits, c *Config, seen dispatcherNames) {
	d := p.Dispatcher
	path += ".dispatcher"
	if p.Driver != "dispatcher" { // what is not served takes no name from what is
		seen = newDispatcherNames()
	}
	if d.BasePath != "" {
		b.form(path+".base_path", d.BasePath, basePathForm, "a path such as /national-dispatcher")
		b.unique(path+".base_path", seen.paths, d.BasePath, len(seen.paths))
	}
	if first, _, _ := strings.Cut(strings.TrimPrefix(d.BasePath, "/"), "/"); slices.Contains(takenPaths, first) {
		b.refuse(path+".base_path", "the gateway serves something else below /%s", first)
	}
	if p.Driver == "dispatcher" && len(d.Systems) == 0 {
		b.refuse(path+".systems", "required; name at least one national system")
	}
	for i, s := range d.Systems {
		b.checkSystem(at(path+".systems", i), s, c, seen.systems, i)
	}
	if f := d.Fees; f != (DispatcherFees{}) {
		b.form(path+".fees.currency", f.Currency, currencyForm, "an ISO 4217 code, such as EUR")
		between(b, path+".fees.amount_cents", f.AmountCents, 0, 1_000_000_000_00)
	}
	for i, e := range d.Emit {
		b.oneOf(at(path+".emit", i), e, "user", "language", "provenance", "date_added")
	}
	if d.Attachments != "" {
		b.oneOf(path+".attachments", d.Attachments, "observed", "nested")
	}
}

func (b *builder) checkSystem(entry string, s DispatcherSystem, c *Config, names map[string]int, i int) {
	if b.required(entry+".name", s.Name) {
		b.form(entry+".name", s.Name, idForm, "small letters, digits and inner hyphens, at most 32")
		b.unique(entry+".name", names, s.Name, i)
	}
	b.checkBodies(entry+".hdabs", s.HDABs, c.HDABs)
	between(b, entry+".rate", s.Rate, 1, 10_000)
	if (s.PushURL == "") != s.PushSecret.IsZero() {
		b.refuse(entry+".push_url", "push_url and push_secret go together")
	}
	if s.PushURL != "" {
		b.entityURL(entry+".push_url", s.PushURL, c.Development)
	}
}

// checkBodies looks whether ids are those of bodies served here.
func (b *builder) checkBodies(path string, ids []string, hdabs []HDAB) {
	for i, id := range ids {
		if !slices.ContainsFunc(hdabs, func(h HDAB) bool { return h.ID == id }) {
			b.refuse(at(path, i), "%s is no id under hdabs", quote(id))
		}
	}
}
