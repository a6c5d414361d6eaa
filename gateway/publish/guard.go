package publish

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// guard stops a pass that would remove or refuse too much at once. Force lets it through.
func (p *Publisher) guard(source string, published map[catalogue.Key]catalogue.Publication, c catalogue.Changes, r Report, o Options) error {
	if o.Force {
		return nil
	}
	before := 0
	for k := range published {
		if k.Source == source {
			before++
		}
	}
	if err := p.Guard.Check(before, len(c.Delete), len(r.Quarantined), r.Read); err != nil {
		return fmt.Errorf("source %s: nothing was sent: %w", source, err)
	}
	return nil
}
