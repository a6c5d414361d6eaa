// Package driver starts and reaches targets of a conformance run: Exec runs a program of its own for every
// lab, URL speaks to one that runs already.
//
// It ends only processes it started.
package driver
