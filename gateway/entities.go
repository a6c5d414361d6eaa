package gateway

import (
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// ownerNCP owns the contact point's keys.
const ownerNCP = "ncp"

// ownerHDAB owns the keys of a body.
func ownerHDAB(id string) string { return "hdab-" + id }

// HDABEntity is the entity identifier of a body hosted by a contact point.
func HDABEntity(entity, id string) string { return ehds.BodyEntity(entity, id) }

// LogOrigin is the origin of a gateway's evidence log: its identifier without the scheme.
func LogOrigin(entity string) string {
	u, err := url.Parse(entity)
	if err != nil {
		return entity + "/log"
	}
	return strings.TrimSuffix(u.Host+u.Path, "/") + "/log"
}
