// Package witness is a C2SP tlog-witness: it cosigns a log's checkpoint when it proves to extend the
// largest tree the witness has cosigned of that log, and never two histories of one log. It is for
// those who run a witness for a nation's evidence log, and for gateways that ask one.
//
// Guarantees: what a cosignature says is on disk before the cosignature leaves; a size, once cosigned,
// has one root for good, across restarts and power failures; a log nobody added, or a checkpoint its
// key did not sign, costs one read. It stores no leaves, and knows nothing of what is logged.
package witness
