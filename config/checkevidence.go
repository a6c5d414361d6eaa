package config

import (
	"strings"
	"time"
)

// maxWitnessInterval is wire profile §7: cosignatures are added within an hour.
const maxWitnessInterval = time.Hour

func (b *builder) checkEvidence(c *Config) {
	seen := map[string]int{}
	for i, w := range c.Evidence.Witnesses {
		path := at("evidence.witnesses", i)
		if b.required(path+".url", w.URL) {
			b.entityURL(path+".url", w.URL, c.Development)
			if strings.HasSuffix(w.URL, "/") {
				b.refuse(path+".url", "must not end with a slash")
			}
		}
		if b.required(path+".vkey", w.VKey) {
			if strings.Count(w.VKey, "+") < 2 {
				b.refuse(path+".vkey", "expected name+id+key, as ehdsgw witness init prints it")
			}
			b.unique(path+".vkey", seen, w.VKey, i)
		}
	}
	between(b, "evidence.interval", c.Evidence.Interval, time.Second, maxWitnessInterval)
}
