package fdp

import (
	"regexp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// profilePath is where the reference server keeps the profiles of its kinds of resources.
var profilePath = regexp.MustCompile(`/profile/[^/]+$`)

// noRestriction are the words the reference server has for the access rights of everything.
var noRestriction = rdf.NewString("This resource has no access restriction")

// defaults tells the statements apart that the reference server adds to every resource and that say
// nothing of it:
//   - dct:accessRights with the node "#accessRights" of the resource, or with a blank node that has the
//     server's own words, which say that there is no restriction;
//   - dct:conformsTo with a profile of the point itself, which is the form its staff filled in.
//
// A node of that name which says more than that was written by somebody and is kept.
func (doc document) defaults(point *wire) func(rdf.Triple) bool {
	return func(t rdf.Triple) bool {
		switch t.P {
		case dctAccessRights:
			named := t.O.Kind == rdf.IRI && t.S.Kind == rdf.IRI && t.O.Value == t.S.Value+"#accessRights"
			blank := t.O.Kind == rdf.Blank && doc.Has(t.O, dctDescription, noRestriction)
			return (named || blank) && doc.hasOnly(t.O, rdfType, rdfsLabel, dctDescription)
		case dctConformsTo:
			u, ok := point.within(t.O.Value)
			return ok && t.O.Kind == rdf.IRI && profilePath.MatchString(u.Path) && u.RawQuery == "" && u.Fragment == "" &&
				doc.hasOnly(t.O, rdfsLabel)
		}
		return false
	}
}
