package gateway

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of the files that a catalogue source names, in bytes.
const (
	maxCredentialFile = 8 << 10
	maxContextFile    = 4 << 20
)

// SourceSettings are the settings of a source's driver: those configured, with the files they name read.
func SourceSettings(c config.Source) (builtin.CatalogueSettings, error) {
	s := builtin.CatalogueSettings{
		Location: c.Location, Format: rdf.Format(c.Format), View: c.View, DCATProfile: c.DCATProfile, PageLimit: c.PageLimit,
	}
	if c.TokenFile != "" {
		token, err := credentialFile(c.TokenFile)
		if err != nil {
			return s, fmt.Errorf("token_file: %w", err)
		}
		if s.Token = strings.TrimSpace(string(token)); s.Token == "" || strings.ContainsFunc(s.Token, notInAHeader) {
			return s, errors.New("token_file: the file must hold one token of printable ASCII characters")
		}
	}
	if c.LoginFile != "" {
		login, err := credentialFile(c.LoginFile)
		if err != nil {
			return s, fmt.Errorf("login_file: %w", err)
		}
		s.Login = login
	}
	for _, given := range c.Contexts {
		content, err := boundedFile(given.File, maxContextFile, func(os.FileInfo) error { return nil })
		if err != nil {
			return s, fmt.Errorf("context %s: %w", given.IRI, err)
		}
		if s.Contexts == nil {
			s.Contexts = map[string][]byte{}
		}
		s.Contexts[given.IRI] = content
	}
	return s, nil
}

// notInAHeader says whether a character may not stand in the value of a header field without spaces.
func notInAHeader(r rune) bool { return r <= ' ' || r > '~' }

// credentialFile reads a file that nobody but its owner may read. Its content never shows in errors.
func credentialFile(name string) ([]byte, error) {
	return boundedFile(name, maxCredentialFile, func(info os.FileInfo) error {
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			return fmt.Errorf("others may read it (mode %04o); run chmod 600 %s", mode, name)
		}
		return nil
	})
}

// boundedFile reads a regular file that check accepts.
func boundedFile(name string, limit int64, check func(os.FileInfo) error) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat() // of the file that is read, whatever the name means by then
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", name)
	}
	if err := check(info); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > limit:
		return nil, fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return content, nil
}
