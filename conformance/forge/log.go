package forge

import (
	"encoding/base64"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// LogKey is the signing key of an evidence log in the text form of C2SP signed-note. It signs
// checkpoints and nothing else.
type LogKey struct {
	Private  string // "PRIVATE+KEY+…", secret
	Verifier string // "<origin>+…", public
}

// NewLogKey makes a key for a log; origin is its name.
func NewLogKey(origin string, random io.Reader) (LogKey, error) {
	private, verifier, err := note.GenerateKey(random, origin)
	if err != nil {
		return LogKey{}, fmt.Errorf("log key: %w", err)
	}
	return LogKey{Private: private, Verifier: verifier}, nil
}

// Log is an evidence log in memory: RFC 6962 hashes, checkpoint at any size. It is not safe for
// concurrent use.
type Log struct {
	origin string
	signer note.Signer
	size   int64
	stored []tlog.Hash
}

// NewLog makes an empty log. The key's name must be the origin.
func NewLog(origin string, key LogKey) (*Log, error) {
	s, err := note.NewSigner(key.Private)
	if err != nil {
		return nil, fmt.Errorf("log key: %w", err)
	}
	if s.Name() != origin {
		return nil, fmt.Errorf("%w: the key belongs to another log", ErrKey)
	}
	return &Log{origin: origin, signer: s}, nil
}

// Size is the number of leaves.
func (l *Log) Size() int64 { return l.size }

// Append adds a leaf and returns its index.
func (l *Log) Append(leaf []byte) (int64, error) {
	hashes, err := tlog.StoredHashes(l.size, leaf, l)
	if err != nil {
		return 0, fmt.Errorf("append: %w", err)
	}
	l.stored = append(l.stored, hashes...)
	l.size++
	return l.size - 1, nil
}

// Truncate forgets the leaves from size on: those of a transaction that was not written.
func (l *Log) Truncate(size int64) {
	if size >= 0 && size < l.size {
		l.stored, l.size = l.stored[:tlog.StoredHashCount(size)], size
	}
}

// ReadHashes serves the arithmetic of package tlog.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, n := range indexes {
		if n < 0 || n >= int64(len(l.stored)) {
			return nil, fmt.Errorf("%w: no hash %d", ErrProof, n)
		}
		out[i] = l.stored[n]
	}
	return out, nil
}

// Checkpoint is the signed head of the log as it stands.
func (l *Log) Checkpoint() ([]byte, error) {
	root, err := tlog.TreeHash(l.size, l)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	return signCheckpoint(l.origin, l.size, root, l.signer)
}

// Prove proves a leaf under the log's present head.
func (l *Log) Prove(index int64) (Proof, error) {
	hashes, err := tlog.ProveRecord(l.size, index, l)
	if err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	checkpoint, err := l.Checkpoint()
	return Proof{Index: index, Hashes: hashes, Checkpoint: checkpoint}, err
}

// Evidence appends the leaf of a token and returns what a receipt says about it (wire profile §4).
func (l *Log) Evidence(class string, salt []byte, token string) (*ehds.ReceiptEvidence, error) {
	leaf := Leaf(class, salt, token)
	index, err := l.Append(leaf)
	if err != nil {
		return nil, err
	}
	p, err := l.Prove(index)
	if err != nil {
		l.Truncate(index)
		return nil, err
	}
	return &ehds.ReceiptEvidence{
		Salt: base64.StdEncoding.EncodeToString(salt), Leaf: string(leaf), Proof: p.Marshal(),
	}, nil
}
