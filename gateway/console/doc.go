// Package console serves the pages of the catalogue: what the nation publishes and what it sees of the
// EU catalogue, for people as HTML and for programs as JSON, Turtle, N-Quads and JSON-LD, by Accept or
// ?format=, with hydra paging in the RDF forms.
//
// It is for gateway/httpapi, which mounts its handler; reading needs no credential (Art. 79(2)).
// Guarantees: everything shown is foreign text and is escaped; only http and https addresses become
// links; pages load nothing from anywhere but this handler, run no script and work without one; each
// page is one document with landmarks, labels and a heading order (WCAG 2.1 AA). Every answer has an
// entity tag over its bytes. Requests, pages and the number of searches at once are bounded.
//
// It decides nothing and keeps nothing: what is published comes from the record, the rest from the
// search index.
package console
