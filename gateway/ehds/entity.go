package ehds

import "strings"

// bodyPath is what the entity identifier of a body has after that of its contact point.
const bodyPath = "/hdab/"

// BodyEntity is the entity identifier of a health data access body hosted by a contact point.
func BodyEntity(hub, id string) string { return hub + bodyPath + id }

// HostedBy says whether a contact point hosts a body, as their entity identifiers have it. A contact point
// without an identifier hosts none.
func HostedBy(body, hub string) bool {
	return hub != "" && strings.HasPrefix(body, hub+bodyPath)
}
