package catalogue

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Bounds of one record. A record travels inside a signed token of 2 MiB at most (wire profile §3),
// which its base64 and the envelope share.
const (
	MaxRecordBytes   = 1 << 20 // of the canonical form
	MaxRecordTriples = 20_000
)

// Authorities whose values a record is known by.
const (
	// NSAccessRight is the Publications Office's list of access rights; the codes are those of ehds.
	NSAccessRight = "http://publications.europa.eu/resource/authority/access-right/"
	// NSHealthCategory is the Commission's list of the categories of Art. 51(1).
	NSHealthCategory = "https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/"
)

// Classes that bound a record.
var (
	classDataset       = rdf.NewIRI(rdf.NSDCAT + "Dataset")
	classDatasetSeries = rdf.NewIRI(rdf.NSDCAT + "DatasetSeries")
	classCatalog       = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	classCatalogRecord = rdf.NewIRI(rdf.NSDCAT + "CatalogRecord")
	classDistribution  = rdf.NewIRI(rdf.NSDCAT + "Distribution")
)

// Properties read into a record.
var (
	rdfType         = rdf.NewIRI(rdf.RDFType)
	dctTitle        = rdf.NewIRI(rdf.NSDCT + "title")
	dctIdentifier   = rdf.NewIRI(rdf.NSDCT + "identifier")
	dctIsPartOf     = rdf.NewIRI(rdf.NSDCT + "isPartOf")
	dctAccessRights = rdf.NewIRI(rdf.NSDCT + "accessRights")
	dcatTheme       = rdf.NewIRI(rdf.NSDCAT + "theme")
	admsIdentifier  = rdf.NewIRI(rdf.NSADMS + "identifier")
	// healthTrustedHolder is of an agent until Release 6; later ones have no such property, nor one in its place.
	healthTrustedHolder = rdf.NewIRI(rdf.NSHealthDCATAP + "trustedDataHolder")
	foafName            = rdf.NewIRI(rdf.NSFOAF + "name")
	foafPrimaryTopic    = rdf.NewIRI(rdf.NSFOAF + "isPrimaryTopicOf")
	healthHDAB          = rdf.NewIRI(rdf.NSHealthDCATAP + "hdab")
	healthCategory      = rdf.NewIRI(rdf.NSHealthDCATAP + "healthCategory")
	undeterminedLang    = "und" // BCP 47: a title without language tag
	accessRightsCodes   = []string{ehds.AccessPublic, ehds.AccessRestricted, ehds.AccessNonPublic}
)

// Record is one dataset description.
type Record struct {
	// Subject is the dataset's node; IRI its IRI, empty when it is a blank node.
	Subject rdf.Term
	IRI     string
	// Identifier is the identifier at origin: the smallest literal dct:identifier, or empty.
	Identifier string
	// AccessRights is PUBLIC, RESTRICTED or NON_PUBLIC; empty when absent, unknown or contradictory.
	AccessRights string
	// Title is by lower-case language tag; "und" without one.
	Title map[string]string
	// HDAB is the health data access body: its IRI, or its name when it is a blank node.
	HDAB string
	// Theme holds the IRIs of dcat:theme, Categories the codes of Art. 51(1); both sorted.
	Theme      []string
	Categories []string
	// Graph is the description alone; it is not to be changed.
	Graph *rdf.Graph
	// NQuads is the RDFC-1.0 canonical form of Graph and Digest "sha256:" of those bytes.
	NQuads []byte
	Digest string
	// ExchangeDigest is the digest without what the centre may rewrite: dct:identifier,
	// adms:identifier, dct:isPartOf, catalogue records, and the identifiers of distributions.
	ExchangeDigest string
	// Source is where the description was read.
	Source Source

	lines map[rdf.Term]int
}

// Source is a place in a document.
type Source struct {
	File string
	Line int // of the dataset's first statement; 0 when unknown
}

// Key identifies a record: the identifier at origin, within one source.
type Key struct {
	Source     string // name of the catalogue source, from configuration
	Identifier string
}

// Line is where a node of the description is first written as a subject, or the dataset's line when
// that is unknown.
func (r Record) Line(node rdf.Term) int {
	if n := r.lines[node]; n > 0 {
		return n
	}
	return r.Source.Line
}

// name fills in what the dataset is known by.
func (r *Record) name() {
	if r.Subject.Kind == rdf.IRI {
		r.IRI = r.Subject.Value
	}
	r.Identifier = smallestLiteral(r.Graph, r.Subject, dctIdentifier)
}

// describe fills in what else is read from the graph.
func (r *Record) describe() {
	g, s := r.Graph, r.Subject
	r.AccessRights = accessRights(g.Objects(s, dctAccessRights))
	r.Title = titles(g.Objects(s, dctTitle))
	r.HDAB = agent(g, g.Objects(s, healthHDAB))
	r.Theme = iris(g.Objects(s, dcatTheme))
	for _, v := range iris(g.Objects(s, healthCategory)) {
		code, known := strings.CutPrefix(v, NSHealthCategory)
		if c, ok := ehds.Category(code); known && ok && c.Code == code {
			r.Categories = append(r.Categories, code)
		}
	}
}

// smallestLiteral picks one literal whatever the order of the document.
func smallestLiteral(g *rdf.Graph, s, p rdf.Term) string {
	var values []string
	for _, o := range g.Objects(s, p) {
		if o.Kind == rdf.Literal && o.Value != "" {
			values = append(values, o.Value)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return slices.Min(values)
}

func accessRights(values []rdf.Term) string {
	if len(values) != 1 || values[0].Kind != rdf.IRI {
		return ""
	}
	code, ok := strings.CutPrefix(values[0].Value, NSAccessRight)
	if !ok || !slices.Contains(accessRightsCodes, code) {
		return ""
	}
	return code
}

func titles(values []rdf.Term) map[string]string {
	out := map[string]string{}
	for _, v := range values {
		if v.Kind != rdf.Literal {
			continue
		}
		lang := strings.ToLower(v.Lang)
		if lang == "" {
			lang = undeterminedLang
		}
		if old, twice := out[lang]; !twice || v.Value < old {
			out[lang] = v.Value
		}
	}
	return out
}

// agent names an agent: the smallest IRI, else the smallest name.
func agent(g *rdf.Graph, values []rdf.Term) string {
	if named := iris(values); len(named) > 0 {
		return named[0]
	}
	var names []string
	for _, v := range values {
		if n := smallestLiteral(g, v, foafName); n != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func iris(values []rdf.Term) []string {
	var out []string
	for _, v := range values {
		if v.Kind == rdf.IRI {
			out = append(out, v.Value)
		}
	}
	slices.Sort(out)
	return out
}
