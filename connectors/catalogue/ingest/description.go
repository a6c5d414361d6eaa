package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// describe reads the description in a request and says what it is of. It is refused when it could not
// become a record.
func describe(r *http.Request) (entry, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if format, ok := rdf.FormatOfMediaType(media); err != nil || !ok || format != rdf.Turtle {
		return entry{}, fault.New(fault.UnsupportedMedia, "media-type", "send text/turtle")
	}
	content, err := io.ReadAll(io.LimitReader(r.Body, maxBytes+1))
	switch {
	case err != nil:
		return entry{}, fault.Wrap(err, fault.Malformed, "body", "the body could not be read")
	case len(content) > maxBytes:
		return entry{}, fault.New(fault.TooLarge, "too-large", "a description has at most 1 MiB")
	case len(bytes.TrimSpace(content)) == 0:
		return entry{}, fault.New(fault.Malformed, "empty", "there is no description")
	}
	e, err := read(r.Context(), content)
	e.Content = string(content)
	return e, err
}

func read(ctx context.Context, content []byte) (entry, error) {
	g, err := rdf.Read(ctx, bytes.NewReader(content), rdf.Turtle, readOptions(""))
	var syntax *rdf.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return entry{}, fault.New(fault.Malformed, "turtle", fmt.Sprintf("line %d, column %d: %s", syntax.Line, syntax.Col, syntax.Code))
	case err != nil:
		return entry{}, fault.Wrap(err, fault.Unavailable, "interrupted", "the description was not read to its end")
	}
	records, findings, err := catalogue.Records(ctx, g, "")
	switch {
	case err != nil:
		return entry{}, fault.Wrap(err, fault.Unavailable, "interrupted", "the description was not read to its end")
	case catalogue.Blocks(findings):
		return entry{}, fault.New(fault.Malformed, "unfit", "the description cannot be exchanged: "+findings[0].Message)
	case len(records) == 0 && g.Len() == 0:
		return entry{}, fault.New(fault.Malformed, "empty", "there is no description")
	case len(records) != 1 || records[0].IRI == "":
		return entry{}, fault.New(fault.Malformed, "not-one-dataset", "describe one dcat:Dataset that has an IRI")
	}
	e := entry{Identifier: records[0].Identifier}
	if e.Identifier == "" {
		e.Identifier = records[0].IRI
	}
	e.OriginalID = e.Identifier
	return e, nil
}
