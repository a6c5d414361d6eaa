package store

import (
	"crypto/rand"
	"errors"
	"math"
	mrand "math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// memory is a File in memory.
type memory struct {
	data []byte
	fail error
}

func (m *memory) Load() ([]byte, bool, error) { return m.data, m.data != nil, nil }

func (m *memory) Replace(data []byte) error {
	if m.fail == nil {
		m.data = data
	}
	return m.fail
}

func testRing(t testing.TB) (*ring, *memory) {
	t.Helper()
	m := &memory{}
	r, err := newRing(m, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return r, m
}

func TestRingPunctureKeepsTheOthers(t *testing.T) {
	r, m := testRing(t)
	rng := mrand.New(mrand.NewPCG(1, 1))
	numbers := []int64{0, 1, 2, 3, math.MaxInt32, ringMaxNo - 1, ringMaxNo}
	for range 60 {
		numbers = append(numbers, rng.Int64N(200))
	}
	secrets := map[int64][secretLen]byte{}
	for _, no := range numbers {
		s, ok := r.secret(no)
		if !ok {
			t.Fatalf("a new ring has no secret %d", no)
		}
		secrets[no] = s
	}
	gone := map[int64]bool{}
	for i, no := range numbers {
		if i%2 == 0 {
			gone[no] = true
			if err := r.puncture(no); err != nil {
				t.Fatal(err)
			}
		}
		again, ok, err := readRing(m)
		if err != nil || !ok {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.nodes, again.nodes); diff != "" || again.generation != r.generation || again.id != r.id {
			t.Fatalf("the file differs from the ring:\n%s", diff)
		}
	}
	for no, want := range secrets {
		got, ok := r.secret(no)
		if ok == gone[no] || ok && got != want {
			t.Errorf("secret %d: present %v, punctured %v", no, ok, gone[no])
		}
	}
	generation := r.generation
	if err := r.puncture(numbers[0], -1, ringMaxNo+1); err != nil || r.generation != generation {
		t.Errorf("punctured twice: generation %d, was %d, %v", r.generation, generation, err)
	}
	for _, no := range []int64{-1, ringMaxNo + 1} {
		if _, ok := r.secret(no); ok {
			t.Errorf("number %d has a secret", no)
		}
	}
}

// A punctured number must not follow from any node left: not even its own seed or one above it.
func TestRingPunctureLeavesNoNodeAbove(t *testing.T) {
	r, _ := testRing(t)
	const no = 77
	want, _ := r.secret(no)
	if err := r.puncture(no); err != nil {
		t.Fatal(err)
	}
	if len(r.nodes) != ringDepth {
		t.Errorf("%d nodes, want one for each level", len(r.nodes))
	}
	for n, s := range r.nodes {
		if prefixOf(no, n.depth) == n.prefix || s == want {
			t.Errorf("node %+v leads to the secret", n)
		}
	}
}

func TestRingFailingFile(t *testing.T) {
	r, m := testRing(t)
	m.fail = errors.New("disk")
	if err := r.puncture(5); !errors.Is(err, m.fail) {
		t.Errorf("puncture: %v", err)
	}
	if _, ok := r.secret(5); !ok {
		t.Error("the ring in memory is ahead of its file")
	}
}

func TestRingRefusesDamage(t *testing.T) {
	r, m := testRing(t)
	if err := r.puncture(3, 9); err != nil {
		t.Fatal(err)
	}
	good := m.data
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1
		if _, _, err := readRing(&memory{data: bad}); !errors.Is(err, ErrKey) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if _, _, err := readRing(&memory{data: good[:len(good)-1]}); !errors.Is(err, ErrKey) {
		t.Errorf("cut short: %v", err)
	}
}

func FuzzRing(f *testing.F) {
	r, m := testRing(f)
	f.Add(m.data)
	if err := r.puncture(1); err != nil {
		f.Fatal(err)
	}
	f.Add(m.data)
	f.Add([]byte(ringMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &ring{nodes: map[ringNode][secretLen]byte{}}
		if err := r.decode(data); err != nil {
			if !errors.Is(err, ErrKey) {
				t.Errorf("error %v", err)
			}
			return
		}
		again := &ring{nodes: map[ringNode][secretLen]byte{}}
		if err := again.decode(r.encode(r.generation, r.nodes)); err != nil || !cmp.Equal(r.nodes, again.nodes) {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}
