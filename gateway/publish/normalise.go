package publish

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// errPanic is why a document whose handling panicked could not be read.
var errPanic = errors.New("the document could not be handled")

// normalise reads a document and rewrites what is spelt in an obsolete way.
func (x *pass) normalise(ctx context.Context, doc connectors.CatalogueItem) (*rdf.Graph, []catalogue.Finding, error) {
	g, err := doc.Open(ctx)
	if err != nil || g == nil || x.s.Normalise == nil {
		return g, nil, err
	}
	return x.s.Normalise(ctx, g, doc.File)
}

// assess takes one document apart and judges what is in it. What is wrong with it is in the result;
// the error is the context's.
func (x *pass) assess(ctx context.Context, doc connectors.CatalogueItem) (a *assessed, err error) {
	a = &assessed{file: doc.File}
	defer func() {
		// One document that a library cannot stand is one document that cannot be read.
		if p := recover(); p != nil {
			x.p.Logger.ErrorContext(ctx, "a document could not be handled", "source", x.s.Name, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			a = &assessed{file: doc.File}
			a.unread(errPanic)
		}
	}()
	if x.repeated(doc, a) {
		return a, nil
	}
	g, findings, err := x.normalise(ctx, doc)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || g == nil:
		a.unread(err)
		return a, nil
	}
	a.findings = findings
	records, findings, err := catalogue.Records(ctx, g, doc.File)
	if err != nil {
		return nil, err
	}
	a.refuse(findings)
	for _, r := range records {
		x.validate(a, r)
	}
	return a, ctx.Err()
}
