package search

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
)

// Fields of the index. Those of words hold words and stems; the facets are named by themselves.
const (
	fieldTitle       = "t"
	fieldKeyword     = "k"
	fieldDescription = "d"
	fieldModified    = "m"  // RFC 3339 in UTC, for the order
	fieldVersion     = "v"  // key, space, version: what the index holds, without reading documents
	fieldShown       = "s"  // the document as JSON
	fieldContent     = "nq" // N-Quads
)

// Ways a field is kept.
const (
	asWords  = index.IndexField
	asFacet  = index.IndexField | index.DocValues | index.SkipFreqNorm
	asOrder  = index.IndexField | index.DocValues | index.SkipFreqNorm
	asStored = index.StoreField
)

// modifiedLayout orders as text does.
const modifiedLayout = "2006-01-02T15:04:05.000000Z"

// markPrefix begins the internal keys of marks.
const markPrefix = "mark/"

// Batch is what is applied together.
type Batch struct {
	Put    []Document
	Delete []string // keys
	// Marks are kept beside the documents, such as how far a source was read; an empty one is dropped.
	Marks map[string]string
}

// Apply puts and deletes documents, all or nothing, and returns when that is on disk.
func (x *Index) Apply(ctx context.Context, b Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	return x.use(func(i bleve.Index) error {
		batch := i.NewBatch()
		for _, d := range b.Put {
			doc, err := x.document(d)
			if err != nil {
				return err
			}
			if err := batch.IndexAdvanced(doc); err != nil {
				return fmt.Errorf("search: %w", err)
			}
		}
		for _, key := range b.Delete {
			batch.Delete(key)
		}
		for name, value := range b.Marks {
			if value == "" {
				batch.DeleteInternal([]byte(markPrefix + name))
				continue
			}
			batch.SetInternal([]byte(markPrefix+name), []byte(value))
		}
		if err := i.Batch(batch); err != nil {
			return fmt.Errorf("search: %w", err)
		}
		return nil
	})
}

// document makes the index's form of a description.
func (x *Index) document(d Document) (*document.Document, error) {
	shown, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	out := document.NewDocument(d.Key)
	add := func(name, text string, how index.FieldIndexingOptions) {
		out.AddField(document.NewTextFieldCustom(name, nil, []byte(text), how, nil))
	}
	text := func(name, lang, text string) {
		out.AddField(document.NewTextFieldCustom(name, nil, []byte(text), asWords, analyzer{x.words, base(lang)}))
	}
	for _, lang := range slices.Sorted(maps.Keys(d.Title)) {
		text(fieldTitle, lang, d.Title[lang])
	}
	for _, lang := range slices.Sorted(maps.Keys(d.Description)) {
		text(fieldDescription, lang, d.Description[lang])
	}
	for _, lang := range slices.Sorted(maps.Keys(d.Keywords)) {
		for _, k := range d.Keywords[lang] {
			text(fieldKeyword, lang, k)
		}
	}
	for _, name := range []string{d.Identifier, d.CentralID, d.Publisher, d.HDAB} {
		if name != "" {
			text(fieldKeyword, "", name)
		}
	}
	for facet, values := range d.facets() {
		values = unique(slices.Clone(values))
		for _, v := range values[:min(len(values), MaxValues)] {
			if v != "" && len(v) <= MaxValue {
				add(string(facet), v, asFacet)
			}
		}
	}
	add(fieldModified, d.Modified.UTC().Format(modifiedLayout), asOrder)
	add(fieldVersion, d.Key+" "+d.Version, asOrder)
	add(fieldShown, string(shown), asStored)
	if len(d.Content) > 0 {
		add(fieldContent, string(d.Content), asStored)
	}
	return out, nil
}

// facets are the values by which a description is counted and kept apart.
func (d Document) facets() map[Facet][]string {
	return map[Facet][]string{
		ByCountry: {d.Country}, ByCategory: d.Categories, ByTheme: d.Themes, ByAccess: {d.Access}, ByOrigin: {string(d.Origin)},
	}
}
