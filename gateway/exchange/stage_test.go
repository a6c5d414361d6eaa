package exchange

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

func withAttachments(list ...ehds.Attachment) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) { e.Attachments = list }
}

// blobs watches the staging of a record.
type blobs struct {
	*store.Record
	staged, dropped map[string]bool
}

func (b *blobs) StageBlob(ctx contextT, caseID string, r io.Reader, limit int64) (store.Blob, error) {
	blob, err := b.Record.StageBlob(ctx, caseID, r, limit)
	if err == nil {
		b.staged[blob.ID] = true
	}
	return blob, err
}

func (b *blobs) DropBlobs(ctx contextT, ids ...string) error {
	for _, id := range ids {
		b.dropped[id] = true
	}
	return b.Record.DropBlobs(ctx, ids...)
}

func TestAttachmentsAreStored(t *testing.T) {
	_, ncp, centre := pair(t)
	one, two := strings.Repeat("1", 3<<20), ""
	env := centre.envelope(ncp, withAttachments(attachment("one", one), attachment("two", two)))
	reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{
		{"two", strings.NewReader(two)}, {"one", iotest.HalfReader(strings.NewReader(one))}}})
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	r := ncp.receipt(reply.Receipt)
	if len(r.Attachments) != 2 || r.Attachments[0].ID != "one" || r.Attachments[0].Size != 3<<20 ||
		r.Attachments[1].SHA256 != env.Attachments[1].SHA256 {
		t.Errorf("receipt lists %+v", r.Attachments)
	}
	list, err := ncp.record.MessageBlobs(t.Context(), centreID, env.Jti)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d blobs, %v", len(list), err)
	}
	rd, err := ncp.record.OpenBlob(t.Context(), list["one"].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer rd.Close()
	if got, err := io.ReadAll(rd); err != nil || string(got) != one {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// Whatever is wrong with the parts, no part is kept; what the sender can mend is not claimed.
func TestBrokenParts(t *testing.T) {
	p := func(id, body string) part { return part{id, strings.NewReader(body)} }
	cut := func(id, body string, err error) part {
		return part{id, io.MultiReader(strings.NewReader(body), iotest.ErrReader(err))}
	}
	for name, c := range map[string]struct {
		parts  *parts
		status int
		code   string
	}{
		"missing":           {&parts{list: []part{p("one", "11")}}, 422, "attachment-missing"},
		"none":              {&parts{}, 422, "attachment-missing"},
		"extra":             {&parts{list: []part{p("one", "11"), p("two", "22"), p("three", "33")}}, 422, "attachment-unexpected"},
		"repeated":          {&parts{list: []part{p("one", "11"), p("one", "11")}}, 422, "attachment-unexpected"},
		"no id":             {&parts{list: []part{p("one", "11"), p("", "22")}}, 422, "attachment-unexpected"},
		"wrong digest":      {&parts{list: []part{p("one", "11"), p("two", "23")}}, 422, "attachment-digest"},
		"shorter":           {&parts{list: []part{p("one", "11"), p("two", "2")}}, 422, "attachment-digest"},
		"longer":            {&parts{list: []part{p("one", "11"), p("two", "222")}}, 422, "attachment-size"},
		"endless":           {&parts{list: []part{p("one", "11"), {"two", endless{}}}}, 422, "attachment-size"},
		"connection cut":    {&parts{list: []part{p("one", "11"), cut("two", "2", io.ErrUnexpectedEOF)}}, 503, "upload-incomplete"},
		"cut at the end":    {&parts{list: []part{p("one", "11"), cut("two", "22", io.ErrUnexpectedEOF)}}, 503, "upload-incomplete"},
		"cut between parts": {&parts{list: []part{p("one", "11")}, end: io.ErrUnexpectedEOF}, 503, "upload-incomplete"},
		"connection reset":  {&parts{list: []part{p("one", "11"), cut("two", "", errBoom)}}, 503, "upload-incomplete"},
		"judged by the binding": {&parts{list: []part{p("one", "11"),
			cut("two", "22", fault.New(fault.Invalid, "content-digest", ""))}}, 422, "content-digest"},
		"broken framing": {&parts{list: []part{p("one", "11")}, end: fault.New(fault.Malformed, "multipart", "")}, 400, "multipart"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			watch := &blobs{ncp.record, map[string]bool{}, map[string]bool{}}
			ncp.inbox.Record = watch
			env := centre.envelope(ncp, withAttachments(attachment("one", "11"), attachment("two", "22")))
			before := ncp.counts()
			reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), c.parts)
			r := ncp.receipt(reply.Receipt)
			if pr := problemOf(t, r); r.Status != ehds.Rejected || pr.Status != c.status || pr.Code != c.code || len(r.Attachments) != 0 {
				t.Errorf("problem %+v; want %d %s", pr, c.status, c.code)
			}
			for id := range watch.staged {
				if !watch.dropped[id] {
					t.Error("a staged blob was left")
				}
				if _, err := ncp.record.OpenBlob(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("blob of a refused message: %v", err)
				}
			}
			_, known, err := ncp.record.Message(t.Context(), centreID, env.Jti)
			if err != nil || known != (c.status != 503) {
				t.Errorf("claimed: %t, %v", known, err)
			}
			if got := ncp.counts(); c.status == 503 && got != before {
				t.Errorf("the record changed: %+v", got)
			}
			if c.status != 503 {
				return
			}
			// The same message, whole this time, is received.
			again := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{p("one", "11"), p("two", "22")}})
			if again.Status != ehds.Received {
				t.Errorf("again: %s, %v", again.Status, again.Fault)
			}
		})
	}
}

// endless never ends.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// A deadline that passes while a part is written is no fault of the sender's.
func TestDeadlineWhileStaging(t *testing.T) {
	_, ncp, centre := pair(t)
	env := centre.envelope(ncp, withAttachments(attachment("one", "11")))
	ctx, cancel := withCancel(t)
	reply := ncp.inbox.Receive(ctx, []byte(centre.sign(env)), &parts{list: []part{{"one", readFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	})}}})
	if reply.Fault == nil || StatusOf(reply.Fault) != 503 {
		t.Fatalf("got %v", reply.Fault)
	}
	if _, known, _ := ncp.record.Message(t.Context(), centreID, env.Jti); known {
		t.Error("the message was claimed")
	}
}

// A duplicate's parts are not read: the receipt tells what was stored.
func TestDuplicateReadsNoParts(t *testing.T) {
	_, ncp, centre := pair(t)
	token := centre.sign(centre.envelope(ncp, withAttachments(attachment("one", "11"))))
	first := ncp.inbox.Receive(t.Context(), []byte(token), &parts{list: []part{{"one", strings.NewReader("11")}}})
	if first.Fault != nil {
		t.Fatal(first.Fault)
	}
	again := ncp.inbox.Receive(t.Context(), []byte(token), &parts{list: []part{{"one", iotest.ErrReader(errBoom)}}, end: errBoom})
	if again.Status != ehds.Duplicate || ncp.receipt(again.Receipt).Original != first.Receipt {
		t.Errorf("got %+v", again)
	}
}

func TestAttachmentList(t *testing.T) {
	good := func() ehds.Attachment { return attachment("a", "x") }
	for name, c := range map[string]struct {
		list []ehds.Attachment
		code string
	}{
		"none":            {nil, ""},
		"good":            {[]ehds.Attachment{good()}, ""},
		"twice":           {[]ehds.Attachment{good(), good()}, "attachment-id"},
		"slash":           {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.ID = "../a" })}, "attachment-id"},
		"newline":         {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.ID = "a\r\nX: y" })}, "attachment-id"},
		"long id":         {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.ID = strings.Repeat("a", 129) })}, "attachment-id"},
		"negative":        {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.Size = -1 })}, "attachment-form"},
		"upper hex":       {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.SHA256 = strings.ToUpper(a.SHA256) })}, "attachment-form"},
		"media type":      {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.MediaType = "a/b\x7f" })}, "attachment-form"},
		"no name":         {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.Name = "" })}, "attachment-form"},
		"name climbs":     {named("../../etc/passwd"), "attachment-form"},
		"name is a path":  {named("/plan.pdf"), "attachment-form"},
		"name of windows": {named(`..\plan.pdf`), "attachment-form"},
		"name is a place": {named(".."), "attachment-form"},
		"name turns":      {named("plan\u202efdp.exe"), "attachment-form"},
		"name breaks":     {named("plan\n.pdf"), "attachment-form"},
		"name has a NUL":  {named("plan.pdf\x00.exe"), "attachment-form"},
		"long name":       {named(strings.Repeat("n", 256)), "attachment-form"},
		"name of a kind":  {named("..plan: päätös (1).pdf"), ""},
		"too many":        {many(DefaultLimits().MaxAttachments + 1), "too-many-attachments"},
		"as many as fit":  {many(DefaultLimits().MaxAttachments), ""},
		"one large":       {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.Size = 1 << 62 })}, "attachment-form"},
		"too large": {[]ehds.Attachment{edited(func(a *ehds.Attachment) { a.ID, a.Size = "b", 200<<20 }),
			edited(func(a *ehds.Attachment) { a.Size = 200 << 20 })}, "attachments-too-large"},
	} {
		f := checkAttachmentList(c.list, DefaultLimits())
		if (f == nil) != (c.code == "") || (f != nil && f.Code != c.code) {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func named(name string) []ehds.Attachment {
	return []ehds.Attachment{edited(func(a *ehds.Attachment) { a.Name = name })}
}

func many(n int) (out []ehds.Attachment) {
	for i := range n {
		out = append(out, edited(func(a *ehds.Attachment) { a.ID = fmt.Sprint(i) }))
	}
	return out
}

// What an attachment is when it is opened does not matter here: nothing opens it. One that would grow to
// many times the limit is kept as the bytes that were signed.
func TestAttachmentsAreNotOpened(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.inbox.Limits.MaxAttachmentBytes = 64 << 10
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("zeros")
	if err == nil {
		_, err = io.CopyN(w, zeros{}, 16<<20)
	}
	if err != nil || z.Close() != nil || b.Len() > 64<<10 {
		t.Fatal(err, b.Len())
	}
	reply := deliver(t, ncp, centre, b.String())
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	if r := ncp.receipt(reply.Receipt); r.Attachments[0].Size != int64(b.Len()) {
		t.Errorf("receipt lists %+v", r.Attachments)
	}
}

func edited(f func(*ehds.Attachment)) ehds.Attachment {
	a := attachment("a", "x")
	f(&a)
	return a
}
