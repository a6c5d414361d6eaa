// Package dispatcher is the permit connector for national application management systems (DAAMS) that
// are written against the Commission's National Dispatcher: it serves the interface they call.
//
// It implements connectors.Permits and what a system can be told besides (appeals, change requests,
// permit notices, measures), and has an HTTP face (connectors.Served). A system lists the applications,
// fetches each as a ZIP, and tells what it decides; openapi.yaml describes every operation. What is
// known of the running dispatcher is kept as observed: the header X-API-key, one row per version, the
// two spellings of the kind, the ZIP within the ZIP, `<attachmentId>_<filename>`. Everything else is
// ours (docs/adr/0027-dispatcher-interface.md).
//
// Guarantees: all state is in the host's Mailbox, personal values sealed with the key of their case;
// what was answered with 2xx is durable; every call of the gateway may be repeated, and every call of a
// system that carries an Idempotency-Key. An illegal transition is refused at once, with the state the
// track is in, by the tables of gateway/ehds. The gateway remains the judge: what it refuses later is
// shown under the application's problems, and the mirror of the state goes back to the gateway's. API
// keys are known here by their digests alone. Another body's application and one that does not exist
// look the same. Nothing of an application, and no key, goes to the log.
//
// It signs nothing and computes no deadline.
package dispatcher
