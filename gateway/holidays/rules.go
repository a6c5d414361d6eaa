package holidays

import (
	"slices"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
)

// rulesOf are the rules of a country: the library's, corrected where a law is newer than it, or ours
// where it has none. It is nil for a country that is not known.
func rulesOf(country string) []*cal.Holiday {
	if ours := ownRules(country); ours != nil {
		return ours
	}
	if corrected := correctedRules(country); corrected != nil {
		return corrected
	}
	return map[string][]*cal.Holiday{
		"AT": at.Holidays, "BE": be.Holidays, "BG": bg.Holidays, "CZ": cz.Holidays, "DE": de.Holidays,
		"DK": dk.Holidays, "ES": es.Holidays, "FR": fr.Holidays, "GR": gr.Holidays, "HR": hr.Holidays,
		"IE": ie.Holidays, "LT": lt.Holidays, "LV": lv.Holidays, "NO": no.Holidays,
		"PL": pl.Holidays, "RO": ro.Holidays, "SI": si.Holidays,
	}[country]
}

// correctedRules are the library's rules with what the law changed since, and without days that are no
// holidays by law and only a law on periods treats as such: a body that follows it adds them in the
// configuration.
func correctedRules(country string) []*cal.Holiday {
	switch country {
	case "IT":
		return append(slices.Clone(it.Holidays), fixed("San Francesco d'Assisi", 10, 4, 2026))
	case "NL":
		return without(nl.Holidays, nl.GoedeVrijdag)
	case "SE":
		return without(se.Holidays, se.Midsommarafton, se.Julafton, se.Nyarsafton)
	case "SK":
		rules := slices.Clone(sk.Holidays)
		for i, h := range rules {
			switch h { // state holidays, no days off any more
			case sk.Constitution:
				rules[i] = h.Clone(&cal.Holiday{EndYear: 2023})
			case sk.Freedom:
				rules[i] = h.Clone(&cal.Holiday{EndYear: 2024})
			}
		}
		return rules
	}
	return nil
}

func without(rules []*cal.Holiday, none ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(rules), func(h *cal.Holiday) bool { return slices.Contains(none, h) })
}
