// Package holidays knows the public holidays of the Member States of the Union and of Norway.
//
// It is for the calendars by which bodies count periods (Regulation (EEC, Euratom) No 1182/71, Art. 2:
// a public holiday is what the Member State or the institution concerned designates as one). It is the
// only package that sees the calendar library; it does no I/O and reads no clock.
//
// What holds in a whole country is here, by rules for any year. What holds in a region or a
// town, days that a government moves or adds for one year, and days that a law changed after the
// library was made, are dates of the configuration: With adds and removes them.
package holidays
