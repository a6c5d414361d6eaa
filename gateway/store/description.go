package store

import (
	"context"
	"errors"
	"strings"
)

// Descriptions reads what dataset cases describe.
type Descriptions interface {
	// Description is the current description of a case: canonical N-Quads and their digest. ok is
	// false when there is none, it was withdrawn, or the case was erased.
	Description(ctx context.Context, caseID string) (content []byte, digest string, ok bool, err error)
	// Descriptions lists the current description of each case whose id starts with prefix, in id
	// order, after the given id, up to limit.
	Descriptions(ctx context.Context, prefix, after string, limit int) ([]Description, error)
	// DescriptionHeads is Descriptions without content: what comparing digests needs.
	DescriptionHeads(ctx context.Context, prefix, after string, limit int) ([]Description, error)
	// DescriptionVersions lists the versions of a case that are kept, content and all, oldest first.
	DescriptionVersions(ctx context.Context, caseID string) ([]Description, error)
}

// descriptionRow is a version as stored.
type descriptionRow struct {
	Description
	caseNo   int64
	personal bool
	sealed   []byte
}

const descriptionHead = "SELECT c.id, c.no, c.personal, d.version, d.at, d.current, d.size, d.digest, d.exchange, "

func scanDescription(scan func(...any) error) (d descriptionRow, err error) {
	var at int64
	err = scan(&d.Case, &d.caseNo, &d.personal, &d.Version, &at, &d.Current, &d.Size, &d.Digest, &d.Exchange, &d.sealed)
	d.At = micros(at)
	return d, err
}

// open unseals and unpacks the content. It is nil without what is stored of it, and for a case that
// was erased since the row was read.
func (v view) openDescription(ctx context.Context, d descriptionRow) (Description, error) {
	if d.sealed == nil {
		return d.Description, nil
	}
	key, err := v.keyOf(ctx, d.caseNo, d.personal, false)
	if err != nil {
		return Description{}, err
	}
	packed, err := key.open(place("description", d.caseNo, d.Version), d.sealed)
	if err != nil {
		return Description{}, err
	}
	err = d.unpack(packed)
	return d.Description, err
}

// descriptions reads rows and opens them. A case erased meanwhile is left out.
func (v view) descriptions(ctx context.Context, prefix, query string, args ...any) ([]Description, error) {
	var rows []descriptionRow
	past := errors.New("past the prefix")
	err := v.s.each(ctx, query, args, func(scan func(...any) error) error {
		d, err := scanDescription(scan)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(d.Case, prefix) {
			return past
		}
		rows = append(rows, d)
		return nil
	})
	if err != nil && !errors.Is(err, past) {
		return nil, err
	}
	out := make([]Description, 0, len(rows))
	for _, row := range rows {
		d, err := v.openDescription(ctx, row)
		switch {
		case errors.Is(err, ErrErased):
		case err != nil:
			return nil, err
		default:
			out = append(out, d)
		}
	}
	return out, nil
}

// Description implements Descriptions.
func (r *Record) Description(ctx context.Context, caseID string) (content []byte, digest string, ok bool, err error) {
	list, err := r.view.descriptions(ctx, "", descriptionHead+"d.sealed FROM case_file c JOIN description d"+
		" ON d.case_no = c.no AND d.current = 1 WHERE c.id = $1 AND c.erased = 0", caseID)
	if err != nil || len(list) == 0 {
		return nil, "", false, err
	}
	return list[0].Content, list[0].Digest, true, nil
}

const currentInOrder = " FROM case_file c CROSS JOIN description d ON d.case_no = c.no AND d.current = 1" +
	" WHERE c.id > $1 AND c.id >= $2 AND c.erased = 0 ORDER BY c.id LIMIT $3"

// Descriptions implements Descriptions.
func (r *Record) Descriptions(ctx context.Context, prefix, after string, limit int) ([]Description, error) {
	return r.view.descriptions(ctx, prefix, descriptionHead+"d.sealed"+currentInOrder, after, prefix, limit)
}

// DescriptionHeads implements Descriptions.
func (r *Record) DescriptionHeads(ctx context.Context, prefix, after string, limit int) ([]Description, error) {
	return r.view.descriptions(ctx, prefix, descriptionHead+"NULL"+currentInOrder, after, prefix, limit)
}

// DescriptionVersions implements Descriptions.
func (r *Record) DescriptionVersions(ctx context.Context, caseID string) ([]Description, error) {
	return r.view.descriptions(ctx, "", descriptionHead+"d.sealed FROM case_file c JOIN description d"+
		" ON d.case_no = c.no WHERE c.id = $1 AND c.erased = 0 ORDER BY d.version", caseID)
}
