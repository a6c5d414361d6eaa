package cataloguetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Synthetic is a catalogue.
type Synthetic struct {
	Datasets    int
	PerDocument int // 100 when zero
	Seed        uint64
	// Revision tells how often the description of a dataset was changed; below zero it is gone from
	// the catalogue. Nil is never.
	Revision func(dataset int) int
}

func (s Synthetic) perDocument() int {
	if s.PerDocument > 0 {
		return s.PerDocument
	}
	return 100
}

// Documents is how many documents the catalogue has.
func (s Synthetic) Documents() int {
	return (s.Datasets + s.perDocument() - 1) / s.perDocument()
}

// Name is the file name of a document; names are in the order of documents.
func (s Synthetic) Name(document int) string { return fmt.Sprintf("synthetic-%06d.ttl", document) }

// Identifier is the dct:identifier of a dataset.
func Identifier(dataset int) string { return fmt.Sprintf("SYN-%07d", dataset) }

// IRI is the IRI of a dataset.
func IRI(dataset int) string {
	return fmt.Sprintf("https://catalogue.fr.example/dataset/syn-%07d", dataset)
}

// Document is a document of the catalogue, in Turtle.
func (s Synthetic) Document(document int) []byte {
	var b bytes.Buffer
	b.WriteString(prologue)
	for i := document * s.perDocument(); i < min(s.Datasets, (document+1)*s.perDocument()); i++ {
		revision := 0
		if s.Revision != nil {
			revision = s.Revision(i)
		}
		if revision >= 0 {
			s.dataset(&b, i, revision)
		}
	}
	return b.Bytes()
}

// Write puts the documents into a directory, replacing those whose content differs, and returns how
// many bytes they are.
func (s Synthetic) Write(dir string) (int64, error) {
	var size int64
	for n := range s.Documents() {
		content, path := s.Document(n), filepath.Join(dir, s.Name(n))
		size += int64(len(content))
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, content) {
			continue
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return size, fmt.Errorf("document %d: %w", n, err)
		}
	}
	return size, nil
}

// chooser draws from lists.
type chooser struct{ *rand.Rand }

func (c chooser) of(list []string) string { return list[c.IntN(len(list))] }

func (c chooser) sentence(words int) string {
	var b bytes.Buffer
	for n := range words {
		if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(c.of(vocabulary))
	}
	return b.String()
}
