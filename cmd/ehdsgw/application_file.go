package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

const (
	maxApplicationFile = 64 << 20 // a file, with its attachments
	maxApplication     = 2 << 20  // the application in it, as in a message
	metadataName       = "application_metadata.json"
)

// applicationFile is an application read from a file.
type applicationFile struct {
	name string
	body ehds.ApplicationBody
	wire bool   // as the dispatcher shows it; else the body of a message
	raw  []byte // the JSON document
}

// readApplicationFile reads application_metadata.json, the body of application.submit, or the ZIP that a
// dispatcher answers with; "-" is standard input. Attachments are not opened.
func readApplicationFile(c *cli.Context, name string) (applicationFile, error) {
	raw, err := readFile(c, name, maxApplicationFile)
	if err != nil {
		return applicationFile{}, err
	}
	if bytes.HasPrefix(raw, []byte("PK")) {
		if raw, err = metadataOf(raw); err != nil {
			return applicationFile{}, usage("%s: %w", name, err)
		}
	}
	if len(raw) > maxApplication {
		return applicationFile{}, usage("%s: longer than the %d bytes of an application without its attachments", name, maxApplication)
	}
	f := applicationFile{name: name, raw: raw}
	if f.body, f.wire, err = gate.ReadApplication(raw); err != nil {
		return applicationFile{}, usage("%s: %w", name, err)
	}
	return f, nil
}

// metadataOf takes the one metadata document out of a ZIP, and nothing else.
func metadataOf(raw []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("the ZIP cannot be read: %w", err)
	}
	var found *zip.File
	for _, f := range z.File {
		if f.Name != metadataName {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%s is in the ZIP twice", metadataName)
		}
		found = f
	}
	if found == nil {
		return nil, fmt.Errorf("no %s in the ZIP", metadataName)
	}
	r, err := found.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", metadataName, err)
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, maxApplication+1)) // whatever size the entry states
	if err != nil {
		return nil, fmt.Errorf("%s: %w", metadataName, err)
	}
	return out, nil
}

// schemaFault says what in the body of a message breaks its schema: that is refused before any rule is
// read. What a dispatcher shows has no schema.
func (f applicationFile) schemaFault() (*gate.Finding, error) {
	if f.wire {
		return nil, nil
	}
	schemas, err := exchange.CompileSchemas()
	if err != nil {
		return nil, err
	}
	t := ehds.ApplicationSubmit
	if f.body.Version > 1 {
		t = ehds.ApplicationAmended
	}
	broken := schemas.Check(t, f.raw)
	if broken == nil {
		return nil, nil
	}
	if broken.Field == "" {
		return nil, errors.New(broken.Detail)
	}
	return &gate.Finding{Code: broken.Code, Article: "wire profile §3", Severity: gate.Violation, Pointer: broken.Field,
		Message: broken.Detail, Mend: "see the schema of " + string(t)}, nil
}

// place is a pointer as it stands in the file.
func (f applicationFile) place(pointer string) string {
	p := strings.TrimPrefix(pointer, "/body")
	if f.wire && p == "/kind" {
		return "/application_type"
	}
	return p
}
