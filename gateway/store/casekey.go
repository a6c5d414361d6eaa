package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// RecordKeySize is the length of Options.RecordKey in bytes.
const RecordKeySize = 32

// personal says whether everything of a case is sealed. What is no case identifier is sealed too:
// nobody can say what it holds. The empty id stands for what belongs to no case.
func personal(caseID string) bool {
	if caseID == "" {
		return false
	}
	id, err := ehds.ParseCaseID(caseID)
	return err != nil || id.Kind.Personal()
}

// caseIdentifier says whether an id names one case for ever, so that nothing may come after its erasure.
func caseIdentifier(id string) bool {
	_, err := ehds.ParseCaseID(id)
	return err == nil
}

// caseKeys makes and finds the keys of cases. A key is random, wrapped under one derived from the
// record key and the case's secret in the ring: it takes all three to open a case.
type caseKeys struct {
	record []byte
	ring   *ring

	mu       sync.Mutex
	now, old map[int64]*caseKey // by case number, lately used
}

const caseKeyCache = 4096

func newCaseKeys(record []byte, r *ring) *caseKeys {
	return &caseKeys{record: record, ring: r}
}

func (k *caseKeys) derive(salt []byte, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.record, salt, info, 32)
}

// check is the value by which a record knows its key.
func (k *caseKeys) check(recordID []byte) ([]byte, error) {
	return k.derive(recordID, "ehdsgw record key check v1")
}

// tombstone is what stays of the id of an erased case.
func (k *caseKeys) tombstone(caseID string) (string, error) {
	secret, err := k.derive(nil, "ehdsgw tombstone v1")
	if err != nil {
		return "", err
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(caseID))
	return tombstonePrefix + hex.EncodeToString(m.Sum(nil)), nil
}

const tombstonePrefix = "erased:"

// wrapping gives the cipher that wraps the key of a case; ErrErased when the ring lost its secret.
func (k *caseKeys) wrapping(ringNo int64) (cipher.AEAD, error) {
	secret, ok := k.ring.secret(ringNo)
	if !ok {
		return nil, ErrErased
	}
	kek, err := k.derive(secret[:], "ehdsgw case key v1")
	if err != nil {
		return nil, err
	}
	return newGCM(kek)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// create makes a key and its wrapped form for case_key.
func (k *caseKeys) create(rand io.Reader, caseNo, ringNo int64) (*caseKey, []byte, error) {
	data := make([]byte, 32)
	if _, err := io.ReadFull(rand, data); err != nil {
		return nil, nil, fmt.Errorf("case key: %w", err)
	}
	aead, err := newGCM(data)
	if err != nil {
		return nil, nil, err
	}
	kek, err := k.wrapping(ringNo)
	if err != nil {
		return nil, nil, err
	}
	wrapped, err := (&caseKey{aead: kek}).seal(rand, place("case_key", caseNo, ringNo), data)
	return &caseKey{aead: aead, ringNo: ringNo}, wrapped, err
}

// load finds the key of a personal case. ErrErased when it is gone.
func (k *caseKeys) load(ctx context.Context, s *session, caseNo int64) (*caseKey, error) {
	if key, ok := k.cached(caseNo); ok {
		return key, nil
	}
	var ringNo int64
	var wrapped []byte
	ok, err := s.one(ctx, "SELECT ring_no, wrapped FROM case_key WHERE case_no = $1", []any{caseNo}, &ringNo, &wrapped)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrErased
	}
	kek, err := k.wrapping(ringNo)
	if err != nil {
		return nil, err
	}
	data, err := (&caseKey{aead: kek}).open(place("case_key", caseNo, ringNo), wrapped)
	if err != nil {
		return nil, err
	}
	aead, err := newGCM(data)
	if err != nil {
		return nil, err
	}
	key := &caseKey{aead: aead, ringNo: ringNo}
	k.keep(caseNo, key)
	return key, nil
}

func (k *caseKeys) cached(caseNo int64) (*caseKey, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.now[caseNo]; ok {
		return key, true
	}
	key, ok := k.old[caseNo]
	if ok {
		k.set(caseNo, key)
	}
	return key, ok
}

// keep remembers a key unless it was erased meanwhile.
func (k *caseKeys) keep(caseNo int64, key *caseKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.ring.secret(key.ringNo); ok {
		k.set(caseNo, key)
	}
}

func (k *caseKeys) set(caseNo int64, key *caseKey) {
	if k.now == nil || len(k.now) >= caseKeyCache {
		k.now, k.old = make(map[int64]*caseKey), k.now
	}
	k.now[caseNo] = key
}

// destroy punctures the ring and forgets. It holds the lock so that keep cannot come between.
func (k *caseKeys) destroy(caseNo int64, ringNos ...int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.now, caseNo)
	delete(k.old, caseNo)
	return k.ring.puncture(ringNos...)
}
