package keys

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// drawer is a device that keeps its keys in memory.
type drawer struct {
	keys  map[string]crypto.Signer
	finds int
	err   error
	swap  crypto.Signer // what it gives out instead, when not nil
}

func (d *drawer) Generate(alg string, id []byte) (crypto.Signer, error) {
	if d.err != nil {
		return nil, d.err
	}
	m, err := newMaterial(Exchange, alg, rand.Reader)
	if err != nil {
		return nil, err
	}
	d.keys[string(id)] = outside{m.signing.Signer}
	if d.swap != nil {
		return d.swap, nil
	}
	return d.keys[string(id)], nil
}

func (d *drawer) Find(_ string, id []byte) (crypto.Signer, error) {
	d.finds++
	if d.swap != nil {
		return d.swap, nil
	}
	if k, ok := d.keys[string(id)]; ok && d.err == nil {
		return k, nil
	}
	return nil, errors.Join(d.err, errors.New("no such key"))
}

// outside hides what kind of signer it is, as a device does.
type outside struct{ signer crypto.Signer }

func (o outside) Public() crypto.PublicKey { return o.signer.Public() }
func (o outside) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return o.signer.Sign(r, digest, opts)
}

func withDevice(t *testing.T, dir string, d Device) *Store {
	t.Helper()
	c := &clock{start}
	s, err := Open(dir, Options{Clock: c.time, Rand: rand.Reader, Device: d, DevicePurposes: []Purpose{Permit, Federation}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestKeysInADevice(t *testing.T) {
	t.Parallel()
	dir, d := keyDir(t), &drawer{keys: map[string]crypto.Signer{}}
	s := withDevice(t, dir, d)
	for _, p := range []Purpose{Permit, Exchange} {
		if err := s.Ensure(p, "hdab-hdh"); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.keys) != 1 {
		t.Errorf("%d keys in the device, want that of permits alone", len(d.keys))
	}
	r, err := s.Rotate(Permit, "hdab-hdh", ES256, AtOnce)
	if err != nil || !r.Key.Device {
		t.Fatalf("%+v, %v", r, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "permit.hdab-hdh.0001.json"))
	if err != nil || strings.Contains(string(text), `"d"`) || strings.Contains(string(text), "private_jwk") {
		t.Errorf("the file holds a private half, or: %v", err)
	}
	again := withDevice(t, dir, d)
	if diff := cmp.Diff(s.List(), again.List()); diff != "" {
		t.Error(diff)
	}
	for _, alg := range []string{Ed25519, ES256} {
		for range 3 {
			k, err := again.ActiveAlg(Permit, "hdab-hdh", alg)
			if err != nil || k.Alg != alg {
				t.Fatalf("%s: %v, %v", alg, k, err)
			}
			if _, err := jose.Sign(k, "x+jwt", jose.SignOptions{}, []byte(`{}`)); err != nil {
				t.Error(err)
			}
		}
	}
	if d.finds != 2 {
		t.Errorf("the device was searched %d times for 2 keys", d.finds)
	}
	set, err := again.Public(Permit, "hdab-hdh")
	if err != nil || len(set.Keys) != 2 {
		t.Errorf("published: %v, %v", set, err)
	}
	if _, err := again.Revoke(r.Key.Kid, Superseded, start); err != nil {
		t.Error(err)
	}
	if past, err := again.Past(Permit, "hdab-hdh"); err != nil || len(past) != 1 || past[0].Key == nil {
		t.Errorf("past: %v, %v", past, err)
	}
}

func TestDeviceThatFails(t *testing.T) {
	t.Parallel()
	other, err := newMaterial(Exchange, Ed25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := newMaterial(Exchange, ES256, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		made  drawer // while the key is made
		later func(*drawer) Device
		want  error
	}{
		"makes none":          {drawer{err: io.ErrClosedPipe}, nil, io.ErrClosedPipe},
		"makes another kind":  {drawer{swap: wrong.signing.Signer}, nil, ErrDevice},
		"is gone":             {drawer{}, func(*drawer) Device { return nil }, ErrDevice},
		"does not answer":     {drawer{}, func(d *drawer) Device { d.err = io.ErrClosedPipe; return d }, io.ErrClosedPipe},
		"gives another key":   {drawer{}, func(d *drawer) Device { d.swap = other.signing.Signer; return d }, ErrDevice},
		"gives no usable key": {drawer{}, func(d *drawer) Device { d.swap = outside{unfit{}}; return d }, ErrDevice},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, d := keyDir(t), &tt.made
			d.keys = map[string]crypto.Signer{}
			s := withDevice(t, dir, d)
			err := s.Ensure(Permit, "hdab-hdh")
			if tt.later != nil && err == nil {
				s = withDevice(t, dir, tt.later(d))
				_, err = s.Active(Permit, "hdab-hdh")
				if set, failed := s.Public(Permit, "hdab-hdh"); failed != nil || len(set.Keys) != 1 {
					t.Errorf("what is published needs no device: %v, %v", set, failed)
				}
			}
			if !errors.Is(err, tt.want) || !errors.Is(err, ErrDevice) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
	s := withDevice(t, keyDir(t), &drawer{keys: map[string]crypto.Signer{}})
	if _, err := s.Generate(Permit, "hdab-hdh", MLDSA65); !errors.Is(err, ErrAlg) {
		t.Error(err)
	}
	if _, err := Open(keyDir(t), Options{Clock: s.options.Clock, Rand: rand.Reader, DevicePurposes: []Purpose{Record}}); !errors.Is(err, ErrPurpose) {
		t.Error(err)
	}
}

// unfit is a signer of a kind nobody uses here.
type unfit struct{ crypto.Signer }

func (unfit) Public() crypto.PublicKey { return "no key" }

func TestDamagedDeviceFiles(t *testing.T) {
	t.Parallel()
	dir := keyDir(t)
	s := withDevice(t, dir, &drawer{keys: map[string]crypto.Signer{}})
	for _, owner := range []string{"hdab-hdh", "hdab-other"} {
		if err := s.Ensure(Permit, owner); err != nil {
			t.Fatal(err)
		}
	}
	good, other := s.slots[slot{Permit, "hdab-hdh"}][0].record, s.slots[slot{Permit, "hdab-other"}][0].record
	for name, change := range map[string]func(*record){
		"no id":                func(r *record) { r.Device = "" },
		"an odd id":            func(r *record) { r.Device = "xyz" },
		"no public half":       func(r *record) { r.Public = nil },
		"odd public half":      func(r *record) { r.Public = json.RawMessage(`{"kty":"OKP"}`) },
		"another's":            func(r *record) { r.Public = other.Public },
		"another kid":          func(r *record) { r.Kid = other.Kid },
		"another alg":          func(r *record) { r.Alg = ES256 },
		"an alg no device has": func(r *record) { r.Alg = MLDSA65 },
		"a private half, too":  func(r *record) { r.Private = newRecord(t, Permit, "hdab-hdh").Private },
	} {
		r := good
		change(&r)
		text, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeKey(text); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
