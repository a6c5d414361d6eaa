package dispatcher

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Names within the ZIP (observed).
const (
	metadataFile = "application_metadata.json"
	nestedFile   = "application_file.zip"
)

// getApplication is the ZIP of the highest version, or of the one asked for with ?version=.
func (c *call) getApplication() error {
	a, err := c.d.application(c.ctx, c.s, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := c.d.filing(c.ctx, a, c.r.URL.Query().Get("version"))
	if err != nil {
		return err
	}
	f.Application.ApplicationID = a.id
	meta, err := json.Marshal(c.d.metadata(f.Application))
	if err != nil {
		return unreadable(err)
	}
	outer, nested := c.d.place(f)
	files, err := c.d.open(c.ctx, append(slices.Clone(outer), nested...))
	defer files.close()
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="application.zip"`)
	h.Set("Cache-Control", "no-store")
	if err := writeArchive(c.w, meta, outer, nested, files); err != nil {
		c.d.host.Logger.ErrorContext(c.ctx, "an application was not sent to its end", "system", c.s.Name, "error", err)
		panic(http.ErrAbortHandler) // the answer has begun: only a broken connection tells that it is not whole
	}
	return nil
}

// filing reads a version, with what completed it if it is the highest one.
func (d *Driver) filing(ctx context.Context, a application, number string) (f filing, err error) {
	versions := a.versions()
	v := versions[len(versions)-1]
	if number != "" {
		n, err := strconv.Atoi(number)
		i := slices.IndexFunc(versions, func(v version) bool { return v.Number == n })
		if err != nil || i < 0 {
			return f, fault.New(fault.NotFound, "unknown-version", "the application has no such version")
		}
		v = versions[i]
	}
	for _, t := range a.tracks {
		id := connectors.TrackDigest(t.Case, t.Key)
		ok, err := d.get(ctx, filingKey(id, v.Number), &f)
		if err != nil {
			return f, err
		}
		if !ok {
			continue
		}
		if v.Number != t.newest().Number {
			return f, nil
		}
		infos, err := d.informations(ctx, id)
		return f.completed(infos), err
	}
	return f, fault.New(fault.NotFound, "unknown-application", "there is no such application")
}

func (d *Driver) informations(ctx context.Context, trackID string) (out []information, err error) {
	prefix := infoPrefix + trackID + "/"
	err = scan(ctx, d, prefix, prefix, func(_ string, i information) (bool, error) {
		out = append(out, i)
		return true, nil
	})
	return out, err
}

// place says which attachments stand beside the metadata and which in the nested ZIP.
func (d *Driver) place(f filing) (outer, nested []attachment) {
	beside := namedBySections(f.Application.Form)
	for _, a := range f.Attachments {
		name := entryName(a.Attachment)
		if d.o.Place == PlaceObserved && slices.Contains(beside, a.ID) && name != metadataFile && name != nestedFile {
			outer = append(outer, a)
		} else {
			nested = append(nested, a)
		}
	}
	return outer, nested
}

// namedBySections are the ids of the attachments that fields of the form name, but for section 9.
func namedBySections(form map[string]json.RawMessage) (ids []string) {
	for name, section := range form {
		var v any
		if name != "section9" && json.Unmarshal(section, &v) == nil {
			collectIDs(v, &ids)
		}
	}
	return ids
}

// collectIDs finds {id, name, size} wherever they stand.
func collectIDs(v any, ids *[]string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collectIDs(e, ids)
		}
	case map[string]any:
		id, isID := v["id"].(string)
		_, hasName := v["name"].(string)
		if isID && hasName {
			*ids = append(*ids, id)
		}
		for _, e := range v {
			collectIDs(e, ids)
		}
	}
}

// opened are the contents of attachments, by the attachment's id.
type opened map[string]io.ReadCloser

func (o opened) close() {
	for _, r := range o {
		_ = r.Close() // reading is over
	}
}

// open opens every attachment before the answer begins, so that one that is gone is a refusal and no
// broken ZIP. Nothing is read yet.
func (d *Driver) open(ctx context.Context, list []attachment) (opened, error) {
	out := opened{}
	for _, a := range list {
		if d.host.OpenAttachment == nil {
			return out, fault.New(fault.Unavailable, "attachment-unavailable", "an attachment cannot be read now")
		}
		r, err := d.host.OpenAttachment(ctx, a.Ref)
		if err != nil {
			return out, fault.Wrap(err, fault.Unavailable, "attachment-unavailable", "an attachment cannot be read now")
		}
		out[a.ID] = r
	}
	return out, nil
}

// writeArchive streams the ZIP. Every entry is deflated: readers that go through a ZIP from its beginning
// cannot skip what is stored with an unknown length.
func writeArchive(w io.Writer, meta []byte, outer, nested []attachment, files opened) error {
	z := zip.NewWriter(w)
	m, err := z.Create(metadataFile)
	if err == nil {
		_, err = m.Write(meta)
	}
	if err == nil {
		err = addAll(z, outer, files)
	}
	var inside io.Writer
	if err == nil {
		inside, err = z.Create(nestedFile)
	}
	if err != nil {
		return err
	}
	n := zip.NewWriter(inside)
	if err := addAll(n, nested, files); err != nil {
		return err
	}
	return errors.Join(n.Close(), z.Close())
}

func addAll(z *zip.Writer, list []attachment, files opened) error {
	for _, a := range list {
		w, err := z.Create(entryName(a.Attachment))
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(io.MultiWriter(w, sum), files[a.ID])
		if err != nil {
			return err
		}
		if n != a.Size || a.SHA256 != "" && hex.EncodeToString(sum.Sum(nil)) != a.SHA256 {
			return fmt.Errorf("attachment of %d bytes gave %d, or others than were signed", a.Size, n)
		}
	}
	return nil
}

// entryName is <attachmentId>_<filename> (observed). Names are the applicant's: nothing of them can lead
// out of the folder a reader unpacks into.
func entryName(a ehds.Attachment) string { return plain(a.ID, 128) + "_" + plain(a.Name, 200) }

// plain makes one segment of a path that any file system takes: no separators, no control characters, no
// leading dots; at most limit bytes, from its end, where the extension is.
func plain(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(s, "_"))
	for len(s) > limit {
		s = string([]rune(s)[1:])
	}
	s = strings.TrimRight(strings.TrimLeft(s, ". "), ". ")
	if s == "" {
		return "file"
	}
	return s
}
