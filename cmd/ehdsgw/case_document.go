package main

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/documents"
)

func caseDocumentCommand() *cli.Command {
	return &cli.Command{
		Name: "document", Usage: "the documents that went out with decisions and permits", ArgsUsage: "CASE",
		Description: "Without --kind or --name lists them. With one, writes the newest such document as it went out, byte for byte,\n" +
			"to a new file only its owner can read: it names persons. A refusal holds the signed decision as decision.jwt,\n" +
			"a permit its token as permit.jwt ('pdfdetach -list FILE').\n\n" +
			"Examples:\n  ehdsgw case document 6a70b4d104db074a00fd9101 -c hub/ehdsgw.yaml\n" +
			"  ehdsgw case document 6a70b4d104db074a00fd9101 --kind permit -o permit.pdf -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "kind", Usage: "`KIND` of document: " + kindsOfDocument()},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of the file, for documents of the national system"},
			&cli.StringFlag{Name: "hdab", Usage: "entity of the `BODY` that decided, where several did"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "new `FILE` (required with --kind or --name)"},
		),
		Action: caseDocument,
	}
}

func kindsOfDocument() string {
	var list []string
	for _, k := range documents.Kinds() {
		list = append(list, string(k))
	}
	return strings.Join(list, ", ")
}

func caseDocument(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	name, err := documentName(c)
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	id := caseID(c.Args().First())
	if name == "" {
		list, err := client.CaseDocuments(c.Context, id)
		if err != nil {
			return answered(err)
		}
		if len(list) == 0 {
			return p.Print(list, output.Lines{"no documents"})
		}
		grid := output.Grid{Head: []string{"AT", "NAME", "MEDIA TYPE", "BYTES", "WITH", "BODY", "SHA-256"}}
		for _, d := range list {
			grid.Rows = append(grid.Rows, []string{
				d.At.UTC().Format(time.RFC3339), d.Name, d.MediaType, strconv.FormatInt(d.Size, 10), string(d.Type), d.Track.HDAB, d.SHA256,
			})
		}
		return p.Print(list, grid)
	}
	d, err := client.CaseDocument(c.Context, id, name, c.String("hdab"))
	if err != nil {
		return answered(err)
	}
	file := c.String("out")
	switch err := writeNew(file, d.Content); {
	case errors.Is(err, fs.ErrExist):
		return usage("%s exists; it is not overwritten", file)
	case err != nil:
		return err
	}
	d.Content = nil
	return p.Print(d, output.Fields{
		{Name: "written", Value: file}, {Name: "document", Value: d.Name}, {Name: "sha-256", Value: d.SHA256},
		{Name: "sent with", Value: string(d.Type)}, {Name: "at", Value: d.At.UTC().Format(time.RFC3339)},
	})
}

// documentName is the file name asked for; empty when none is.
func documentName(c *cli.Context) (string, error) {
	kind, name := c.String("kind"), c.String("name")
	switch {
	case kind != "" && name != "":
		return "", usage("--kind and --name: one of them")
	case kind != "" && !strings.Contains(", "+kindsOfDocument()+", ", ", "+kind+", "):
		return "", usage("--kind %q: %s is wanted", kind, kindsOfDocument())
	case kind != "":
		name = kind + ".pdf"
	}
	if (name == "") != (c.String("out") == "") {
		return "", usage("--out belongs to --kind or --name: a document goes to a new file")
	}
	return name, nil
}
