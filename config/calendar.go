package config

import (
	"cmp"
	"time"
	_ "time/tzdata" // a static binary may run where there are no time zones
)

// Calendar is how a body counts days (Regulation (EEC, Euratom) No 1182/71).
type Calendar struct {
	// Zone is the IANA time zone whose local time decides what day it is; empty is that of the capital.
	Zone string `yaml:"zone"`
	// Holidays is the country whose public holidays count, or "none"; empty is the gateway's country.
	Holidays string `yaml:"holidays"`
	// Extra are further days off, such as regional holidays, and Removed days that are none, as full-dates.
	Extra   []string `yaml:"extra"`
	Removed []string `yaml:"removed"`
}

// NoHolidays is the value of [Calendar.Holidays] without national holidays.
const NoHolidays = "none"

// capitals are the time zones of the capitals of the countries that apply the Regulation or may come to.
var capitals = map[string]string{
	"AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CY": "Asia/Nicosia", "CZ": "Europe/Prague",
	"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "ES": "Europe/Madrid", "FI": "Europe/Helsinki",
	"FR": "Europe/Paris", "GR": "Europe/Athens", "HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin",
	"IT": "Europe/Rome", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MT": "Europe/Malta",
	"NL": "Europe/Amsterdam", "PL": "Europe/Warsaw", "PT": "Europe/Lisbon", "RO": "Europe/Bucharest", "SE": "Europe/Stockholm",
	"SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
	"CH": "Europe/Zurich", "IS": "Atlantic/Reykjavik", "LI": "Europe/Vaduz", "NO": "Europe/Oslo",
}

// ZoneIn is the time zone of a body in a country, "" when it is not known.
func (c Calendar) ZoneIn(country string) string { return cmp.Or(c.Zone, capitals[country]) }

// HolidaysIn is the country whose holidays count for a body in a country, "" for none.
func (c Calendar) HolidaysIn(country string) string {
	if c.Holidays == NoHolidays {
		return ""
	}
	return cmp.Or(c.Holidays, country)
}

func (b *builder) checkCalendar(path string, c Calendar, country string) {
	zone := c.ZoneIn(country)
	switch {
	case zone == "" && isCountry(country):
		b.refuse(path+".zone", "required for this country; name a time zone, such as Europe/Helsinki")
	case zone != "":
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			b.refuse(path+".zone", "%s is no time zone; expected one such as Europe/Helsinki", quote(zone))
		}
	}
	if h := c.Holidays; h != "" && h != NoHolidays && !isCountry(h) {
		b.refuse(path+".holidays", "%s is neither a country code in capitals nor none%s", quote(h), countryHint(h))
	}
	b.dates(path+".extra", c.Extra)
	b.dates(path+".removed", c.Removed)
}

func (b *builder) dates(path string, list []string) {
	for i, day := range list {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			b.refuse(at(path, i), "expected a date such as 2026-12-24")
		}
	}
}
