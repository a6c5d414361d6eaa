package config

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed template.yaml
var templateText string

// TemplateOptions fill the gaps of [Template]. Every empty field has a default
// that makes the file complete, with example hosts where only the operator knows
// the real one.
type TemplateOptions struct {
	Entity        string // https://ncp.example
	Country       string // FR
	Name          string // display name in English
	Contact       string // ops@ncp.example
	Development   bool   // no TLS files, plain http to loopback peers
	DataDir       string // data
	Listen        string // 127.0.0.1:8443
	Admin         string // 127.0.0.1:9443
	TLSCert       string // tls/cert.pem, none in development
	TLSKey        string // tls/key.pem, none in development
	CAFile        string // none
	AllowNetworks []string
	AnchorEntity  string // https://anchor.example
	AnchorJWKS    string // anchor.jwks.json
	HDABs         []HDAB // one with id hdab and code HDAB
	Source        string // catalogue, location of the rdffile source
	DeskRules     string // none
	CentralEntity string // https://centre.example
	CacheURL      string // memory:
}

// Template writes the commented configuration file that a new installation
// starts from: every key, each with a comment. It passes [Load]; the files it
// names ([CheckFiles]) are for the operator to provide.
func Template(o TemplateOptions) []byte {
	o = o.filled()
	networks := make([]string, len(o.AllowNetworks))
	for i, n := range o.AllowNetworks {
		networks[i] = yamlText(n)
	}
	// One pass, so a value that looks like a gap is never filled again.
	r := strings.NewReplacer(
		"@entity@", value(o.Entity), "@country@", value(o.Country), "@name@", value(o.Name),
		"@contact@", yamlText(o.Contact), "@development@", fmt.Sprintf(" %t", o.Development),
		"@data_dir@", value(o.DataDir), "@listen@", value(o.Listen), "@admin@", value(o.Admin),
		"@tls_cert@", value(o.TLSCert), "@tls_key@", value(o.TLSKey), "@ca_file@", value(o.CAFile),
		"@allow_networks@", " ["+strings.Join(networks, ", ")+"]",
		"@anchor_entity@", value(o.AnchorEntity), "@anchor_jwks@", value(o.AnchorJWKS),
		"@hdabs@", hdabEntries(o.HDABs), "@source@", value(o.Source), "@desk_rules@", value(o.DeskRules),
		"@central_entity@", value(o.CentralEntity), "@cache_url@", value(o.CacheURL),
	)
	return []byte(r.Replace(templateText))
}

// hdabEntries writes the entries of hdabs; the first carries the comments.
func hdabEntries(hdabs []HDAB) string {
	var b strings.Builder
	for i, h := range hdabs {
		comment := func(text string) {
			if i == 0 {
				b.WriteString("\n    # " + text)
			}
		}
		comment("Short name used in URLs: small letters, digits, hyphens.")
		b.WriteString("\n  - id:" + value(h.ID))
		comment("Code used in permit identifiers.")
		b.WriteString("\n    code:" + value(h.Code))
		comment("Name by language.")
		names := make([]string, 0, len(h.Name))
		for _, language := range slices.Sorted(maps.Keys(h.Name)) {
			names = append(names, yamlText(language)+": "+yamlText(h.Name[language]))
		}
		b.WriteString("\n    name: {" + strings.Join(names, ", ") + "}")
		comment("IRIs by which catalogue records name this body (healthdcatap:hdab).")
		b.WriteString("\n    agents: [" + strings.Join(quoted(h.Agents), ", ") + "]")
		if i > 0 {
			continue
		}
		comment("Catalogue ids whose datasets are this body's where the published record does not say whose.")
		b.WriteString("\n    catalogues: []")
		comment("Data holders it designated as trusted (Art. 72(2)), by the names catalogue records have for them.")
		b.WriteString("\n    trusted_holders: []")
		comment("One of several bodies takes what no rule gives to another; without a mark the first does.")
		b.WriteString("\n    coordinator: " + strconv.FormatBool(h.Coordinator))
		comment("How its statutory periods are counted: the time zone (else the capital's), whose public holidays")
		comment("(a country or none; else the gateway's), further days off, and days that are none:")
		comment("calendar: {zone: Europe/Helsinki, holidays: FI, extra: [2026-12-24], removed: []}")
		comment("A permit system of the body's own, as under permits below; without one that one serves it.")
		comment("permits: {driver: desk, desk: {rules: desk-of-this-body.json}}")
	}
	return b.String()
}

// quoted writes each text as YAML.
func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = yamlText(s)
	}
	return out
}

// value writes what follows a key's colon; nothing for the empty value.
func value(s string) string {
	if s == "" {
		return ""
	}
	return " " + yamlText(s)
}

// yamlText writes double-quoted YAML, of which JSON strings are a part.
func yamlText(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}

// filled puts the defaults in.
func (o TemplateOptions) filled() TemplateOptions {
	d := Default()
	for _, f := range []struct {
		field  *string
		preset string
	}{
		{&o.Entity, "https://ncp.example"}, {&o.Country, "FR"}, {&o.Name, "National contact point"},
		{&o.Contact, "ops@ncp.example"}, {&o.DataDir, d.DataDir}, {&o.Listen, d.Listen.Address},
		{&o.Admin, d.Admin.Address}, {&o.AnchorEntity, "https://anchor.example"},
		{&o.AnchorJWKS, "anchor.jwks.json"}, {&o.Source, "catalogue"},
		{&o.CentralEntity, "https://centre.example"}, {&o.CacheURL, d.Cache.URL.Reveal()},
	} {
		if *f.field == "" {
			*f.field = f.preset
		}
	}
	if o.TLSCert == "" && o.TLSKey == "" && !o.Development {
		o.TLSCert, o.TLSKey = "tls/cert.pem", "tls/key.pem"
	}
	if len(o.HDABs) == 0 {
		o.HDABs = []HDAB{{ID: "hdab", Code: "HDAB", Name: map[string]string{"en": "Health data access body"}}}
	}
	return o
}
