package generate

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
)

const logOrigin = "ncp.fr.test/log"

// logOf is a log with eleven leaves, of which the seventh is the message, under a key made from a name.
func logOf(origin, name string, token string, leaves int) (log *forge.Log, vkey string) {
	seed := sha256.Sum256([]byte("ehdsgw hostile vector log key of " + name))
	k := must(forge.NewLogKey(origin, &endless{seed[:]}))
	log = must(forge.NewLog(origin, k))
	for i := range leaves {
		leaf := forge.Leaf(forge.ClassOut, saltOf(i), fmt.Sprint("another message ", i))
		if i == 6 {
			leaf = forge.Leaf(forge.ClassIn, saltOf(6), token)
		}
		must(log.Append(leaf))
	}
	return log, k.Verifier
}

// endless repeats its octets.
type endless struct{ seed []byte }

func (e *endless) Read(b []byte) (int, error) { return copy(b, e.seed), nil }

func saltOf(i int) []byte {
	s := sha256.Sum256([]byte(fmt.Sprint("salt ", i)))
	return s[:forge.SaltSize]
}

// evidences are receipts whose proof that the message was received proves something else.
func evidences() *group {
	g := newGroup("evidence")
	g.run = "trust/evidence TestHostileVectors"
	token := sign(exchangeKey(centre), typMsg, message())
	log, vkey := logOf(logOrigin, "fr", token, 11)
	proof := must(log.Prove(6)).Marshal()
	honest := vectors.Evidence{Salt: base64.StdEncoding.EncodeToString(saltOf(6)), Leaf: string(forge.Leaf(forge.ClassIn, saltOf(6), token)),
		Proof: proof, Origin: logOrigin, VKeys: []string{vkey}}
	g.control("proved", vectors.Document{Token: token, Log: &honest})
	line := func(name, title, rule string, change func(e *vectors.Evidence)) attack {
		e := honest
		change(&e)
		return attack{name: name, title: title, rule: rule, control: "proved", doc: vectors.Document{Token: token, Log: &e}}
	}
	swap := func(name, title, rule, old, text string) attack {
		return line(name, title, rule, func(e *vectors.Evidence) {
			if !strings.Contains(e.Proof, old) {
				panic("evidence: nothing to change: " + old)
			}
			e.Proof = strings.Replace(e.Proof, old, text, 1)
		})
	}
	lines := strings.Split(proof, "\n")
	firstHash, secondHash := lines[2], lines[3]
	other := sign(exchangeKey(centre), typMsg, message().changed("seq", 2))
	g.add(reason{"A receipt that proves another message, or another party's, leaves the sender with nothing when it is denied.", "profile §4; RFC 6962 §2.1.1"},
		attack{name: "other-token", title: "the evidence of another message", rule: "token", control: "proved", doc: vectors.Document{Token: other, Log: &honest}},
		line("salt", "another salt", "token", func(e *vectors.Evidence) { e.Salt = base64.StdEncoding.EncodeToString(saltOf(1)) }),
		line("salt-short", "a salt of 15 octets", "leaf", func(e *vectors.Evidence) { e.Salt = base64.StdEncoding.EncodeToString(saltOf(6)[:15]) }),
		line("salt-spelled", "the salt in base64url", "leaf", func(e *vectors.Evidence) { e.Salt = b64(saltOf(6)) }),
		line("leaf-other", "the leaf of another message", "token", func(e *vectors.Evidence) { e.Leaf = string(forge.Leaf(forge.ClassIn, saltOf(6), other)) }),
		line("leaf-class", "the leaf in another class", "proof", func(e *vectors.Evidence) { e.Leaf = string(forge.Leaf(forge.ClassOut, saltOf(6), token)) }),
		line("leaf-class-unknown", "the leaf in a class nobody knows", "leaf", func(e *vectors.Evidence) { e.Leaf = strings.Replace(e.Leaf, "\nin\n", "\nodd\n", 1) }),
		line("leaf-crlf", "the leaf with other line ends", "leaf", func(e *vectors.Evidence) { e.Leaf = strings.ReplaceAll(e.Leaf, "\n", "\r\n") }),
		line("leaf-more", "the leaf with a line more", "leaf", func(e *vectors.Evidence) { e.Leaf += "x\n" }),
		line("leaf-version", "a leaf of another version", "leaf", func(e *vectors.Evidence) { e.Leaf = strings.Replace(e.Leaf, "v1", "v2", 1) }),
	)
	g.add(reason{"The path leads from this leaf to this root by one way only.", "RFC 6962 §2.1.1; C2SP tlog-proof"},
		swap("index", "another index", "proof", "index 6", "index 5"),
		swap("index-outside", "an index outside the tree", "proof", "index 6", "index 11"),
		swap("index-negative", "an index below zero", "proof", "index 6", "index -1"),
		swap("index-zeros", "an index with leading zeros", "proof", "index 6", "index 06"),
		swap("index-large", "an index beyond 64 bits", "proof", "index 6", "index 18446744073709551622"),
		swap("path-cut", "the path without its first hash", "proof", firstHash+"\n", ""),
		swap("path-twice", "a hash of the path twice", "proof", firstHash+"\n", firstHash+"\n"+firstHash+"\n"),
		swap("path-order", "the path in another order", "proof", firstHash+"\n"+secondHash, secondHash+"\n"+firstHash),
		swap("path-zero", "a hash of zeros", "proof", firstHash, base64.StdEncoding.EncodeToString(make([]byte, 32))),
		swap("path-short", "a hash of 31 octets", "proof", firstHash, base64.StdEncoding.EncodeToString(make([]byte, 31))),
		swap("header", "a proof of another version", "proof", "tlog-proof@v1", "tlog-proof@v2"),
		swap("extra", "data nobody authenticates", "proof", "\nindex", "\nextra AAAA\nindex"),
		line("sibling", "the proof of another leaf", "proof", func(e *vectors.Evidence) { e.Proof = must(log.Prove(5)).Marshal() }),
		line("long-path", "a path of 64 hashes", "proof", func(e *vectors.Evidence) {
			e.Proof = strings.Replace(e.Proof, firstHash+"\n", strings.Repeat(firstHash+"\n", 64), 1)
		}),
	)
	checkpoints(g, line, swap, token, lines)
	return g
}

// checkpoints are heads of the log that are not the log's, or not this one.
func checkpoints(g *group, line func(string, string, string, func(*vectors.Evidence)) attack, swap func(name, title, rule, old, text string) attack, token string, lines []string) {
	forged, _ := logOf(logOrigin, "mallory", token, 11)
	larger, _ := logOf(logOrigin, "fr", token, 12)
	elsewhere, otherKey := logOf("ncp.it.test/log", "it", token, 11)
	at := len(lines) - 1
	for lines[at-1] != "" || at < 6 { // the signature stands after the second empty line
		at--
	}
	signature, root := lines[at], lines[at-2]
	proofOf := func(l *forge.Log) func(e *vectors.Evidence) {
		return func(e *vectors.Evidence) { e.Proof = must(l.Prove(6)).Marshal() }
	}
	g.add(reason{"A checkpoint is the log's word: of this log, under its key, of this size and root. That key signs nothing else.", "C2SP tlog-checkpoint, signed-note; profile §4, §7"},
		line("checkpoint-stranger", "a log of the same name under a stranger's key", "signature", proofOf(forged)),
		line("checkpoint-other-log", "another party's log", "checkpoint", proofOf(elsewhere)),
		line("checkpoint-other-log-key", "another party's log, with its key", "checkpoint", func(e *vectors.Evidence) {
			proofOf(elsewhere)(e)
			e.VKeys = []string{otherKey}
		}),
		line("checkpoint-no-key", "no key of the log is known", "signature", func(e *vectors.Evidence) { e.VKeys = nil }),
		line("checkpoint-other-tree", "the checkpoint of a larger tree", "proof", func(e *vectors.Evidence) {
			p := must(forge.ParseProof(e.Proof))
			p.Checkpoint = must(larger.Checkpoint())
			e.Proof = p.Marshal()
		}),
		swap("checkpoint-size", "another size", "signature", "\n11\n", "\n12\n"),
		swap("checkpoint-size-zeros", "the size with leading zeros", "checkpoint", "\n11\n", "\n011\n"),
		swap("checkpoint-root", "another root", "signature", root, base64.StdEncoding.EncodeToString(make([]byte, 32))),
		swap("checkpoint-unsigned", "no signature", "checkpoint", signature+"\n", ""),
		swap("checkpoint-line", "a line more, which nobody reads", "checkpoint", root+"\n", root+"\nmore\n"),
		line("checkpoint-trailing", "octets after the signature", "checkpoint", func(e *vectors.Evidence) { e.Proof += "x" }),
		line("checkpoint-absent", "no checkpoint", "proof", func(e *vectors.Evidence) { e.Proof, _, _ = strings.Cut(e.Proof, "\n\n") }),
		line("checkpoint-jws", "a signed token in its place", "checkpoint", func(e *vectors.Evidence) {
			head, _, _ := strings.Cut(e.Proof, "\n\n")
			e.Proof = head + "\n\n" + token
		}),
	)
}
