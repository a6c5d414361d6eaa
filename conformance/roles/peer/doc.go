// Package peer is a scripted hub: it says what it is told to, as wrong as a case needs, and keeps what it
// hears. It is the counterpart of the conformance cases: the centre, when the anchor gave it that mark,
// another contact point otherwise.
//
// Left alone it behaves as the wire profile asks: it proves every sender, answers each message with a
// receipt whose evidence holds, and each that is owed a business response with VALIDATED. Rules given to
// Behave change single deliveries: an answer that is late, wrong or missing.
//
// It is written apart from the product (package forge makes and reads the tokens), keeps everything in
// memory but attachments, applies no business rule, and forgets all when it is closed.
package peer
