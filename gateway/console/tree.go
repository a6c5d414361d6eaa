package console

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of the statements on a page.
const (
	maxStatements = 1_500
	maxNesting    = 6
)

// property is a property of a node with its values.
type property struct {
	Name   string // compact, such as dct:title
	IRI    string
	Values []value
}

// value is a literal, an address, or a node with properties of its own.
type value struct {
	Text, Lang string
	Href       string // empty unless it may be a link
	Inner      []property
}

// tree shows a description as nested properties, as far as it is a tree.
type tree struct {
	g    *rdf.Graph
	path []rdf.Term // from the dataset to the node at hand
	left int
	more bool // something was left out
}

// of lists the properties of a node, by name.
func (t *tree) of(node rdf.Term, depth int) (out []property) {
	t.path = append(t.path, node)
	defer func() { t.path = t.path[:len(t.path)-1] }()
	at := map[string]int{}
	for s := range t.g.Match(node, rdf.Term{}, rdf.Term{}) {
		if t.left--; t.left < 0 {
			t.more = true
			break
		}
		i, known := at[s.P.Value]
		if !known {
			i = len(out)
			at[s.P.Value] = i
			out = append(out, property{Name: catalogue.Compact(s.P.Value), IRI: s.P.Value})
		}
		out[i].Values = append(out[i].Values, t.value(s.O, depth))
	}
	slices.SortStableFunc(out, func(a, b property) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (t *tree) value(o rdf.Term, depth int) value {
	v := value{Text: o.Value, Lang: strings.ToLower(o.Lang)}
	switch o.Kind {
	case rdf.Literal:
		if o.Datatype == rdf.XSDAnyURI {
			v.Href = webAddress(o.Value)
		}
		return v
	case rdf.IRI:
		v.Href = webAddress(o.Value)
	default:
		v.Text = ""
	}
	switch {
	case slices.Contains(t.path, o):
		if o.Kind == rdf.Blank {
			v.Text = "(a node described elsewhere on this page)"
		}
	case depth < maxNesting:
		v.Inner = t.of(o, depth+1)
	default:
		t.more = t.more || t.g.Has(o, rdf.Term{}, rdf.Term{})
	}
	if v.Text == "" && len(v.Inner) == 0 {
		v.Text = "(a node of which no more is shown)"
	}
	return v
}

// webAddress is an address that may become a link: http or https with a host, and nothing that hides
// where it leads. Others are shown as text.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return s
}
