// Package sqlite is the embedded database of the record: one file in a data directory, for gateways
// on one machine.
//
// It is for assembly, which hands it to store.Open. Guarantees: one process at a time (a lock file
// names its pid); a COMMIT is on disk when it returns (WAL, synchronous=FULL); files are 0600 in a
// directory of 0700; freed pages are overwritten (secure_delete). It holds no logic of the record and
// no keys except keys.ring, which lies beside the database and never inside it. It does not work on
// network file systems.
package sqlite
