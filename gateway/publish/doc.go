// Package publish brings a national catalogue to the EU catalogue: collect, normalise, validate,
// compare with what is published, guard, send, record. One stage a file.
//
// It is for the assembly (periodic passes), the operator API and the command line. A pass streams: a
// few documents are in memory at a time, of each description only what names it, and what is to be
// told waits in a spool file until the whole source was read and the guard has spoken. Memory is
// bounded by the number of descriptions, not by their size.
//
// A pass is idempotent: with nothing changed it sends nothing, and what is unchanged since the pass
// before is not validated again. A document or record that is wrong is quarantined with findings and
// never stops the rest; nothing is deleted after an incomplete pass, nor when the guard objects. A
// pass that is cut short leaves nothing half done: each description is queued with its publication in
// one transaction, and the next pass goes on.
//
// It validates and compares; what the centre says is applied by gateway/exchange.
package publish
