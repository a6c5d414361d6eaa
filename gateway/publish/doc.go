// Package publish brings a national catalogue to the EU catalogue: collect, validate, compare with
// what is published, guard, send. One stage a file.
//
// It is for the assembly (periodic passes), the operator API and the command line. A pass is
// idempotent: with nothing changed it sends nothing. A document or record that is wrong is
// quarantined with findings and never stops the rest; nothing is deleted after an incomplete pass,
// nor when the guard objects. It validates and compares; what the centre says is applied by
// gateway/exchange.
package publish
