package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Limits of a request (C2SP tlog-witness: at most 63 consistency proof hashes).
const (
	maxHashes = 63
	// MaxRequest is the largest request body, in bytes.
	MaxRequest = 160 << 10
)

// ErrRequest: a body that is no add-checkpoint request in its canonical spelling.
var ErrRequest = errors.New("not an add-checkpoint request")

// Request asks for a cosignature.
type Request struct {
	// Old is the size the log believes the witness has last cosigned; 0 for the first time.
	Old int64
	// Proof shows that the checkpoint's tree extends the one of size Old (RFC 6962 §2.1.2).
	Proof tlog.TreeProof
	// Checkpoint is the signed note, verbatim.
	Checkpoint []byte
}

// Marshal writes the body.
func (r Request) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.Checkpoint)
	return b.Bytes()
}

// ParseRequest reads what Marshal writes. The checkpoint in it is not read. Errors wrap ErrRequest.
func ParseRequest(body []byte) (Request, error) {
	if len(body) > MaxRequest {
		return Request{}, fmt.Errorf("%w: too long", ErrRequest)
	}
	head, checkpoint, ok := strings.Cut(string(body), "\n\n")
	lines := strings.SplitN(head, "\n", maxHashes+3)
	size, isOld := strings.CutPrefix(lines[0], "old ")
	if !ok || !isOld || len(lines) > maxHashes+1 || checkpoint == "" {
		return Request{}, fmt.Errorf("%w: form", ErrRequest)
	}
	r := Request{Checkpoint: []byte(checkpoint)}
	var err error
	if r.Old, err = parseSize(size); err != nil {
		return Request{}, err
	}
	for _, line := range lines[1:] {
		var h tlog.Hash
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize || base64.StdEncoding.EncodeToString(raw) != line {
			return Request{}, fmt.Errorf("%w: hash", ErrRequest)
		}
		copy(h[:], raw)
		r.Proof = append(r.Proof, h)
	}
	return r, nil
}

func parseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, fmt.Errorf("%w: size", ErrRequest)
	}
	return n, nil
}
