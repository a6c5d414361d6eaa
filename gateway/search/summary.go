package search

import "github.com/ehdsgw/ehdsgw/gateway/catalogue"

// OwnKey is the key of a description published here, by its case.
func OwnKey(caseID string) string { return string(Own) + ":" + caseID }

// EUKey is the key of a description of the EU catalogue, by the centre's identifier.
func EUKey(centralID string) string { return string(EU) + ":" + centralID }

// Describe makes a document of what a description says of itself. Key, Origin, Country, CentralID and
// Version are the caller's to set.
func Describe(s catalogue.Summary) Document {
	return Document{
		Identifier: s.Identifier, IRI: s.IRI, Title: s.Title, Description: s.Description, Keywords: s.Keywords,
		Categories: s.Categories, Themes: s.Themes, Access: s.Access, Publisher: s.Publisher, HDAB: s.HDAB, Modified: s.Modified,
	}
}
