package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// The key ring gives every case a secret that lives outside the database and its copies, so that
// destroying the secret reaches every copy of what it sealed. It is a binary tree of SHA-256 (the
// puncturable function of Goldreich, Goldwasser and Micali): from the root every number's secret
// follows, so that the file does not grow with cases; puncturing a number replaces the node above it
// by the siblings along its path, from which all secrets but that one still follow.

const (
	ringMagic = "ehds-ring/v1\n"
	ringDepth = 32
	ringIDLen = 16
	secretLen = sha256.Size
	// ringMaxNo is the largest number of a ring.
	ringMaxNo = 1<<ringDepth - 1
)

// ringNode is a subtree: all numbers whose first depth bits are prefix.
type ringNode struct {
	depth  uint8
	prefix uint32
}

type ring struct {
	file File

	mu         sync.RWMutex
	id         [ringIDLen]byte
	generation uint64 // how often the ring was punctured
	nodes      map[ringNode][secretLen]byte
}

// newRing makes a ring and writes its file.
func newRing(file File, rand io.Reader) (*ring, error) {
	r := &ring{file: file, nodes: map[ringNode][secretLen]byte{}}
	var root [secretLen]byte
	if _, err := io.ReadFull(rand, r.id[:]); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(rand, root[:]); err != nil {
		return nil, err
	}
	r.nodes[ringNode{}] = root
	return r, file.Replace(r.encode(r.generation, r.nodes))
}

// readRing reads a ring file; ok is false when there is none.
func readRing(file File) (r *ring, ok bool, err error) {
	data, ok, err := file.Load()
	if err != nil || !ok {
		return nil, false, err
	}
	r = &ring{file: file, nodes: map[ringNode][secretLen]byte{}}
	if err := r.decode(data); err != nil {
		return nil, false, err
	}
	return r, true, nil
}

// secret derives the secret of a number; ok is false once it is punctured.
func (r *ring) secret(no int64) (s [secretLen]byte, ok bool) {
	if no < 0 || no > ringMaxNo {
		return s, false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	at, ok := cover(r.nodes, uint32(no))
	if !ok {
		return s, false
	}
	s = r.nodes[at]
	for d := at.depth; d < ringDepth; d++ {
		s = ringChild(s, bitAt(uint32(no), d))
	}
	return s, true
}

// puncture destroys the secrets of numbers, in the file before it returns.
func (r *ring) puncture(nos ...int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	nodes := maps.Clone(r.nodes)
	changed := false
	for _, no := range nos {
		if no < 0 || no > ringMaxNo {
			continue
		}
		n := uint32(no)
		at, ok := cover(nodes, n)
		if !ok {
			continue
		}
		changed = true
		s := nodes[at]
		delete(nodes, at)
		for d := at.depth; d < ringDepth; d++ {
			bit := bitAt(n, d)
			sibling := ringNode{d + 1, prefixOf(n, d)<<1 | uint32(1-bit)}
			nodes[sibling] = ringChild(s, 1-bit)
			s = ringChild(s, bit)
		}
	}
	if !changed {
		return nil
	}
	if err := r.file.Replace(r.encode(r.generation+1, nodes)); err != nil {
		return fmt.Errorf("key ring: %w", err)
	}
	r.nodes, r.generation = nodes, r.generation+1
	return nil
}

func (r *ring) state() (id []byte, generation uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Clone(r.id[:]), r.generation
}

// snapshot is the file as it stands.
func (r *ring) snapshot() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.encode(r.generation, r.nodes)
}

// cover finds the node above a number.
func cover(nodes map[ringNode][secretLen]byte, no uint32) (ringNode, bool) {
	for d := range uint8(ringDepth + 1) {
		n := ringNode{d, prefixOf(no, d)}
		if _, ok := nodes[n]; ok {
			return n, true
		}
	}
	return ringNode{}, false
}

func prefixOf(no uint32, depth uint8) uint32 { return uint32(uint64(no) >> (ringDepth - depth)) }

func bitAt(no uint32, depth uint8) int { return int(no >> (ringDepth - 1 - depth) & 1) }

func ringChild(s [secretLen]byte, bit int) [secretLen]byte {
	in := append([]byte(ringMagic), byte(bit))
	return sha256.Sum256(append(in, s[:]...))
}

// encode writes magic, id, generation, nodes in order, and a checksum against torn files.
func (r *ring) encode(generation uint64, nodes map[ringNode][secretLen]byte) []byte {
	var b bytes.Buffer
	b.WriteString(ringMagic)
	b.Write(r.id[:])
	b.Write(binary.BigEndian.AppendUint64(nil, generation))
	keys := slices.SortedFunc(maps.Keys(nodes), func(a, b ringNode) int {
		if a.depth != b.depth {
			return int(a.depth) - int(b.depth)
		}
		return int(int64(a.prefix) - int64(b.prefix))
	})
	for _, k := range keys {
		s := nodes[k]
		b.WriteByte(k.depth)
		b.Write(binary.BigEndian.AppendUint32(nil, k.prefix))
		b.Write(s[:])
	}
	sum := sha256.Sum256(b.Bytes())
	b.Write(sum[:])
	return b.Bytes()
}

var errRing = errors.New("not a key ring")

func (r *ring) decode(data []byte) error {
	const nodeLen = 1 + 4 + secretLen
	const headLen = len(ringMagic) + ringIDLen + 8
	if len(data) < headLen+sha256.Size || string(data[:len(ringMagic)]) != ringMagic ||
		(len(data)-headLen-sha256.Size)%nodeLen != 0 {
		return fmt.Errorf("%w: %w", ErrKey, errRing)
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return fmt.Errorf("%w: %w: the file is damaged", ErrKey, errRing)
	}
	copy(r.id[:], body[len(ringMagic):])
	r.generation = binary.BigEndian.Uint64(body[len(ringMagic)+ringIDLen:])
	for rest := body[headLen:]; len(rest) > 0; rest = rest[nodeLen:] {
		k := ringNode{rest[0], binary.BigEndian.Uint32(rest[1:])}
		if k.depth > ringDepth || k.depth < ringDepth && uint64(k.prefix)>>k.depth != 0 {
			return fmt.Errorf("%w: %w: impossible node", ErrKey, errRing)
		}
		r.nodes[k] = [secretLen]byte(rest[5:nodeLen])
	}
	return nil
}
