// Package generate makes the hostile vectors: every key from its name, every time from one clock, so
// that the files come out the same on every machine.
//
// It is for whoever adds an attack: add a line to the file of its group and run
// go generate ./conformance/vectors/hostile/generate. The test beside it fails while files and lines
// differ.
//
// Tokens are put together with conformance/forge and the standard library alone, never with the
// product's trust packages: what trust gets wrong when writing must not be wrong here as well.
package generate

//go:generate go test . -run TestFilesAreCurrent -update
//go:generate go test ../../../../trust -run TestHybridVectorsAreCurrent -update
