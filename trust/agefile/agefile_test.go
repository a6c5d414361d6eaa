package agefile_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"github.com/ehdsgw/ehdsgw/trust/agefile"
)

const limit = 1 << 20

func sealed(t testing.TB, plaintext []byte) (file []byte, identity string) {
	t.Helper()
	var b bytes.Buffer
	identity, err := agefile.Seal(&b, bytes.NewReader(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), identity
}

func open(file []byte, identity string) ([]byte, error) {
	var b bytes.Buffer
	n, err := agefile.Open(&b, bytes.NewReader(file), identity, limit)
	if n != int64(b.Len()) {
		return nil, errors.New("the count is wrong")
	}
	return b.Bytes(), err
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, n := range []int64{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, limit} {
		plaintext := make([]byte, n)
		_, _ = rand.Read(plaintext)
		file, identity := sealed(t, plaintext)
		if int64(len(file)) != agefile.Size(n) {
			t.Errorf("%d bytes: a file of %d, Size says %d", n, len(file), agefile.Size(n))
		}
		if got, err := open(file, identity); err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
		if seen[identity] {
			t.Errorf("an identity was used twice")
		}
		seen[identity] = true
		// Any age reader opens it.
		id, err := age.ParseX25519Identity(identity)
		if err != nil {
			t.Fatal(err)
		}
		r, err := age.Decrypt(bytes.NewReader(file), id)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, plaintext) {
			t.Errorf("with the library alone: %v", err)
		}
	}
}

// made is a file for other recipients than the one.
func made(t *testing.T, plaintext string, to ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to...)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, plaintext)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnsealable(t *testing.T) {
	t.Parallel()
	plaintext := bytes.Repeat([]byte("x"), 100<<10) // two chunks
	file, identity := sealed(t, plaintext)
	other, otherIdentity := sealed(t, plaintext)
	id, err := age.ParseX25519Identity(identity)
	if err != nil {
		t.Fatal(err)
	}
	second, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	pass, err := age.NewScryptRecipient("password")
	if err != nil {
		t.Fatal(err)
	}
	pass.SetWorkFactor(2)
	head := bytes.Index(file, []byte("\n---"))
	flipped := func(at int) []byte { b := bytes.Clone(file); b[at] ^= 1; return b }
	for name, tt := range map[string]struct {
		file     []byte
		identity string
	}{
		"nothing":                           {nil, identity},
		"another file's identity":           {file, otherIdentity},
		"no identity":                       {file, ""},
		"an identity in small letters":      {file, strings.ToLower(identity)},
		"an identity with a line after it":  {file, identity + "\n"},
		"a recipient for an identity":       {file, id.Recipient().String()},
		"for a second reader too":           {made(t, "x", id.Recipient(), second.Recipient()), identity},
		"for the same reader twice":         {made(t, "x", id.Recipient(), id.Recipient()), identity},
		"with a password":                   {made(t, "x", pass), identity},
		"the header alone":                  {file[:head], identity},
		"without its last byte":             {file[:len(file)-1], identity},
		"without its last chunk":            {file[:agefile.Size(64<<10)], identity},
		"with a byte after it":              {append(bytes.Clone(file), 0), identity},
		"with another file after it":        {append(bytes.Clone(file), other...), identity},
		"the header of another file":        {append(bytes.Clone(other[:head]), file[head:]...), identity},
		"a bit of the header flipped":       {flipped(30), identity},
		"a bit of the header's tag flipped": {flipped(head + 10), identity},
		"a bit of the first chunk flipped":  {flipped(head + 100), identity},
		"a bit of the last chunk flipped":   {flipped(len(file) - 20), identity},
		"another version":                   {bytes.Replace(file, []byte("/v1"), []byte("/v2"), 1), identity},
		"lines that end in CRLF":            {bytes.Replace(file, []byte("/v1\n"), []byte("/v1\r\n"), 1), identity},
		"armoured":                          {[]byte("-----BEGIN AGE ENCRYPTED FILE-----\n"), identity},
		"a header without end":              {append([]byte("age-encryption.org/v1\n-> X25519 "), bytes.Repeat([]byte("A"), 1<<20)...), identity},
		"a stanza without end":              {append([]byte("age-encryption.org/v1\n-> X25519 A\n"), bytes.Repeat([]byte(strings.Repeat("A", 64)+"\n"), 1<<14)...), identity},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := open(tt.file, tt.identity)
			if !errors.Is(err, agefile.ErrUnsealable) || err.Error() != agefile.ErrUnsealable.Error() {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

// A header is given up early: what follows it stays unread.
func TestHeaderIsBounded(t *testing.T) {
	t.Parallel()
	_, identity := sealed(t, nil)
	endless := &counted{r: io.MultiReader(strings.NewReader("age-encryption.org/v1\n-> X25519 "), letters{})}
	if _, err := agefile.Open(io.Discard, endless, identity, limit); !errors.Is(err, agefile.ErrUnsealable) {
		t.Error(err)
	}
	if endless.n > 4<<10 {
		t.Errorf("%d bytes were read", endless.n)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'A'
	}
	return len(p), nil
}

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) { n, err := c.r.Read(p); c.n += n; return n, err }

func TestOpenIsLimited(t *testing.T) {
	t.Parallel()
	file, identity := sealed(t, make([]byte, 100<<10))
	for size, want := range map[int64]error{100 << 10: nil, 100<<10 - 1: agefile.ErrSize, 0: agefile.ErrSize} {
		var b bytes.Buffer
		if _, err := agefile.Open(&b, bytes.NewReader(file), identity, size); !errors.Is(err, want) || int64(b.Len()) > size {
			t.Errorf("limit %d: %d bytes, %v", size, b.Len(), err)
		}
	}
}

var errDisk = errors.New("disk")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDisk }

// The reader's own failures are not the sender's fault, and the other way round.
func TestOwnFailures(t *testing.T) {
	t.Parallel()
	file, identity := sealed(t, make([]byte, 100<<10))
	for name, src := range map[string]io.Reader{
		"at once":       iotest.ErrReader(errDisk),
		"in the header": io.MultiReader(bytes.NewReader(file[:20]), iotest.ErrReader(errDisk)),
		"in a chunk":    io.MultiReader(bytes.NewReader(file[:70<<10]), iotest.ErrReader(errDisk)),
	} {
		if _, err := agefile.Open(io.Discard, src, identity, limit); !errors.Is(err, errDisk) || errors.Is(err, agefile.ErrUnsealable) {
			t.Errorf("reading fails %s: %v", name, err)
		}
	}
	if _, err := agefile.Open(failing{}, bytes.NewReader(file), identity, limit); !errors.Is(err, errDisk) {
		t.Errorf("writing fails: %v", err)
	}
	if got, err := open(file[:0], identity); !errors.Is(err, agefile.ErrUnsealable) || len(got) > 0 {
		t.Errorf("an empty file: %v", err)
	}
	var b bytes.Buffer
	if _, err := agefile.Open(&b, iotest.OneByteReader(bytes.NewReader(file)), identity, limit); err != nil || b.Len() != 100<<10 {
		t.Errorf("a slow reader: %v", err)
	}
	if _, err := agefile.Seal(failing{}, strings.NewReader("x")); !errors.Is(err, errDisk) {
		t.Errorf("sealing to a full disk: %v", err)
	}
	if _, err := agefile.Seal(io.Discard, iotest.ErrReader(errDisk)); !errors.Is(err, errDisk) {
		t.Errorf("sealing what cannot be read: %v", err)
	}
	late := &full{room: 300}
	if _, err := agefile.Seal(late, strings.NewReader(strings.Repeat("x", 1000))); !errors.Is(err, errDisk) {
		t.Errorf("the disk is full at the end: %v", err)
	}
}

// full takes so many bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		return 0, errDisk
	}
	f.room -= len(p)
	return len(p), nil
}

// FuzzOpen: nobody without the identity has sealed anything that opens.
func FuzzOpen(f *testing.F) {
	file, identity := sealed(f, []byte("the plan"))
	f.Add(file, identity)
	f.Add([]byte("age-encryption.org/v1\n-> X25519 \n--- "), identity)
	f.Fuzz(func(t *testing.T, data []byte, with string) {
		var got bytes.Buffer
		_, err := agefile.Open(&got, bytes.NewReader(data), with, limit)
		switch {
		case err == nil && with == identity && got.String() != "the plan":
			t.Fatalf("%q opens to %q", data, got.String())
		case err != nil && !errors.Is(err, agefile.ErrUnsealable) && !errors.Is(err, agefile.ErrSize):
			t.Fatal(err)
		}
	})
}
