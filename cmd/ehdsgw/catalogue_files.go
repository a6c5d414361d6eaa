package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
)

// fileSet is the rdffile connector over several locations, with each document named as the user
// named it, so that a finding's place can be opened.
type fileSet struct{ parts []filePart }

type filePart struct {
	path   string
	dir    bool
	driver connectors.Catalogue
}

var _ connectors.Catalogue = (*fileSet)(nil)

func openPart(path string, dir bool, contexts map[string][]byte) (filePart, error) {
	open, err := builtin.Find(builtin.Drivers().Catalogue, "catalogue", "rdffile")
	if err != nil {
		return filePart{}, err
	}
	d, err := open(connectors.Host{Instance: "files"}, builtin.CatalogueSettings{Location: path, Contexts: contexts})
	return filePart{path, dir, d}, err
}

// Capabilities are those of files.
func (s *fileSet) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Paged: true}
}

// List reads the next page. The cursor is the number of the location and the cursor within it.
func (s *fileSet) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	n, inner := 0, ""
	if number, rest, ok := strings.Cut(cursor, " "); ok {
		var err error
		if n, err = strconv.Atoi(number); err != nil || n < 0 || n >= len(s.parts) {
			return connectors.CataloguePage{}, fmt.Errorf("no such page")
		}
		inner = rest
	}
	part := s.parts[n]
	page, err := part.driver.List(ctx, since, inner)
	if err != nil {
		return page, fmt.Errorf("%s: %w", part.path, err)
	}
	for i := range page.Items {
		page.Items[i].File = part.named(page.Items[i].File)
	}
	switch {
	case page.Next != "":
		page.Next = strconv.Itoa(n) + " " + page.Next
	case n+1 < len(s.parts):
		page.Next = strconv.Itoa(n+1) + " "
	}
	return page, nil
}

func (p filePart) named(file string) string {
	if p.dir {
		return filepath.Join(p.path, file)
	}
	return p.path
}
