package rdf

// Bounds that the zero ReadOptions stand for.
const (
	DefaultMaxBytes   int64 = 256 << 20
	DefaultMaxTriples       = 20_000_000
	DefaultMaxDepth         = 128
)

// ReadOptions govern a reader. The zero value reads an unnamed document
// without base IRI within the default bounds.
type ReadOptions struct {
	// File names the document in errors.
	File string
	// Base is the base IRI against which relative IRIs are resolved; empty
	// means that relative IRIs are refused until the document sets a base.
	Base string
	// MaxBytes bounds the size of the document in bytes; 0 means
	// DefaultMaxBytes.
	MaxBytes int64
	// MaxTriples bounds the number of statements, duplicates counted; 0 means
	// DefaultMaxTriples.
	MaxTriples int
	// MaxDepth bounds the nesting of blank nodes and collections; 0 means
	// DefaultMaxDepth.
	MaxDepth int
	// Contexts are JSON-LD context documents by their IRIs, besides the bundled
	// ones, which they override. Other contexts are refused, never fetched.
	Contexts map[string][]byte
}

// withDefaults replaces zero bounds by the defaults.
func (o ReadOptions) withDefaults() ReadOptions {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxTriples <= 0 {
		o.MaxTriples = DefaultMaxTriples
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	return o
}
