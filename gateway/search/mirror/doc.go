// Package mirror keeps what the EU catalogue shows in the search index: it reads the centre's public
// catalogue over HTTP (Art. 79(2): it is public), page by page along hydra links, only what changed
// since the last pass, and now and then all of it, to learn what is gone.
//
// It is for the assembly, which runs a pass from time to time. Guarantees: a pass changes the index
// only when it was read to its end; one that breaks off, runs in circles, leaves the centre's host,
// or shows half of what it announces changes nothing and says so. A centre that comes back empty, or
// without much of what it showed, deletes nothing the first time. How far it was read is kept in the
// index itself, with the descriptions: what forgets one forgets the other. Bodies, pages, datasets
// and the space for a pass are bounded. A description that cannot be read is left out, and counted.
//
// What it holds can be fetched again, so none of it is in the record.
package mirror
