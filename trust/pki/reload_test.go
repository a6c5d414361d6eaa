package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// handshake connects over loopback and returns the serial of the server's certificate.
func handshake(t *testing.T, server *tls.Config, client *tls.Config) (*big.Int, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	done := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			done <- err
			return
		}
		defer func() { _ = conn.Close() }()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		s := tls.Server(conn, server)
		if err = s.Handshake(); err == nil {
			_, err = s.Write([]byte{1}) // TLS 1.3 clients learn of a refused certificate on reading
		}
		done <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	c := tls.Client(conn, client)
	if err = c.Handshake(); err == nil {
		_, err = io.ReadFull(c, make([]byte, 1))
	}
	if serverErr := <-done; err == nil {
		err = serverErr
	}
	if err != nil {
		return nil, err
	}
	return c.ConnectionState().PeerCertificates[0].SerialNumber, nil
}

func trusting(ca *CA) *tls.Config {
	return &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost", Time: ca.opts.Clock}
}

func newReloader(t *testing.T, f Files) *Reloader {
	t.Helper()
	r, err := NewReloader(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReloadOnChange(t *testing.T) {
	c := &clock{start}
	ca := devCA(t, filepath.Join(t.TempDir(), "pki"), c)
	heard := []error{}
	r := newReloader(t, Files{Cert: ca.CertFile(), Key: ca.KeyFile(), Clock: c.Now, OnReload: func(err error) { heard = append(heard, err) }})
	server, first := r.ServerConfig(), ca.leaf.SerialNumber
	expect := func(what string, want *big.Int, reloads int) {
		t.Helper()
		got, err := handshake(t, server, trusting(ca))
		if err != nil || got.Cmp(want) != 0 || len(heard) != reloads {
			t.Fatalf("%s: serial %v, want %v; %d reloads, want %d; %v", what, got, want, len(heard), reloads, err)
		}
	}
	expect("at first", first, 0)
	c.now = start.Add(70 * 24 * time.Hour)
	expect("files unchanged", first, 0)
	if _, err := ca.Renew(); err != nil {
		t.Fatal(err)
	}
	expect("changed just after a look", first, 0)
	c.now = c.now.Add(checkEvery)
	expect("changed", ca.leaf.SerialNumber, 1)
	if heard[0] != nil || !r.NotAfter().Equal(ca.NotAfter()) {
		t.Errorf("reload said %v; expiry %v, want %v", heard[0], r.NotAfter(), ca.NotAfter())
	}
	// A key that does not fit keeps what works, and is not tried again until something changes.
	good := read(t, ca.KeyFile())
	overwrite(t, ca.KeyFile(), append(read(t, filepath.Join(ca.dir, caKey)), '\n'))
	c.now = c.now.Add(checkEvery)
	expect("wrong key", ca.leaf.SerialNumber, 2)
	if heard[1] == nil {
		t.Error("a key that does not fit was taken over")
	}
	c.now = c.now.Add(checkEvery)
	expect("wrong key, seen already", ca.leaf.SerialNumber, 2)
	if tried, err := r.Refresh(); tried || err != nil {
		t.Errorf("Refresh without a change: %v, %v", tried, err)
	}
	overwrite(t, ca.KeyFile(), good)
	if tried, err := r.Refresh(); !tried || err != nil {
		t.Errorf("Refresh after repair: %v, %v", tried, err)
	}
	expect("repaired", ca.leaf.SerialNumber, 3)
}

func TestReloadKeepsWhatWorks(t *testing.T) {
	for name, x := range map[string]struct {
		change func(t *testing.T, ca *CA, c *clock)
		want   error
	}{
		"certificate gone":    {func(t *testing.T, ca *CA, _ *clock) { remove(t, ca.dir, leafFile) }, os.ErrNotExist},
		"key gone":            {func(t *testing.T, ca *CA, _ *clock) { remove(t, ca.dir, leafKey) }, os.ErrNotExist},
		"client authorities":  {func(t *testing.T, ca *CA, _ *clock) { overwrite(t, ca.CAFile(), nil) }, ErrNoCertificate},
		"certificate expired": {func(_ *testing.T, _ *CA, c *clock) { c.now = start.Add(91 * 24 * time.Hour) }, ErrValidity},
		"not valid yet":       {func(_ *testing.T, _ *CA, c *clock) { c.now = start.Add(-2 * time.Hour) }, ErrValidity},
		"truncated":           {func(t *testing.T, ca *CA, _ *clock) { overwrite(t, ca.CertFile(), read(t, ca.CertFile())[:100]) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{start}
			ca := devCA(t, filepath.Join(t.TempDir(), "pki"), c)
			f := Files{Cert: ca.CertFile(), Key: ca.KeyFile(), ClientCA: ca.CAFile(), Clock: c.Now}
			r := newReloader(t, f)
			before := r.now.Load()
			x.change(t, ca, c)
			err := r.Reload()
			if err == nil || x.want != nil && !errors.Is(err, x.want) {
				t.Errorf("%v, want %v", err, x.want)
			}
			if r.now.Load() != before {
				t.Error("what worked was replaced")
			}
			if _, err := NewReloader(f); err == nil {
				t.Error("a start with broken files succeeds")
			}
		})
	}
	if _, err := NewReloader(Files{}); err == nil {
		t.Error("no clock: accepted")
	}
}

// shows R14.0.3
func TestMutualTLS(t *testing.T) {
	c := &clock{start}
	ca := devCA(t, filepath.Join(t.TempDir(), "pki"), c)
	stranger := devCA(t, filepath.Join(t.TempDir(), "stranger"), c)
	files := Files{Cert: ca.CertFile(), Key: ca.KeyFile(), ClientCA: ca.CAFile(), Clock: c.Now}
	optional := files
	optional.ClientOptional = true
	own := newReloader(t, files)
	foreign := newReloader(t, Files{Cert: stranger.CertFile(), Key: stranger.KeyFile(), Clock: c.Now})
	for name, x := range map[string]struct {
		files  Files
		client *Reloader
		ok     bool
	}{
		"required and shown": {files, own, true}, "required and missing": {files, nil, false}, "required and foreign": {files, foreign, false},
		"optional and shown": {optional, own, true}, "optional and missing": {optional, nil, true}, "optional and foreign": {optional, foreign, false},
	} {
		client := trusting(ca)
		if x.client != nil {
			client.GetClientCertificate = x.client.ClientCertificate
		}
		if _, err := handshake(t, newReloader(t, x.files).ServerConfig(), client); (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// shows R14.0.3 R16.0.2
func TestOldTLSIsRefused(t *testing.T) {
	c := &clock{start}
	ca := devCA(t, filepath.Join(t.TempDir(), "pki"), c)
	r := newReloader(t, Files{Cert: ca.CertFile(), Key: ca.KeyFile(), Clock: c.Now})
	for version, ok := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		client := trusting(ca)
		client.MinVersion, client.MaxVersion = version, version
		if _, err := handshake(t, r.ServerConfig(), client); (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	var unknown x509.UnknownAuthorityError
	client := trusting(ca)
	client.RootCAs = x509.NewCertPool()
	if _, err := handshake(t, r.ServerConfig(), client); !errors.As(err, &unknown) {
		t.Errorf("a client that trusts nobody: %v", err)
	}
}
