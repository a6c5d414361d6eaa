package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// checkParts reports drivers and rule sets that this program does not have.
func checkParts(cfg *config.Config, file string) []config.Finding {
	var out []config.Finding
	say := func(path string, err error) {
		if err != nil {
			out = append(out, config.Finding{File: file, Path: path, Message: err.Error()})
		}
	}
	drivers := builtin.Drivers()
	for i, s := range cfg.Catalogue.Sources {
		path := fmt.Sprintf("catalogue.sources[%d]", i)
		_, err := builtin.Find(drivers.Catalogue, "catalogue", s.Driver)
		say(path+".driver", err)
		_, err = profile.Find(s.Profile)
		say(path+".profile", err)
	}
	recipients := func(path string, list []config.PermitRecipient) {
		for i, r := range list {
			say(fmt.Sprintf("%s.recipients[%d].secret", path, i), gateway.RecipientTarget(r).Check())
		}
	}
	recipients("permits", cfg.Permits.Recipients)
	_, err := builtin.Find(drivers.Permits, "permits", cfg.Permits.Driver)
	say("permits.driver", err)
	say("permits.dispatcher", fitsDispatcher(cfg, cfg.Permits))
	for i, h := range cfg.HDABs {
		recipients(fmt.Sprintf("hdabs[%d].permits", i), h.Permits.Recipients)
		if h.Permits.Driver == "" {
			continue
		}
		_, err = builtin.Find(drivers.Permits, "permits", h.Permits.Driver)
		say(fmt.Sprintf("hdabs[%d].permits.driver", i), err)
		say(fmt.Sprintf("hdabs[%d].permits.dispatcher", i), fitsDispatcher(cfg, h.Permits))
	}
	_, err = builtin.Find(drivers.Central, "central", cfg.Central.Driver)
	say("central.driver", err)
	return out
}

// fitsDispatcher checks the settings of the driver dispatcher as a start does.
func fitsDispatcher(cfg *config.Config, p config.Permits) error {
	if p.Driver != "dispatcher" {
		return nil
	}
	return gateway.DispatcherOptions(cfg, p.Dispatcher).Check()
}

// checkContents reads the small files a start reads: pinned keys, desk rules, and what sources name.
// Files that have a finding already are left alone.
func checkContents(cfg *config.Config, file string, known []config.Finding) []config.Finding {
	had := map[string]bool{}
	for _, f := range known {
		had[f.Path] = true
	}
	var out []config.Finding
	for i, a := range cfg.Trust.Anchors {
		path := fmt.Sprintf("trust.anchors[%d].jwks", i)
		if had[path] {
			continue
		}
		if err := usableKeys(a.JWKS); err != nil {
			out = append(out, config.Finding{File: a.JWKS, Path: path, Message: err.Error()})
		}
	}
	out = append(out, checkSources(cfg, file, had)...)
	look := func(path, rules string) {
		if rules != "" && !had[path] {
			out = append(out, checkRules(rules, path)...)
		}
	}
	look("permits.desk.rules", cfg.Permits.Desk.Rules)
	for i, h := range cfg.HDABs {
		look(fmt.Sprintf("hdabs[%d].permits.desk.rules", i), h.Permits.Desk.Rules)
	}
	return out
}

// checkSources opens the drivers of catalogue sources as a start does: they ask nothing yet, but refuse
// what does not fit. Sources that have a finding already are left alone.
func checkSources(cfg *config.Config, file string, had map[string]bool) []config.Finding {
	var out []config.Finding
	for i, s := range cfg.Catalogue.Sources {
		path := fmt.Sprintf("catalogue.sources[%d]", i)
		known := false
		for p := range had {
			known = known || strings.HasPrefix(p, path+".")
		}
		if known || s.Driver == "ingest" { // ingest opens with the record
			continue
		}
		if err := fits(s); err != nil {
			out = append(out, config.Finding{File: file, Path: path, Message: err.Error()})
		}
	}
	return out
}

// fits opens the driver of a source.
func fits(s config.Source) error {
	settings, err := gateway.SourceSettings(s)
	if err != nil {
		return err
	}
	open, err := builtin.Find(builtin.Drivers().Catalogue, "catalogue", s.Driver)
	if err != nil {
		return err
	}
	_, err = open(connectors.Host{Instance: s.Name, HTTP: &http.Client{}, Clock: time.Now}, settings)
	return err
}

func usableKeys(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return errors.New("the file is not readable")
	}
	set, err := jose.ParseKeySet(raw)
	switch {
	case err != nil:
		return fmt.Errorf("not a JWK set: %w", err)
	case len(set.Keys) == 0:
		return errors.New("no usable key in the JWK set; ask the anchor's operator for its public keys")
	}
	return nil
}

func checkRules(file, path string) []config.Finding {
	raw, err := os.ReadFile(file)
	if err != nil {
		return []config.Finding{{File: file, Path: path, Message: "the file is not readable"}}
	}
	_, err = desk.ParseRules(raw)
	var wrong *desk.RulesError
	switch {
	case errors.As(err, &wrong):
		out := make([]config.Finding, len(wrong.Findings))
		for i, f := range wrong.Findings {
			out[i] = config.Finding{File: file, Path: path, Message: f}
		}
		return out
	case err != nil:
		return []config.Finding{{File: file, Path: path, Message: err.Error()}}
	}
	return nil
}
