// Package agefile encrypts the attachments of sealed messages (wire profile §3, "Sealing"): each is an
// age v1 file to an X25519 identity made for it alone, and the identity travels inside the sealed body.
//
// It is for senders and readers of sealed messages. It guarantees that
//
//   - a file has one recipient: one that somebody else could open as well is refused;
//   - what is wrong with a file, be it the form, the identity or the text, is one error, [ErrUnsealable];
//     only a failure of the reader's own disk or connection is told apart;
//   - memory stays bounded: a header of 4 KiB, chunks of 64 KiB, a plaintext the caller caps.
//
// It is the only package that imports the age library; none of that library's types appear in an
// exported signature. The library draws its own randomness from crypto/rand.
package agefile
