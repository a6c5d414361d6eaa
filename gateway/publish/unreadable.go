package publish

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Reason is why a document of a source could not be read, for the data holder. The text of a driver's
// error is not passed on: it may hold a path of this machine or an address with its query.
type Reason string

// The reasons.
const (
	ReasonEmpty   Reason = "the source gave no content"
	ReasonGone    Reason = "it is not there"
	ReasonNoRight Reason = "the gateway has no right to read it"
	ReasonTimeout Reason = "it took too long"
	ReasonListing Reason = "the listing changed while it was read, or ended early"
	ReasonOther   Reason = "the source does not give it out"
)

func reasonOf(err error) Reason {
	switch {
	case err == nil:
		return ReasonEmpty
	case errors.Is(err, connectors.ErrUnsettled):
		return ReasonListing
	case errors.Is(err, fs.ErrNotExist):
		return ReasonGone
	case errors.Is(err, fs.ErrPermission):
		return ReasonNoRight
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return ReasonTimeout
	}
	return ReasonOther
}

// unreadable is the finding for a document without a graph.
func unreadable(file string, err error) catalogue.Finding {
	var syntax *rdf.SyntaxError
	if errors.As(err, &syntax) {
		f := catalogue.SyntaxFinding(syntax)
		f.File = file
		return f
	}
	f := catalogue.Finding{
		File: file, Code: catalogue.CodeUnreadable, Severity: catalogue.Violation,
		Message: "the document could not be read: " + string(reasonOf(err)),
		Hint:    "it must be a file within the source that the gateway may read",
	}
	if errors.Is(err, connectors.ErrUnsettled) {
		f.Hint = "nothing of it is deleted in this pass; if it happens every time, ask the source why it counts more than it gives"
	}
	return f
}
