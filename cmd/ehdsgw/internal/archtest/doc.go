// Package archtest holds the tests of the architecture: who may import whom, which third-party
// module may be used where, what every package must say and what no package may do.
//
// It is for whoever adds a package, a dependency or a package-level variable: the failing test names
// the place and the reason of the rule, and the tables in this directory are where a rule is
// changed, with its reason beside it. The tests parse the sources of the whole module; they run no
// other program, so their result follows every edit. Each rule is also run on small bad sources that
// it must flag and good ones that it must not.
//
// It has no code outside its tests. What it cannot see: a table written through an alias or by
// reflection, and what a dependency does. The calls into the JOSE library that must never be made
// have their own test, beside the only package that may make any (trust/jose, TestLibraryFence).
package archtest
