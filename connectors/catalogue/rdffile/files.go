package rdffile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// read reads a page of a directory, or the one file.
func (d *Driver) read(ctx context.Context, cursor string) (connectors.CataloguePage, error) {
	info, err := os.Stat(d.o.Location)
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("rdffile: %w", err)
	}
	dir, names := d.o.Location, []string(nil)
	if !info.IsDir() {
		// The operator named this very file, so a link to it is followed by resolving it first.
		target, err := filepath.EvalSymlinks(d.o.Location)
		if err != nil {
			return connectors.CataloguePage{}, fmt.Errorf("rdffile: %w", err)
		}
		dir, names = filepath.Dir(target), []string{filepath.Base(target)}
		if _, ok := d.byName(names[0]); !ok {
			return connectors.CataloguePage{}, ErrMediaType
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("rdffile: %w", err)
	}
	defer root.Close()
	if names == nil {
		// A pass keeps to one list: a file that is renamed meanwhile is missed under its old name, not in silence.
		if cursor == "" || d.list == nil {
			if d.list, err = d.names(ctx, root.FS()); err != nil {
				return connectors.CataloguePage{}, err
			}
		}
		names = d.list
	}
	page, err := d.page(ctx, root, names, cursor)
	if err != nil || page.Next == "" {
		d.list = nil
	}
	return page, err
}

// names lists the documents of a directory in the order of their names.
func (d *Driver) names(ctx context.Context, dir fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		}
		if _, ok := d.byName(name); ok {
			names = append(names, name)
		}
		if len(names) > d.o.MaxFiles {
			return ErrTooManyFiles
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rdffile: %w", err)
	}
	if len(names) == 0 {
		return nil, ErrNoFiles
	}
	slices.Sort(names)
	return names, nil
}

// page reads the documents after the cursor.
func (d *Driver) page(ctx context.Context, root *os.Root, names []string, cursor string) (connectors.CataloguePage, error) {
	from, found := slices.BinarySearch(names, cursor)
	if found {
		from++
	}
	names = names[from:]
	var page connectors.CataloguePage
	if len(names) > d.o.PageFiles {
		names = names[:d.o.PageFiles]
		page.Next = names[len(names)-1]
	}
	for _, name := range names {
		item, err := d.file(ctx, root, name)
		if err != nil {
			return connectors.CataloguePage{}, err
		}
		page.Items = append(page.Items, item)
	}
	return page, nil
}

// file reads one document of the directory.
func (d *Driver) file(ctx context.Context, root *os.Root, name string) (connectors.CatalogueItem, error) {
	f, err := open(root, name)
	if err != nil {
		return connectors.CatalogueItem{File: name, Err: err}, nil
	}
	defer f.Close()
	format, _ := d.byName(name)
	base := (&url.URL{Scheme: "file", Path: "/" + name}).String()
	return d.document(ctx, format, f, name, base)
}

// open opens a regular file within the directory: no pipe to wait at, no device, nothing outside.
func open(root *os.Root, name string) (io.ReadCloser, error) {
	info, err := root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("rdffile: %w", err)
	case err != nil, !info.Mode().IsRegular():
		return nil, ErrOutside
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("rdffile: %w", err)
	}
	return f, nil
}
