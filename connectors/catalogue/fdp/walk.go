package fdp

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// hidden says whether the server does not show a resource to us at all.
func hidden(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

// link is one thing to read after the walk: a dataset, or why a link was not followed.
type link struct {
	iri    string
	stated bool // see member
	err    error
}

// container is a document to be walked.
type container struct {
	iri    string
	stated bool
	depth  int
}

// walker is one walk over the containers.
type walker struct {
	*Driver
	links map[string]link
	seen  map[string]bool // containers met
	queue []container
	pages int
}

// walk reads every container from the root down and returns the links to the datasets in the order
// of their IRIs, each once however many catalogues list it.
func (d *Driver) walk(ctx context.Context) ([]link, error) {
	root := d.wire.Root().String()
	w := &walker{Driver: d, links: map[string]link{}, seen: map[string]bool{root: true}, queue: []container{{iri: root, stated: true}}}
	for len(w.queue) > 0 {
		c := w.queue[0]
		w.queue = w.queue[1:]
		if err := w.visit(ctx, c); err != nil {
			return nil, fmt.Errorf("container %s: %w", c.iri, err)
		}
	}
	byIRI := func(a, b link) int { return strings.Compare(a.iri, b.iri) }
	return slices.SortedFunc(maps.Values(w.links), byIRI), nil
}

// visit reads one container. What its document turns out to be counts: a dataset that was linked by
// containment alone is a dataset.
func (w *walker) visit(ctx context.Context, c container) error {
	doc, err := w.wire.get(ctx, c.iri)
	switch {
	case err != nil && !c.stated && hidden(err) && ctx.Err() == nil:
		return nil // a draft: it is contained but not published
	case err != nil:
		return err
	}
	if doc.isOneDataset(rdf.NewIRI(c.iri)) {
		return w.found(link{iri: c.iri, stated: c.stated})
	}
	if len(doc.subjectsLike(c.iri)) == 0 {
		return ErrNotContainer
	}
	members, kinds := doc.members(), doc.children(w.wire)
	for doc.next != "" {
		if doc, err = w.page(ctx, doc.next); err != nil {
			return err
		}
		members = append(members, doc.members()...)
		if most := w.o.MaxDatasets + w.o.MaxContainers; len(members) > 2*most {
			if members = once(members); len(members) > most {
				return fmt.Errorf("%w: over %d parts", ErrTooMany, most)
			}
		}
		for _, kind := range doc.children(w.wire) {
			if !slices.Contains(kinds, kind) { // a page may repeat what the container says of itself
				kinds = append(kinds, kind)
			}
		}
	}
	members = once(members)
	for _, kind := range kinds {
		more, err := w.paged(ctx, c, kind, listed(members, kind))
		if err != nil {
			return err
		}
		members = append(members, more...)
	}
	drafts, err := w.drafts(ctx, c.iri)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(m member) bool { return drafts[m.iri] })
	return w.take(members, c.depth+1)
}

// take sorts members into datasets and further containers.
func (w *walker) take(members []member, depth int) error {
	for _, m := range members {
		_, ok := w.wire.within(m.iri)
		switch {
		case !ok:
			if err := w.found(link{iri: named(m.iri), err: origin.ErrElsewhere}); err != nil {
				return err
			}
		case m.dataset:
			if err := w.found(link{iri: m.iri, stated: m.stated}); err != nil {
				return err
			}
		case w.seen[m.iri] || m.iri == w.wire.Root().String()+"/":
		case depth > w.o.MaxDepth:
			return fmt.Errorf("%w: containers are %d deep", ErrTooMany, depth)
		case len(w.seen) >= w.o.MaxContainers:
			return fmt.Errorf("%w: over %d containers", ErrTooMany, w.o.MaxContainers)
		default:
			w.seen[m.iri] = true
			w.queue = append(w.queue, container{m.iri, m.stated, depth})
		}
	}
	return nil
}

// found notes a link; of two to the same dataset, one that states the membership counts.
func (w *walker) found(l link) error {
	old, known := w.links[l.iri]
	if !known && len(w.links) >= w.o.MaxDatasets {
		return fmt.Errorf("%w: over %d datasets", ErrTooMany, w.o.MaxDatasets)
	}
	l.stated = l.stated || old.stated
	w.links[l.iri] = l
	return nil
}
