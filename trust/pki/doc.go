// Package pki provides what TLS needs: a development authority made on first start, certificates
// from files that may be replaced while the gateway runs, and pools of authorities.
//
// It is for assembly and the command line. Guarantees: private keys made here are readable by their
// owner only, and files or directories open to others are refused; a pair that does not fit, has
// expired or cannot be read never replaces one that works; nothing below TLS 1.2 is spoken. Clock and
// randomness are injected; there are no goroutines. It does not fetch certificates (ACME belongs in
// front of the gateway), checks no revocation, and its development authority is for development.
package pki
