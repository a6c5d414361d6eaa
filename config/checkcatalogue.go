package config

import "time"

// maxPageLimit bounds catalogue.sources[].page_limit: publishing reads no more pages either.
const maxPageLimit = 100_000

// shortestInterval is how often a source may be read; on one machine, in development, more often.
func shortestInterval(development bool) time.Duration {
	if development {
		return time.Second
	}
	return 10 * time.Second
}

func (b *builder) checkCatalogue(c Catalogue, development bool) {
	names := map[string]int{}
	for i, s := range c.Sources {
		path := at("catalogue.sources", i)
		if b.required(path+".name", s.Name) {
			b.form(path+".name", s.Name, idForm, "small letters, digits and inner hyphens, at most 32")
			b.unique(path+".name", names, s.Name, i)
		}
		if b.required(path+".driver", s.Driver) {
			b.form(path+".driver", s.Driver, idForm, "a driver's name, such as rdffile")
		}
		if b.required(path+".location", s.Location) && isURL(s.Location) {
			if err := sourceURL(s.Location); err != nil {
				b.refuse(path+".location", "%s", err)
			}
		}
		if s.Interval != 0 {
			between(b, path+".interval", s.Interval, shortestInterval(development), 7*24*time.Hour)
		}
		b.oneOf(path+".profile", s.Profile, "r5", "r6", "r7", "r8")
		b.checkReading(path, s)
	}
	between(b, "catalogue.guard.max_removed_share", c.Guard.MaxRemovedShare, 0, 1)
	between(b, "catalogue.guard.max_invalid_share", c.Guard.MaxInvalidShare, 0, 1)
	between(b, "catalogue.guard.min_records", c.Guard.MinRecords, 0, 1_000_000_000)
}

// checkReading checks how a source is read. Which of it a driver can use is the driver's to say.
func (b *builder) checkReading(path string, s Source) {
	if s.Format != "" {
		b.oneOf(path+".format", s.Format, "turtle", "trig", "ntriples", "nquads", "rdfxml", "jsonld")
	}
	seen := map[string]int{}
	for i, c := range s.Contexts {
		entry := at(path+".contexts", i)
		if b.required(entry+".iri", c.IRI) {
			if !isURL(c.IRI) {
				b.refuse(entry+".iri", "expected an IRI, such as https://holder.example/context.jsonld")
			}
			b.unique(entry+".iri", seen, c.IRI, i)
		}
		b.required(entry+".file", c.File)
	}
	if s.TokenFile != "" && s.LoginFile != "" {
		b.refuse(path+".login_file", "not together with token_file")
	}
	if s.View != "" {
		b.oneOf(path+".view", s.View, "dcat", "action")
	}
	if s.DCATProfile != "" {
		b.form(path+".dcat_profile", s.DCATProfile, wordForm, "a profile's name, such as euro_health_dcat_ap")
	}
	between(b, path+".page_limit", s.PageLimit, 0, maxPageLimit)
}
