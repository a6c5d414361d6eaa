package gateway

import (
	"context"
	"errors"
	"fmt"
)

// Ready says why the gateway cannot do its work; nil when it can.
func (g *Gateway) Ready(context.Context) error {
	switch g.phase.Load() {
	case phaseRunning:
	case phaseStopping:
		return errors.New("the gateway is stopping")
	default:
		return errors.New("the gateway is not started")
	}
	if err := g.record.Healthy(); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if err := g.keysReady(); err != nil {
		return err
	}
	if err := g.anchorsReady(); err != nil {
		return err
	}
	if w, ok := g.marks.missing(g.o.Clock()); ok {
		return fmt.Errorf("trust: no %s mark for %s from the anchor or a superior yet", w.name, w.entity)
	}
	return nil
}

// Reload takes over renewed TLS files and keys. Of what does not fit the former stays in use; the
// error tells of all that did not.
func (g *Gateway) Reload() error {
	if g.phase.Load() != phaseRunning {
		return errors.New("gateway: not running")
	}
	errs := []error{g.tls.Reload()}
	if g.adminTLS != nil {
		if err := g.adminTLS.Reload(); err != nil {
			errs = append(errs, fmt.Errorf("admin: %w", err))
		}
	}
	errs = append(errs, g.keys.Reload())
	g.renewStatements() // they show the keys
	return errors.Join(errs...)
}
