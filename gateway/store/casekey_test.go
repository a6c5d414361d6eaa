package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"
)

// A reader that loaded a key just before its case was erased must not bring it back.
func TestDestroyedKeysStayGone(t *testing.T) {
	r, _ := testRing(t)
	k := newCaseKeys(bytes.Repeat([]byte{1}, RecordKeySize), r)
	for caseNo := range int64(3) {
		key, _, err := k.create(rand.Reader, caseNo, caseNo)
		if err != nil {
			t.Fatal(err)
		}
		k.keep(caseNo, key)
	}
	key, ok := k.cached(1)
	if !ok {
		t.Fatal("a key was not kept")
	}
	if err := k.destroy(1, 1); err != nil {
		t.Fatal(err)
	}
	if _, ok := k.cached(1); ok {
		t.Error("the key of an erased case is still in memory")
	}
	k.keep(1, key)
	if _, ok := k.cached(1); ok {
		t.Error("the key of an erased case came back")
	}
	if _, _, err := k.create(rand.Reader, 9, 1); !errors.Is(err, ErrErased) {
		t.Errorf("a place of the ring was used again: %v", err)
	}
	if _, ok := k.cached(2); !ok {
		t.Error("another case lost its key")
	}
}

// It takes the record key and the ring to unwrap a case key.
func TestWrappingNeedsBoth(t *testing.T) {
	one, _ := testRing(t)
	two, _ := testRing(t)
	k := newCaseKeys(bytes.Repeat([]byte{1}, RecordKeySize), one)
	_, wrapped, err := k.create(rand.Reader, 4, 4)
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*caseKeys{
		"another record key": newCaseKeys(bytes.Repeat([]byte{2}, RecordKeySize), one),
		"another ring":       newCaseKeys(k.record, two),
	} {
		aead, err := other.wrapping(4)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&caseKey{aead: aead}).open(place("case_key", int64(4), int64(4)), wrapped); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
