package pki

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move by hand.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func devCA(t *testing.T, dir string, c *clock, names ...string) *CA {
	t.Helper()
	if len(names) == 0 {
		names = []string{"localhost", "127.0.0.1", "::1"}
	}
	ca, err := DevelopmentCA(dir, Options{Clock: c.Now, Rand: rand.Reader, Names: names})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDevelopmentCA(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "pki"), &clock{start}
	ca := devCA(t, dir, c)
	for name, mode := range map[string]os.FileMode{".": 0o700, caKey: 0o600, leafKey: 0o600, caFile: 0o600, leafFile: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	certs, err := certificates(read(t, ca.CertFile()))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
			_, err := certs[0].Verify(x509.VerifyOptions{DNSName: name, Roots: ca.Pool(), CurrentTime: start, KeyUsages: []x509.ExtKeyUsage{usage}})
			if err != nil {
				t.Errorf("%s, usage %d: %v", name, usage, err)
			}
		}
	}
	if certs[0].IsCA || certs[0].VerifyHostname("example.com") == nil {
		t.Error("the leaf may do more than it should")
	}
	if got := ca.NotAfter(); !got.Equal(start.Add(90 * 24 * time.Hour)) {
		t.Errorf("leaf expires %v", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 4 {
		t.Errorf("%d files in the directory, %v", len(left), err)
	}
}

func TestLeafRenewal(t *testing.T) {
	for name, x := range map[string]struct {
		change func(t *testing.T, dir string, c *clock)
		names  []string
		want   bool
	}{
		"nothing changed":  {func(*testing.T, string, *clock) {}, nil, false},
		"30 days left":     {func(_ *testing.T, _ string, c *clock) { c.now = start.Add(60 * 24 * time.Hour) }, nil, false},
		"a second less":    {func(_ *testing.T, _ string, c *clock) { c.now = start.Add(60*24*time.Hour + time.Second) }, nil, true},
		"expired":          {func(_ *testing.T, _ string, c *clock) { c.now = start.Add(91 * 24 * time.Hour) }, nil, true},
		"another name":     {func(*testing.T, string, *clock) {}, []string{"dev.example"}, true},
		"another address":  {func(*testing.T, string, *clock) {}, []string{"localhost", "127.0.0.1", "::2"}, true},
		"key gone":         {func(t *testing.T, dir string, _ *clock) { remove(t, dir, leafKey) }, nil, true},
		"certificate gone": {func(t *testing.T, dir string, _ *clock) { remove(t, dir, leafFile) }, nil, true},
		"files mixed up": {func(t *testing.T, dir string, _ *clock) {
			overwrite(t, filepath.Join(dir, leafKey), read(t, filepath.Join(dir, caKey)))
		}, nil, true},
		"of another authority": {func(t *testing.T, dir string, c *clock) {
			other := devCA(t, filepath.Join(t.TempDir(), "other"), c)
			overwrite(t, filepath.Join(dir, leafKey), read(t, other.KeyFile()))
			overwrite(t, filepath.Join(dir, leafFile), read(t, other.CertFile()))
		}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := filepath.Join(t.TempDir(), "pki"), &clock{start}
			ca := devCA(t, dir, c)
			authority, before := read(t, ca.CAFile()), ca.leaf.SerialNumber
			x.change(t, dir, c)
			again := devCA(t, dir, c, x.names...)
			if got := again.leaf.SerialNumber.Cmp(before) != 0; got != x.want {
				t.Errorf("renewed: %v", got)
			}
			if !bytes.Equal(authority, read(t, ca.CAFile())) {
				t.Error("the authority changed")
			}
			if _, err := tls.LoadX509KeyPair(again.CertFile(), again.KeyFile()); err != nil {
				t.Error(err)
			}
			if renewed, err := again.Renew(); renewed || err != nil {
				t.Errorf("renewed twice: %v, %v", renewed, err)
			}
		})
	}
}

func TestRenewInALongRunningProcess(t *testing.T) {
	c := &clock{start}
	ca := devCA(t, filepath.Join(t.TempDir(), "pki"), c)
	c.now = start.Add(70 * 24 * time.Hour)
	if renewed, err := ca.Renew(); !renewed || err != nil || !ca.NotAfter().Equal(c.now.Add(leafLife)) {
		t.Errorf("renewed %v, %v, until %v", renewed, err, ca.NotAfter())
	}
	c.now = ca.cert.NotAfter.Add(-24 * time.Hour) // near the end the leaf ends with its authority
	if renewed, err := ca.Renew(); !renewed || err != nil || !ca.NotAfter().Equal(ca.cert.NotAfter) {
		t.Errorf("at the end: renewed %v, %v, until %v", renewed, err, ca.NotAfter())
	}
	if renewed, err := ca.Renew(); renewed || err != nil {
		t.Errorf("again at the end: %v, %v", renewed, err)
	}
}

func TestDevelopmentCARefusals(t *testing.T) {
	for name, x := range map[string]struct {
		change func(t *testing.T, dir string, c *clock)
		want   error
	}{
		"open directory":     {func(t *testing.T, dir string, _ *clock) { chmod(t, dir, 0o750) }, ErrPermissions},
		"open authority key": {func(t *testing.T, dir string, _ *clock) { chmod(t, filepath.Join(dir, caKey), 0o640) }, ErrPermissions},
		"open leaf key":      {func(t *testing.T, dir string, _ *clock) { chmod(t, filepath.Join(dir, leafKey), 0o604) }, ErrPermissions},
		"linked key": {func(t *testing.T, dir string, _ *clock) {
			if err := os.Rename(filepath.Join(dir, caKey), filepath.Join(dir, "x")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("x", filepath.Join(dir, caKey)); err != nil {
				t.Fatal(err)
			}
		}, ErrPermissions},
		"authority key gone":        {func(t *testing.T, dir string, _ *clock) { remove(t, dir, caKey) }, ErrIncomplete},
		"authority expired":         {func(_ *testing.T, _ string, c *clock) { c.now = start.Add(caLife + time.Second) }, ErrValidity},
		"authority from the future": {func(_ *testing.T, _ string, c *clock) { c.now = start.Add(-2 * time.Hour) }, ErrValidity},
		"authority file is rubbish": {func(t *testing.T, dir string, _ *clock) {
			overwrite(t, filepath.Join(dir, caFile), []byte("rubbish"))
		}, ErrNoCertificate},
	} {
		t.Run(name, func(t *testing.T) {
			dir, c := filepath.Join(t.TempDir(), "pki"), &clock{start}
			devCA(t, dir, c)
			x.change(t, dir, c)
			_, err := DevelopmentCA(dir, Options{Clock: c.Now, Rand: rand.Reader, Names: []string{"localhost", "127.0.0.1", "::1"}})
			if !errors.Is(err, x.want) {
				t.Errorf("%v, want %v", err, x.want)
			}
		})
	}
	for name, o := range map[string]Options{
		"no clock": {Rand: rand.Reader, Names: []string{"a"}}, "no randomness": {Clock: time.Now, Names: []string{"a"}},
		"no names": {Clock: time.Now, Rand: rand.Reader}, "randomness runs dry": {Clock: time.Now, Rand: bytes.NewReader(nil), Names: []string{"a"}},
	} {
		if _, err := DevelopmentCA(filepath.Join(t.TempDir(), "x"), o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCrashBeforeTheAuthorityWasWhole(t *testing.T) {
	dir, c := filepath.Join(t.TempDir(), "pki"), &clock{start}
	devCA(t, dir, c)
	remove(t, dir, caFile) // the key is written first
	if got := devCA(t, dir, c); got.leaf.CheckSignatureFrom(got.cert) != nil {
		t.Error("the leaf is not of the new authority")
	}
}

func TestPool(t *testing.T) {
	c := &clock{start}
	a, b := devCA(t, filepath.Join(t.TempDir(), "a"), c), devCA(t, filepath.Join(t.TempDir(), "b"), c)
	dir := t.TempDir()
	file := func(name string, data ...[]byte) string {
		name = filepath.Join(dir, name)
		overwrite(t, name, bytes.Join(data, nil))
		return name
	}
	pem := read(t, a.CAFile())
	pool, err := Pool(a.CAFile(), b.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	for _, ca := range []*CA{a, b} {
		if _, err := ca.leaf.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: start}); err != nil {
			t.Error(err)
		}
	}
	none, err := Pool()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.leaf.Verify(x509.VerifyOptions{Roots: none, CurrentTime: start}); err == nil {
		t.Error("a pool of no files trusts somebody")
	}
	damaged := bytes.Replace(pem, []byte("\nMII"), []byte("\n!II"), 1)
	for name, f := range map[string]string{
		"empty": file("empty"), "a key": file("key", read(t, a.KeyFile())), "certificate and key": file("both", pem, read(t, a.KeyFile())),
		"one damaged of two": file("damaged", damaged, pem), "damaged last": file("last", pem, damaged),
		"not a certificate": file("wrong", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
	} {
		if _, err := Pool(f); !errors.Is(err, ErrNoCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Pool(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if _, err := Pool(file("huge", make([]byte, maxFile+1))); err == nil {
		t.Error("a huge file was read")
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func TestSplitNames(t *testing.T) {
	dns, ips := splitNames([]string{"a.example", "10.0.0.1", "b.example", "::1"})
	if len(dns) != 2 || len(ips) != 2 || !ips[1].Equal(net.IPv6loopback) {
		t.Errorf("%v, %v", dns, ips)
	}
}

func FuzzCertificates(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if certs, err := certificates(data); err == nil && len(certs) != bytes.Count(data, []byte("-----BEGIN CERTIFICATE")) {
			t.Errorf("%d certificates read", len(certs))
		}
	})
}
