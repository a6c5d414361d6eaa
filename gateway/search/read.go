package search

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blevesearch/bleve/v2"
	index "github.com/blevesearch/bleve_index_api"
)

// Get reads one document with its content; ok is false when the index does not hold it.
func (x *Index) Get(ctx context.Context, key string) (d Document, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return Document{}, false, err
	}
	err = x.use(func(i bleve.Index) error {
		doc, err := i.Document(key)
		if err != nil || doc == nil {
			return err
		}
		var content []byte
		doc.VisitFields(func(f index.Field) {
			switch f.Name() {
			case fieldShown:
				ok = true
				err = json.Unmarshal(f.Value(), &d)
			case fieldContent:
				content = append(content, f.Value()...)
			}
		})
		d.Content = content
		if err != nil || !ok {
			return fmt.Errorf("%w: document %q: %w", ErrDamaged, key, err)
		}
		return nil
	})
	return d, ok && err == nil, err
}

// Mark reads a mark; empty when there is none.
func (x *Index) Mark(ctx context.Context, name string) (value string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	err = x.use(func(i bleve.Index) error {
		raw, err := i.GetInternal([]byte(markPrefix + name))
		value = string(raw)
		return err
	})
	return value, err
}

// Count is the number of documents.
func (x *Index) Count() (n int, err error) {
	err = x.use(func(i bleve.Index) error {
		c, err := i.DocCount()
		n = int(c)
		return err
	})
	return n, err
}

// Versions are the versions of all documents of an origin, by key.
func (x *Index) Versions(ctx context.Context, origin Origin) (map[string]string, error) {
	out := map[string]string{}
	err := x.use(func(i bleve.Index) error {
		low, err := i.Advanced()
		if err != nil {
			return err
		}
		r, err := low.Reader()
		if err != nil {
			return err
		}
		defer r.Close()
		return versions(ctx, r, string(origin)+":", out)
	})
	return out, err
}

func versions(ctx context.Context, r index.IndexReader, prefix string, out map[string]string) error {
	values, err := r.DocValueReader([]string{fieldVersion})
	if err != nil {
		return err
	}
	ids, err := r.DocIDReaderAll()
	if err != nil {
		return err
	}
	defer ids.Close()
	for n := 0; ; n++ {
		id, err := ids.Next()
		if err != nil || id == nil {
			return err
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err = values.VisitDocValues(id, func(_ string, term []byte) {
			if !strings.HasPrefix(string(term), prefix) {
				return
			}
			if at := strings.LastIndexByte(string(term), ' '); at > 0 {
				out[string(term[:at])] = string(term[at+1:])
			}
		})
		if err != nil {
			return err
		}
	}
}
