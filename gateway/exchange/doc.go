// Package exchange turns verified messages into domain events and domain effects into messages.
//
// Inbound: Inbox.Receive claims a message, applies it inside one transaction of the record and
// answers with a signed receipt; nothing is acknowledged before message, effect, outbox rows and
// evidence are committed together. Outbound: Outbox signs each attempt with the key active then,
// sends it through the central connector, checks the peer's receipt with its evidence, and settles
// the row: delivered, again later, or dead with a reason. Order holds per (peer, case).
//
// It serves gateway/httpapi (Receive) and the assembly (Run). It decides nothing by itself: the
// rules of an application are gateway/access, those of a dataset gateway/catalogue.
package exchange
