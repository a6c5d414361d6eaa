package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CheckFiles looks whether the files a configuration names are there: TLS files,
// a PKCS#11 module, extra roots, anchors' keys, desk rules, and of catalogue sources the locations that
// are paths, the files of credentials and the contexts.
// Finding.File is the file looked for and Finding.Path the key that names it. The
// data directory is not looked for: the daemon makes it.
func CheckFiles(c *Config) []Finding {
	var out []Finding
	look := func(path, file string, dirAllowed bool) {
		if file == "" {
			return
		}
		if message := lookAt(file, dirAllowed); message != "" {
			out = append(out, Finding{File: file, Path: path, Message: message})
		}
	}
	for _, l := range []struct {
		path string
		tls  TLS
	}{{"listen.tls", c.Listen.TLS}, {"admin.tls", c.Admin.TLS}} {
		look(l.path+".cert", l.tls.Cert, false)
		look(l.path+".key", l.tls.Key, false)
		look(l.path+".client_ca", l.tls.ClientCA, false)
	}
	look("keys.pkcs11.module", c.Keys.PKCS11.Module, false)
	look("trust.ca_file", c.Trust.CAFile, false)
	for i, a := range c.Trust.Anchors {
		look(fmt.Sprintf("trust.anchors[%d].jwks", i), a.JWKS, false)
	}
	for i, s := range c.Catalogue.Sources {
		if !isURL(s.Location) {
			look(fmt.Sprintf("catalogue.sources[%d].location", i), s.Location, true)
		}
		look(fmt.Sprintf("catalogue.sources[%d].token_file", i), s.TokenFile, false)
		look(fmt.Sprintf("catalogue.sources[%d].login_file", i), s.LoginFile, false)
		for j, c := range s.Contexts {
			look(fmt.Sprintf("catalogue.sources[%d].contexts[%d].file", i, j), c.File, false)
		}
	}
	permits := func(path string, p Permits) {
		look(path+".desk.rules", p.Desk.Rules, false)
		look(path+".rems.mapping", p.REMS.Mapping, false)
		look(path+".rems.visas.jwks", p.REMS.Visas.JWKS, false)
	}
	permits("permits", c.Permits)
	for i, h := range c.HDABs {
		permits(at("hdabs", i)+".permits", h.Permits)
	}
	return out
}

// lookAt returns what is wrong with a file, or nothing.
func lookAt(file string, dirAllowed bool) string {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case err != nil:
		return "the file is not readable"
	case info.IsDir() && !dirAllowed:
		return "expected a file, found a directory"
	}
	return ""
}
