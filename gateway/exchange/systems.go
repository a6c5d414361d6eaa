package exchange

import (
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

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

// errForeignTrack is the answer to a permit system that speaks of a track of another body: the same as
// to an unknown one, so that nothing is learnt from it.
func errForeignTrack() error {
	return fault.New(fault.NotFound, "unknown-case", "no such case or track is known here")
}
