package rdf

// xmlQName is a name as written and with its namespace.
type xmlQName struct {
	prefix, local string
	space         string // the namespace, empty when there is none
}

// written is the name as the document has it.
func (n xmlQName) written() string {
	if n.prefix == "" {
		return n.local
	}
	return n.prefix + ":" + n.local
}

// xmlBinding is a declared prefix; the empty one is the default namespace.
type xmlBinding struct{ prefix, space string }

// Namespaces that are bound without a declaration (Namespaces in XML 1.0 §3).
const (
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS = "http://www.w3.org/2000/xmlns/"
)

// qName reads a name that may have a prefix.
func (x *xmlScanner) qName(what string) (xmlQName, error) {
	local, err := x.ncName(what)
	if err != nil || x.peek() != ':' {
		return xmlQName{local: local}, err
	}
	x.pos++
	prefix := local
	local, err = x.ncName("the name after the prefix " + prefix)
	return xmlQName{prefix: prefix, local: local}, err
}

// bind declares a prefix for the element whose tag is being read.
func (x *xmlScanner) bind(prefix, space string, at place) error {
	refuse := func(format string, args ...any) error { return x.errorAt(at, x.syntax, format, args...) }
	switch {
	case prefix == "xmlns", space == nsXMLNS:
		return refuse("xmlns and its namespace are not to be declared")
	case (prefix == "xml") != (space == nsXML):
		return refuse("the prefix xml and its namespace belong together")
	case prefix != "" && space == "":
		return refuse("the prefix %s is declared without a namespace", prefix)
	case prefix == "xml":
		return nil
	}
	for _, b := range x.bound[x.outside:] {
		if b.prefix == prefix {
			return refuse("the prefix %q is declared twice in one tag", prefix)
		}
	}
	x.bound = append(x.bound, xmlBinding{prefix, space})
	return nil
}

// namespace finds what a prefix stands for.
func (x *xmlScanner) namespace(prefix string) (string, bool) {
	for i := len(x.bound) - 1; i >= 0; i-- {
		if x.bound[i].prefix == prefix {
			return x.bound[i].space, true
		}
	}
	if prefix == "xml" {
		return nsXML, true
	}
	return "", prefix == ""
}

// resolveName gives a name its namespace. Attributes without prefix have none.
func (x *xmlScanner) resolveName(n *xmlQName, at place, element bool) error {
	if n.prefix == "" && !element {
		return nil
	}
	space, ok := x.namespace(n.prefix)
	if !ok {
		return x.errorAt(at, CodeUndefinedPrefix, "the prefix %q is not declared", n.prefix)
	}
	n.space = space
	return nil
}
