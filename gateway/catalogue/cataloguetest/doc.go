// Package cataloguetest makes synthetic national catalogues: as many HealthDCAT-AP Release 8
// descriptions as are asked for, the same on every machine, in documents of Turtle.
//
// It is for tests, benchmarks and programs that need a catalogue of a real size. Each description has
// about 37 statements and 2.8 kB of Turtle, passes the rules of Release 8 at the level of its own
// access rights, and shares nothing with others but the agent of its health data access body. The
// people, bodies and data are invented.
//
// It does not imitate what is wrong with real catalogues; the samples of the shared data do.
package cataloguetest
