package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
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
	_, err := builtin.Find(drivers.Permits, "permits", cfg.Permits.Driver)
	say("permits.driver", err)
	_, err = builtin.Find(drivers.Central, "central", cfg.Central.Driver)
	say("central.driver", err)
	return out
}

// checkContents reads the small files a start reads: pinned keys and desk rules. Files that have a
// finding already are left alone.
func checkContents(cfg *config.Config, known []config.Finding) []config.Finding {
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
	const path = "permits.desk.rules"
	if rules := cfg.Permits.Desk.Rules; rules != "" && !had[path] {
		out = append(out, checkRules(rules, path)...)
	}
	return out
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
