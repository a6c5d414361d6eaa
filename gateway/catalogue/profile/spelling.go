package profile

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// spelling is a name that an earlier release or a draft of the profile gave to something that has
// another name now.
type spelling struct {
	old, now string
	since    string // the first release with the new name
	why      string
}

const (
	whyDraft  = "a namespace of a draft"
	whyNotNS  = "the address of a document, not the namespace it describes"
	whyHost   = "a host the Commission's lists had while they were drawn up"
	whyName   = "a name of a draft"
	nsHealth  = "https://hdeu-dcat.data.health.europa.eu/resource/authority/"
	nsHealth6 = "http://13.81.34.152:1101/resource/authority/"
	nsHealth7 = "https://hdeu-dcat.acceptance.data.health.europa.eu/resource/authority/"
)

// namespaces maps namespaces found in older or draft catalogues to those in use. Longer ones come
// first where one begins with the other.
var namespaces = []spelling{
	{"http://data.europa.eu/r5r/healthdcatap#", rdf.NSHealthDCATAP, "r5", whyDraft},
	{"https://healthdcat-ap.github.io/", rdf.NSHealthDCATAP, "r5", whyDraft},
	{"urn:uuid:a7ef52b2-bd43-4294-a80f-3e7299af35e4#", rdf.NSHealthDCATAP, "r5", "a placeholder from before there was a namespace"},
	{"https://www.dcat-ap.de/", rdf.NSDCATAP, "r5", "a national site, not the namespace of DCAT-AP"},
	{"https://w3c.github.io/dpv/2.0/pd/", "https://w3id.org/dpv/dpv-pd#", "r5", whyNotNS},
	{"https://w3c.github.io/dpv/2.1/dpv/", rdf.NSDPV, "r5", whyNotNS},
	{"http://www.w3.org/ns/dpv#", rdf.NSDPV, "r5", "the vocabulary moved to w3id.org"},
	{"https://www.w3.org/TR/2016/NOTE-vocab-dqv-20161215/", rdf.NSDQV, "r5", whyNotNS},
	{"https://www.w3.org/TR/prov-o/", rdf.NSPROV, "r5", whyNotNS},
	{"https://www.w3.org/TR/skos-reference/", rdf.NSSKOS, "r5", whyNotNS},
	{nsHealth6, nsHealth, "r8", whyHost},
	{nsHealth7, nsHealth, "r8", whyHost},
}

// names maps single names to those in use, once their namespace is right.
var names = []spelling{
	{rdf.NSHealthDCATAP + "minimumTypicalAge", healthMinAge, "r5", whyName},
	{rdf.NSHealthDCATAP + "maximumTypicalAge", healthMaxAge, "r5", whyName},
	{rdf.NSHealthDCATAP + "numberOfrecords", healthRecords, "r5", "names are written with capitals as in the vocabulary"},
	{rdf.NSHealthDCATAP + "codingSystem", healthCodingSystem, "r5", whyName},
	{rdf.NSHealthDCATAP + "codeValues", healthCodeValues, "r5", whyName},
	{rdf.NSHealthDCATAP + "personalData", dpvPersonalData, "r5", "the Data Privacy Vocabulary has a property for it"},
	{rdf.NSCSVW + "titles", csvwTitle, "r8", "Release 8 asks variables for csvw:title"},
}

// respell gives the name in use at a release for an IRI, and why it differs; why is empty when the IRI
// is the name in use.
func respell(iri string, release int) (now, why string) {
	now = iri
	for i := range namespaces { // by place: most IRIs have none of the prefixes, and rows are wide
		if !strings.HasPrefix(now, namespaces[i].old) {
			continue
		}
		s := namespaces[i]
		if rest := now[len(s.old):]; s.local(rest) && releaseNumber(s.since) <= release {
			now, why = s.now+rest, s.why
			break
		}
	}
	for i := range names {
		if names[i].old == now && releaseNumber(names[i].since) <= release {
			return names[i].now, names[i].why
		}
	}
	return now, why
}

// local says whether what follows a namespace is a name in it, and not the rest of an address on the
// same site. The lists have their codes one step further down.
func (s spelling) local(rest string) bool {
	if strings.HasSuffix(s.old, "authority/") {
		_, rest, _ = strings.Cut(rest, "/")
	}
	return rest != "" && !strings.ContainsAny(rest, "/#?:")
}

// formerly lists the spellings a name in use once had.
func formerly(property string) []string {
	var out []string
	for _, s := range names {
		if s.now == property {
			out = append(out, s.old)
		}
	}
	for _, name := range append([]string{property}, out...) {
		for _, s := range namespaces {
			if local, ok := strings.CutPrefix(name, s.now); ok && local != "" {
				out = append(out, s.old+local)
			}
		}
	}
	return out
}
