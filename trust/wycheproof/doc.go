// Package wycheproof holds trust/jose against the test vectors of the Wycheproof project. It is a
// module of its own, so that 30 MB of vectors are no dependency of the gateway.
//
// Every vector on which trust/jose and Wycheproof disagree is explained by a row of the table in
// disagreements_test.go, and every row must explain at least one; docs/wycheproof.md is that table.
package wycheproof
