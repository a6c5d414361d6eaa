package publish

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// settle decides, once everything was seen, which publication each description is, under which
// identifier it is published, and what has left the source.
func (x *pass) settle() {
	renamed := x.compared.Settle()
	for i := range x.changes {
		c := &x.changes[i]
		origin := c.Identifier
		if c.verdict == catalogue.Undecided {
			if c.was = renamed[c.Identifier]; c.was != "" {
				c.verdict, origin = catalogue.Update, c.was
			} else {
				c.verdict = catalogue.Create
			}
		}
		if have, published := x.standing.have[origin]; published {
			x.as(c, have.Published)
			continue
		}
		x.name(c)
	}
	x.deleted, x.withheld = x.compared.Gone()
}

// as notes under which identifier a description is published.
func (x *pass) as(c *change, identifier string) {
	if identifier != c.Identifier {
		c.As = identifier
	}
}

// name gives a description that is new the identifier it is published under: its own, or when that is
// another's, one derived from it. When that is taken as well, it is quarantined.
func (x *pass) name(c *change) {
	other, taken := x.standing.owners[c.Identifier]
	if !taken {
		x.standing.owners[c.Identifier] = owner{x.s.Name, c.Identifier}
		return
	}
	derived := catalogue.DerivedIdentifier(x.s.Name, c.Identifier)
	r := catalogue.Record{Identifier: c.Identifier, IRI: c.IRI, Source: c.at}
	_, theirs := x.standing.owners[derived]
	_, ours := x.compared.First(derived)
	if theirs || ours {
		f := r.Finding(catalogue.CodeDuplicateIdentifier, catalogue.Violation,
			fmt.Sprintf("source %q publishes a dataset with the same dct:identifier, and %q is taken as well", other.source, derived))
		f.Hint = "give it an identifier of its own, or remove it from the other source first"
		x.find(f)
		x.r.Read-- // quarantine counts it again
		x.r.quarantine(x.maxItems, c.Item)
		c.drop = true
		return
	}
	f := r.Finding(catalogue.CodeDuplicateIdentifier, catalogue.Info,
		fmt.Sprintf("source %q publishes a dataset with the same dct:identifier; this one is published as %q", other.source, derived))
	f.Hint = "nothing has to be done; its own identifier is in adms:identifier"
	x.find(f)
	x.standing.owners[derived] = owner{x.s.Name, c.Identifier}
	c.As = derived
}
