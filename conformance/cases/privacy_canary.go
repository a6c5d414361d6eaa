package cases

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// canaries are strings that stand for what is confidential; each occurs nowhere else.
type canaries map[string]string

// The kinds of canaries an application carries, and that of what a body asks or gives as a reason.
const (
	inTitle      = "title"
	inUser       = "user"
	inForm       = "form"
	inPerson     = "person"
	inAttachment = "attachment"
	inContent    = "content"
	inReason     = "reason"
)

// newCanaries draws one canary of each kind.
func newCanaries(t *c.T) canaries {
	all := canaries{}
	for _, kind := range []string{inTitle, inUser, inForm, inPerson, inAttachment, inContent, inReason} {
		all[kind] = "canary" + kind + t.NewID()
		t.Secret(all[kind])
	}
	return all
}

// found lists the kinds of canaries that occur in a text: as they are, or in base64 at any offset, as within
// a token.
func (k canaries) found(text []byte) []string {
	text = bytes.ToLower(text)
	var kinds []string
	for kind, canary := range k {
		if slices.ContainsFunc(spellings(canary), func(s string) bool { return bytes.Contains(text, []byte(strings.ToLower(s))) }) {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// spellings are a canary and the parts of it that do not depend on what stands around it in base64.
func spellings(canary string) []string {
	out := []string{canary}
	for offset, cut := range []int{0, 2, 3} {
		s := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), canary...))
		s = s[cut : len(s)-2]
		out = append(out, s, strings.NewReplacer("+", "-", "/", "_").Replace(s))
	}
	return out
}

// missing lists which of the kinds asked for do not occur.
func (k canaries) missing(text []byte, kinds ...string) []string {
	there := k.found(text)
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return slices.Contains(there, kind) })
}

// application carries the canaries in every part of an application that is confidential.
func (k canaries) application(b *ehds.ApplicationBody) {
	b.Title, b.User = k[inTitle], k[inUser]
	replace := strings.NewReplacer(
		"Synthetic Leader", k[inPerson], "Synthetic Contact", k[inPerson], "Synthetic Analyst", k[inPerson],
		"contact@institute.example", k[inPerson]+"@institute.example", "analyst@institute.example", k[inPerson]+"@institute.example",
		"Pseudonymised records of the dataset named in section 1.", k[inForm], "Time to treatment.", k[inForm],
	)
	for section, content := range b.Form {
		b.Form[section] = json.RawMessage(replace.Replace(string(content)))
	}
}

// tell files an application with canaries, has the body ask a question, and the target refuse something of it.
// It returns the application's message when all of it has been answered.
func (k canaries) tell(ctx context.Context, t *c.T) ehds.Envelope {
	env := drafted(t, k.application)
	a, err := t.Centre.Store("annex-1", k[inAttachment]+".txt", "text/plain", []byte(k[inContent]))
	t.Trouble(err)
	env.Attachments = []ehds.Attachment{a}
	s := t.Send(ctx, t.Centre, env)
	t.Control("an application with canaries is received", s.Received(), answered(s))
	settled(ctx, t, env)
	reply, err := t.National.Call(ctx, http.MethodPost, "/applications/"+idOf(env)+"/status", map[string]any{"status": ehds.StatePreScreening, "reason": k[inReason]})
	t.Trouble(err)
	t.Control("the body's status is taken", reply.Status == http.StatusOK, reply.Status)
	reply, err = t.National.Call(ctx, http.MethodPost, "/applications/"+idOf(env)+"/information-requests", map[string]any{
		"sections": []any{map[string]any{"number": 2, "fields": map[string]string{"projectName": k[inReason]}}},
	})
	t.Trouble(err)
	t.Control("the body's question is taken", reply.Status == http.StatusOK, fmt.Sprintf("%d %s", reply.Status, reply.Body))
	told, came := t.AwaitFor(ctx, t.Centre, t.Patience(c.Wait), func(r peer.Received) bool {
		return r.Env.Case == env.Case && r.Env.Type == ehds.ApplicationInfoRequest
	})
	t.Control("the centre is told the question", came && slices.Contains(k.found(told.Env.Body), inReason), came)
	k.refused(ctx, t, env)
	return env
}

// refused has the target refuse an amendment and a call that carry canaries.
func (k canaries) refused(ctx context.Context, t *c.T, env ehds.Envelope) {
	body := t.Application(k.application)
	body.ApplicationID, body.Version, body.Kind = idOf(env), 2, ehds.ApplicationKind(k[inForm])
	s := t.Send(ctx, t.Centre, t.Draft(t.Centre, ehds.ApplicationAmended, env.Case, body))
	t.Control("an amendment of no kind is refused", !s.Received(), answered(s))
	k.silent(t, "wire §3", "the answer to the amendment", whole(s.Answer))
	reply, err := t.National.Call(ctx, http.MethodPost, "/applications/"+idOf(env)+"/status", map[string]any{"status": k[inPerson], "reason": k[inReason]})
	t.Trouble(err)
	t.Control("a status that does not exist is refused", reply.Status >= 400 && reply.Status < 500, reply.Status)
	k.silent(t, "wire §3", "the answer of the national interface", reply.Body)
}

// idOf is the application a message is about.
func idOf(env ehds.Envelope) string { return strings.TrimPrefix(env.Case, "app:") }

// arrived is the control of every search: the canaries are where they must be, in what the national system
// fetches.
func (k canaries) arrived(ctx context.Context, t *c.T, env ehds.Envelope) {
	files, err := t.National.Application(ctx, idOf(env))
	t.Trouble(err)
	var all bytes.Buffer
	t.Trouble(unpack(&all, files))
	missing := k.missing(all.Bytes(), inTitle, inForm, inPerson, inAttachment, inContent)
	t.Control("the national system gets all of it", len(missing) == 0, fmt.Sprintf("missing: %v", missing))
}

// maxUnpacked bounds a file within a ZIP.
const maxUnpacked = 16 << 20

// unpack writes names and contents of files, and of the ZIPs among them.
func unpack(w *bytes.Buffer, files map[string][]byte) error {
	for name, content := range files {
		_, _ = fmt.Fprintf(w, "%s\n%s\n", name, content) // a bytes.Buffer takes all
		if !strings.HasSuffix(name, ".zip") {
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return err
		}
		for _, f := range z.File {
			rc, err := f.Open()
			if err != nil {
				return err
			}
			inner, err := io.ReadAll(io.LimitReader(rc, maxUnpacked))
			_ = rc.Close() // read to its end
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(w, "%s\n%s\n", f.Name, inner)
		}
	}
	return nil
}

// logged is what the target wrote, without its announcements: they carry the key of its interface.
func logged(t *c.T) []byte {
	var kept [][]byte
	for _, line := range bytes.Split(t.Target.Output(), []byte("\n")) {
		if _, err := lab.ParseAnnouncement(line); err != nil {
			kept = append(kept, line)
		}
	}
	return bytes.Join(kept, []byte("\n"))
}

// fetched reads a page of the target: status, headers and body as one text.
func fetched(ctx context.Context, t *c.T, address string) (int, []byte) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	t.Trouble(err)
	resp, err := t.HTTP.Do(req)
	t.Trouble(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxUnpacked))
	t.Trouble(err)
	var all bytes.Buffer
	_ = resp.Header.Write(&all) // a bytes.Buffer takes all
	all.Write(body)
	return resp.StatusCode, all.Bytes()
}
