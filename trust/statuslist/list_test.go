package statuslist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// The example of draft-ietf-oauth-status-list §4.1: twelve statuses of two bits.
func TestDraftExampleOfTwoBits(t *testing.T) {
	values := []int{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}
	l := New(len(values))
	for i, v := range values {
		if err := l.Set(int64(i), v); err != nil {
			t.Fatal(err)
		}
	}
	if want := []byte{0xc9, 0x44, 0xf9}; !bytes.Equal(l.data, want) {
		t.Fatalf("bytes = %x, want %x", l.data, want)
	}
	got, err := Decode(Claims{Bits: 2, List: "eNo76fITAAPfAgc"})
	if err != nil || !bytes.Equal(got.data, l.data) {
		t.Fatalf("the draft's list decodes to %x, %v", got, err)
	}
}

func TestRoundTripKeepsEveryEntry(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	l := New(131072)
	want := map[int64]int{}
	for range 500 {
		i, v := r.Int64N(l.Len()), r.IntN(4)
		want[i] = v
		if err := l.Set(i, v); err != nil {
			t.Fatal(err)
		}
	}
	c, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range back.Len() {
		got, err := back.Get(i)
		if err != nil || got != want[i] {
			t.Fatalf("entry %d = %d, %v; want %d", i, got, err, want[i])
		}
	}
}

func TestDecodeRefusesWhatItShould(t *testing.T) {
	var bomb bytes.Buffer
	z := zlib.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, MaxBytes+1))
	_ = z.Close()
	unpack := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		claims Claims
		want   error
	}{
		"another width":   {Claims{Bits: 1, List: "eNo76fITAAPfAgc"}, ErrForm},
		"a line break":    {Claims{Bits: 2, List: "eNo76fIT\nAAPfAgc"}, ErrForm},
		"padding":         {Claims{Bits: 2, List: "eNo76fITAAPfAgc="}, ErrForm},
		"not compressed":  {Claims{Bits: 2, List: "AAAA"}, ErrForm},
		"cut short":       {Claims{Bits: 2, List: "eNo76fIT"}, ErrForm},
		"too long a text": {Claims{Bits: 2, List: strings.Repeat("A", maxEncoded+1)}, ErrSize},
		"a second list":   {Claims{Bits: 2, List: base64.RawURLEncoding.EncodeToString(append(unpack("eNo76fITAAPfAgc"), unpack("eNo76fITAAPfAgc")...))}, ErrForm},
		"a byte after it": {Claims{Bits: 2, List: base64.RawURLEncoding.EncodeToString(append(unpack("eNo76fITAAPfAgc"), 0))}, ErrForm},
		"no list":         {Claims{Bits: 2}, ErrForm},
		"inflates":        {Claims{Bits: 2, List: base64.RawURLEncoding.EncodeToString(bomb.Bytes())}, ErrSize},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode(c.claims); !errors.Is(err, c.want) {
				t.Errorf("error = %v, want %v", err, c.want)
			}
		})
	}
}

func TestIndexesOutsideAreRefused(t *testing.T) {
	l := New(4)
	for _, i := range []int64{-1, 4, 1 << 40} {
		if _, err := l.Get(i); !errors.Is(err, ErrRange) {
			t.Errorf("Get(%d): %v", i, err)
		}
		if err := l.Set(i, 1); !errors.Is(err, ErrRange) {
			t.Errorf("Set(%d): %v", i, err)
		}
	}
	if err := l.Set(0, 4); !errors.Is(err, ErrRange) {
		t.Errorf("a value of three bits: %v", err)
	}
}

func TestAListMayBeAsLargeAsTheCap(t *testing.T) {
	full := New(MaxBytes * 8 / Bits)
	c, err := full.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if l, err := Decode(c); err != nil || l.Len() != MaxBytes*4 {
		t.Errorf("%v", err)
	}
	r := rand.New(rand.NewPCG(3, 4)) // what does not compress is the longest text
	for i := range full.data {
		full.data[i] = byte(r.Uint32())
	}
	if c, err = full.Encode(); err != nil {
		t.Fatal(err)
	}
	if l, err := Decode(c); err != nil || l.Len() != MaxBytes*4 {
		t.Errorf("a list of noise, %d characters: %v", len(c.List), err)
	}
}

func TestSetReplacesOneEntryOnly(t *testing.T) {
	l := New(8)
	for i := range int64(8) {
		for _, v := range []int{3, 1, 2, 0, 3} {
			if err := l.Set(i, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Set(5, 0); err != nil {
		t.Fatal(err)
	}
	for i := range int64(8) {
		if got, _ := l.Get(i); (got == 0) != (i == 5) {
			t.Errorf("entry %d = %d", i, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("eNo76fITAAPfAgc")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Decode(Claims{Bits: 2, List: s})
		if err == nil && len(l.data) > MaxBytes {
			t.Fatal("over the cap")
		}
	})
}
