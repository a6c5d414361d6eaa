package exchange

import (
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// Address is a system of recipients that a courier brings notices to.
type Address struct {
	Target string // of the outbox, and who confirmed as evidence has it; stable over restarts
	Kind   connectors.RecipientKind
	Name   string // of the recipient; an asterisk stands for any characters
}

// Addresses are the systems of recipients by the body that tells them; of a body's the first that fits is
// told. A body whose permit system brings notices by itself has none, so that nobody is told twice.
type Addresses map[string][]Address

// targetOf is where the outbox takes a notice of a body: to a system of the recipient's own, or to the body's
// permit system. Each is a line of its own: a recipient who cannot be reached holds up nobody else.
func (a *Applications) targetOf(hdab string, r connectors.Recipient) string {
	for _, address := range a.Addresses[hdab] {
		if address.Kind == r.Kind && fits(address.Name, r.Name) {
			return address.Target
		}
	}
	return a.Systems.Of(hdab)
}

// fits says whether a name is as a pattern says.
func fits(pattern, name string) bool {
	first, rest, open := strings.Cut(pattern, "*")
	name, ok := strings.CutPrefix(name, first)
	if !ok || !open {
		return ok && name == ""
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, last)
}
