package connectors

import "context"

// Extras are the optional abilities of a permit driver, each behind the guard; nil for one it does not
// have.
type Extras struct {
	Appeals        Appeals
	ChangeRequests ChangeRequests
	Distributor    Distributor
	Measures       Measures
	Recognitions   Recognitions
}

// GuardExtras finds what a permit driver can take besides applications, and puts a deadline and a panic
// fence around each.
func GuardExtras(d Permits, h Host, t Deadlines) Extras {
	var x Extras
	g := guardedPermits{d, h, t}
	if a, ok := d.(Appeals); ok {
		x.Appeals = guardedAppeals{g, a}
	}
	if c, ok := d.(ChangeRequests); ok {
		x.ChangeRequests = guardedChanges{g, c}
	}
	if p, ok := d.(Distributor); ok {
		x.Distributor = guardedDistributor{g, p}
	}
	if m, ok := d.(Measures); ok {
		x.Measures = guardedMeasures{g, m}
	}
	if r, ok := d.(Recognitions); ok {
		x.Recognitions = guardedRecognitions{g, r}
	}
	return x
}

type guardedAppeals struct {
	guard  guardedPermits
	driver Appeals
}

func (g guardedAppeals) Appeal(ctx context.Context, a AppealNotice) error {
	return g.guard.run(ctx, "Appeal", func(ctx context.Context) error { return g.driver.Appeal(ctx, a) })
}

type guardedChanges struct {
	guard  guardedPermits
	driver ChangeRequests
}

func (g guardedChanges) ChangeRequest(ctx context.Context, r ChangeRequest) error {
	return g.guard.run(ctx, "ChangeRequest", func(ctx context.Context) error { return g.driver.ChangeRequest(ctx, r) })
}

type guardedDistributor struct {
	guard  guardedPermits
	driver Distributor
}

func (g guardedDistributor) Distribute(ctx context.Context, n PermitNotice) error {
	return g.guard.run(ctx, "Distribute", func(ctx context.Context) error { return g.driver.Distribute(ctx, n) })
}

// GuardCourier puts a deadline and a panic fence around a courier.
func GuardCourier(c Courier, h Host, t Deadlines) Courier { return guardedCourier{c, h, t} }

type guardedCourier struct {
	courier Courier
	host    Host
	limits  Deadlines
}

func (g guardedCourier) Bring(ctx context.Context, n PermitNotice) (bool, error) {
	return call(ctx, g.host.Logger, g.host.Instance, "Bring", g.limits.Permits, func(ctx context.Context) (bool, error) {
		return g.courier.Bring(ctx, n)
	})
}

type guardedMeasures struct {
	guard  guardedPermits
	driver Measures
}

func (g guardedMeasures) Measure(ctx context.Context, m MeasureNotice) error {
	return g.guard.run(ctx, "Measure", func(ctx context.Context) error { return g.driver.Measure(ctx, m) })
}

type guardedRecognitions struct {
	guard  guardedPermits
	driver Recognitions
}

func (g guardedRecognitions) Recognise(ctx context.Context, n RecognitionNotice) error {
	return g.guard.run(ctx, "Recognise", func(ctx context.Context) error { return g.driver.Recognise(ctx, n) })
}
