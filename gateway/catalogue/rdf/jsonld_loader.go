package rdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/piprate/json-gold/ld"
)

// contextLoader gives json-gold the contexts that this program knows, and
// nothing else: no context is ever fetched.
type contextLoader struct {
	ctx       context.Context
	given     map[string][]byte
	loads     int
	propagate bool            // a context that was loaded says @propagate
	failed    *contextRefusal // why the last load failed
}

// contextRefusal is why a context could not be had.
type contextRefusal struct{ code, msg string }

func (f *contextRefusal) Error() string { return f.msg }

// LoadDocument implements ld.DocumentLoader.
func (l *contextLoader) LoadDocument(iri string) (*ld.RemoteDocument, error) {
	refuse := func(code, format string, args ...any) (*ld.RemoteDocument, error) {
		l.failed = &contextRefusal{code, fmt.Sprintf(format, args...)}
		return nil, l.failed
	}
	// A context may name others, and json-gold does not see a circle; this
	// does, and bounds what one document can ask for.
	if l.loads++; l.loads > maxContextLoads {
		return refuse(CodeTooLarge, "the document asks for contexts more than %d times", maxContextLoads)
	}
	doc, ok := l.given[iri]
	if !ok {
		if doc, ok = bundledContext(iri); !ok {
			return refuse(CodeUnknownContext, "the context %q is not known and is not fetched; give it with --context %s=FILE, or under contexts of the source", iri, iri)
		}
	}
	v, err := contextDocument(l.ctx, iri, doc)
	if err != nil {
		return refuse(CodeJSONLDSyntax, "invalid remote context: %q: %v", iri, err)
	}
	if m := v.(map[string]any); has(m, "@context") {
		m["@context"] = absoluteContexts(iri, m["@context"])
	}
	l.propagate = l.propagate || mentions(v, "@propagate")
	return &ld.RemoteDocument{DocumentURL: iri, Document: v}, nil
}

// contextDocument reads a context document as strictly as any other.
func contextDocument(ctx context.Context, name string, doc []byte) (any, error) {
	j := newJSONReader(ctx, bytes.NewReader(doc), ReadOptions{File: name}.withDefaults())
	v, err := j.value()
	if err == nil {
		err = j.end()
	}
	if err != nil {
		return nil, err
	}
	if v.kind != jsonObject {
		return nil, errors.New("it is no object with the member @context")
	}
	return j.anyOf(v, true), nil
}

// absoluteContexts resolves the IRIs of other contexts that a local context
// names, against the document it stands in: @base does not count (JSON-LD 1.1
// API §4.1.2 step 5.2.1).
func absoluteContexts(base string, context any) any {
	switch context := context.(type) {
	case string:
		if schemeLength(context) == 0 && schemeLength(base) > 0 {
			return splitReference(base).resolve(context)
		}
	case []any:
		for i := range context {
			context[i] = absoluteContexts(base, context[i])
		}
	case map[string]any:
		for name, def := range context {
			if name == "@import" {
				context[name] = absoluteContexts(base, def)
			} else if m, ok := def.(map[string]any); ok && has(m, "@context") {
				m["@context"] = absoluteContexts(base, m["@context"])
			}
		}
	}
	return context
}
