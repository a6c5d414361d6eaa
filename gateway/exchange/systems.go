package exchange

import "github.com/ehdsgw/ehdsgw/connectors"

// Systems says which permit system serves which body. A nation with one system names only Default.
type Systems struct {
	Default string            // instance that serves every body not named in Bodies
	Bodies  map[string]string // entity of a body → instance of its own system
}

// Of is the instance that serves a body.
func (s Systems) Of(hdab string) string { return firstOf(s.Bodies[hdab], s.Default) }

// System is one permit system as the exchange sees it.
type System struct {
	Permits connectors.Permits
	Extras  connectors.Extras // what it can take besides applications
}
