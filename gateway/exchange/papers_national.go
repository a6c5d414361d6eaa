package exchange

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// maxNationalFiles bounds the documents of one event: with ours, less than every peer takes.
const maxNationalFiles = 15

// take stages a document that the national system brought. One that is not what the system said of it is
// left out, with a flag for staff; ok says whether it was taken.
func (s *Stationery) take(ctx context.Context, out *stagedPapers, caseID string, f connectors.EventFile) (ok bool, err error) {
	name := fileBase(f.Name)
	left := s.MaxBytes - out.size()
	if f.Open == nil || !fileName(name) || !mediaType(f.MediaType) || f.Size > left || len(out.list) >= maxNationalFiles {
		out.flags = append(out.flags, paperRefused)
		return false, nil
	}
	r, err := f.Open(ctx)
	switch {
	case err != nil && permanent(fault.From(err)):
		out.flags = append(out.flags, paperRefused)
		return false, nil
	case err != nil:
		return false, err
	}
	defer r.Close()
	b, err := s.Record.StageBlob(ctx, caseID, r, left)
	switch {
	case errors.Is(err, store.ErrTooLarge):
		out.flags = append(out.flags, paperRefused)
		return false, nil
	case err != nil:
		return false, err
	}
	if f.Size != 0 && b.Size != f.Size || f.SHA256 != "" && b.SHA256 != f.SHA256 {
		out.flags = append(out.flags, paperRefused)
		return false, s.Record.DropBlobs(context.WithoutCancel(ctx), b.ID)
	}
	out.add(ehds.Attachment{ID: paperID(len(out.list)), Name: name, MediaType: f.MediaType, Size: b.Size, SHA256: b.SHA256}, b.ID)
	return true, nil
}

// files stages documents that the national system brought and no document of ours goes with.
func (s *Stationery) files(ctx context.Context, of, caseID string, files []connectors.EventFile) (papers, error) {
	if s == nil || len(files) == 0 {
		return nil, nil
	}
	made := papers{of: {blobs: map[string]string{}}}
	for _, f := range files {
		if _, err := s.take(ctx, made[of], caseID, f); err != nil {
			s.drop(ctx, made)
			return nil, err
		}
	}
	return made, nil
}

// fileBase is the last part of a name, without what a file system or a header could take amiss; empty
// when nothing is left.
func fileBase(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`"<>|:*?`, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.Trim(name, ". "); len(name) > 255 {
		return ""
	}
	return name
}

// Names of what staff should know of a document, as a PaperMaker tells them.
const (
	paperRefused   = "refused" // a document of the national system is not what it said
	PaperShortened = "shortened"
	PaperReplaced  = "replaced"
	PaperLanguage  = "language"
	PaperFailed    = "failed" // it could not be made; the message goes without
)

// paperFlags tells staff of documents that are not as they should be.
func paperFlags(names []string, now time.Time) (out []Flag) {
	for _, name := range names {
		switch name {
		case PaperShortened, PaperReplaced:
			out = append(out, Flag{At: now, Code: "document-incomplete", Note: name})
		case PaperLanguage:
			out = append(out, Flag{At: now, Code: "document-language"})
		case paperRefused:
			out = append(out, Flag{At: now, Code: "document-refused"})
		default:
			out = append(out, Flag{At: now, Code: "document-missing"})
		}
	}
	return out
}
