package publish

import "fmt"

// guard stops a pass that would remove or refuse too much at once. Force lets it through.
func (p *Publisher) guard(x *pass) error {
	if x.o.Force {
		return nil
	}
	if err := p.Guard.Check(len(x.standing.have), len(x.deleted), x.r.Totals.Quarantined, x.r.Read); err != nil {
		return fmt.Errorf("source %s: nothing was sent: %w", x.s.Name, err)
	}
	return nil
}
