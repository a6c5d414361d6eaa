package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// silent asserts that none of the canaries is in a text.
func (k canaries) silent(t *c.T, clause, where string, text []byte) {
	leaked := k.found(text)
	t.Check(clause, where+" holds no canary", len(leaked) == 0, "none", leaked)
}

func logSilent(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	env := k.tell(ctx, t)
	k.arrived(ctx, t, env)
	t.Trouble(t.Alive(ctx)) // what there was to write about it has been written
	text := logged(t)
	t.Control("the target writes a log", len(text) > 0, len(text))
	k.silent(t, "wire §3", "the log", text)
}

func refusalsSilent(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	good := drafted(t, k.application)
	s := t.Send(ctx, t.Centre, good)
	t.Control("the application without a fault is received", s.Received(), answered(s))
	settled(ctx, t, good)
	for _, row := range []struct {
		what  string
		spoil func(env *ehds.Envelope, body *ehds.ApplicationBody)
	}{
		{"a kind that does not exist", func(_ *ehds.Envelope, b *ehds.ApplicationBody) { b.Kind = ehds.ApplicationKind(k[inForm]) }},
		{"a date that is none", func(_ *ehds.Envelope, b *ehds.ApplicationBody) { b.DateSubmitted = k[inPerson] }},
		{"a language that is none", func(_ *ehds.Envelope, b *ehds.ApplicationBody) { b.Language = k[inTitle] + "_" + k[inUser] }},
		{"a country that is none", func(_ *ehds.Envelope, b *ehds.ApplicationBody) { b.Datasets[0].Country = k[inForm] }},
		{"a type that does not exist", func(e *ehds.Envelope, _ *ehds.ApplicationBody) {
			e.Type = ehds.MessageType("application." + k[inReason])
		}},
		{"a profile that does not exist", func(e *ehds.Envelope, _ *ehds.ApplicationBody) { e.Profile = k[inReason] }},
		{"a case that is none", func(e *ehds.Envelope, _ *ehds.ApplicationBody) { e.Case = "app:" + k[inPerson] + " " + k[inUser] }},
		{"an attachment that is not there", func(e *ehds.Envelope, _ *ehds.ApplicationBody) {
			e.Attachments = []ehds.Attachment{{ID: "annex", Name: k[inAttachment], MediaType: "text/plain", Size: -1, SHA256: k[inContent]}}
		}},
	} {
		body := t.Application(k.application)
		env := t.Draft(t.Centre, ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), nil)
		row.spoil(&env, &body)
		env.Body = marshalled(t, body)
		token, err := t.Centre.Sign(env)
		t.Trouble(err)
		env.Attachments = nil // the parts are left out
		s := t.Post(ctx, t.Centre, env, token)
		t.Check("wire §5", row.what+" is refused", s.Answer.Status >= 400, "4xx", answered(s))
		k.silent(t, "wire §3", "the answer to "+row.what, whole(s.Answer))
	}
	s, err := t.Centre.Post(ctx, good, "eyJ0eXAiOiI"+k[inPerson]+"."+k[inTitle]+"."+k[inForm])
	t.Trouble(err)
	t.Check("wire §3", "what is no token is refused", s.Answer.Status == http.StatusBadRequest, http.StatusBadRequest, s.Answer.Status)
	k.silent(t, "wire §3", "the answer to what is no token", whole(s.Answer))
}

// whole is all of an answer: headers and body.
func whole(a roles.Answer) []byte {
	var b bytes.Buffer
	_ = a.Header.Write(&b) // a bytes.Buffer takes all
	b.Write(a.Body)
	return b.Bytes()
}

func pagesSilent(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	env := k.tell(ctx, t)
	k.arrived(ctx, t, env)
	about := t.Target.Announced()
	pages := []string{about.Entity + roles.WellKnown}
	for _, b := range about.HDABs {
		pages = append(pages, b.Entity+roles.WellKnown)
	}
	if about.URLs.Admin != "" {
		pages = append(pages, about.URLs.Admin+"/metrics", about.URLs.Admin+"/readyz", about.URLs.Admin+"/livez")
	} else {
		t.Note("the target announces no address for health and metrics")
	}
	for _, page := range pages {
		t.Allow(http.StatusServiceUnavailable)
		status, text := fetched(ctx, t, page)
		t.Control(page+" is served", status == http.StatusOK, status)
		k.silent(t, "wire §3", page, text)
		named := bytes.Contains(text, []byte(idOf(env)))
		t.Check("wire §3", page+" names no application", !named, "no identifier of an application", named)
	}
}

func addressesSilent(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	k.arrived(ctx, t, k.tell(ctx, t))
	calls := t.Visited()
	t.Control("the target asks the tester's parties", len(calls) > 0, len(calls))
	k.silent(t, "wire §3", "the list of addresses asked for", []byte(strings.Join(calls, "\n")))
}

func neighboursHearNothing(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	other, err := t.Hub(ctx, "privacy-005", "DE", ehds.MarkNCP)
	t.Trouble(err)
	env := k.tell(ctx, t)
	k.arrived(ctx, t, env)
	t.Trouble(t.Alive(ctx))
	heard := t.Centre.Heard(func(r peer.Received) bool { return r.Env.Case == env.Case })
	t.Control("the centre heard of the application", len(heard) > 0, len(heard))
	for _, hub := range []*peer.Hub{t.Neighbour, other} {
		about := hub.Heard(func(r peer.Received) bool { return r.Env.Case == env.Case || len(k.found(r.Env.Body)) > 0 })
		t.Check("wire §3", "the hub of "+hub.Country()+" heard nothing of it", len(about) == 0, "nothing", jtis(about))
	}
	sent := t.Visits("/privacy-005/exchange")
	t.Check("wire §3", "nothing at all was sent to a hub the target has no business with", sent == 0, 0, sent)
}

func registerNamesNobody(ctx context.Context, t *c.T) {
	register := t.Target.Announced().URLs.Register
	if register == "" {
		t.Skip("not observable: the target announces no public register")
	}
	for _, natural := range []bool{false, true} {
		k := newCanaries(t)
		env, _ := filed(ctx, t, func(b *ehds.ApplicationBody) {
			k.application(b)
			b.Title += " of " + k[inPerson]
			if natural {
				section := strings.Replace(string(b.Form["section3"]), `{"key":"a","value":"Legal person"}`, `{"key":"b","value":"Natural person"}`, 1)
				b.Form["section3"] = []byte(strings.ReplaceAll(section, "Synthetic Institute", k[inPerson]))
			}
		})
		settled(ctx, t, env)
		var text []byte
		shown := until(ctx, t.Patience(c.Wait), func() bool {
			_, text = fetched(ctx, t, register+"?format=json&limit=500&q="+url.QueryEscape(k[inTitle]))
			return len(k.missing(text, inTitle)) == 0
		})
		t.Control("the application is in the register, with its title", shown, shown)
		private := canaries{inPerson: k[inPerson], inAttachment: k[inAttachment], inContent: k[inContent], inUser: k[inUser]}
		private.silent(t, "Art. 57(1)(j)", "the register as JSON", text)
		for _, form := range []string{"", "?format=atom", "?format=json&limit=500"} {
			status, text := fetched(ctx, t, register+form)
			t.Check("Art. 57(1)(j)", "the register is public", status == http.StatusOK, http.StatusOK, status)
			private.silent(t, "Art. 57(1)(j)", "the register"+form, text)
		}
		_, hits := fetched(ctx, t, register+"?format=json&q="+url.QueryEscape(k[inPerson]))
		found := bytes.Contains(hits, []byte(idOf(env))) || bytes.Contains(hits, []byte(k[inTitle]))
		t.Check("Art. 57(1)(j)", "a search for the person finds nothing", !found, "nothing", found)
	}
}

func stateUnreadable(ctx context.Context, t *c.T) {
	k := newCanaries(t)
	env := k.tell(ctx, t)
	k.arrived(ctx, t, env)
	leaked, files, err := k.inFiles(t.StateDir())
	t.Trouble(err)
	t.Control("the target keeps state in the folder it was given", files > 0, files)
	t.Check("R16.0.1", "no file holds a canary", len(leaked) == 0, "none", leaked)
}

// maxStateFile bounds what is read of one file.
const maxStateFile = 256 << 20

// inFiles searches a folder: "kind in file" for each canary found, and how many files there were.
func (k canaries) inFiles(dir string) (leaked []string, files int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil // gone since it was listed, or no file
		}
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if kinds := k.found([]byte(name)); len(kinds) > 0 {
			leaked = append(leaked, fmt.Sprintf("%v in the name of a file", kinds))
		}
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close()
		content, err := io.ReadAll(io.LimitReader(f, maxStateFile))
		if err != nil {
			return err
		}
		files++
		if kinds := k.found(content); len(kinds) > 0 {
			leaked = append(leaked, fmt.Sprintf("%v in %s", kinds, name))
		}
		return nil
	})
	slices.Sort(leaked)
	return leaked, files, err
}

func nationalIDsHashed(ctx context.Context, t *c.T) {
	k := canaries{"national": "canarynat" + t.NewID()}
	body := t.Application(nil)
	env := t.Draft(t.Neighbour, ehds.ApplicationSubmit, ehds.NationalCase(lab.NeighbourCountry, k["national"]).String(), body)
	s := t.Send(ctx, t.Neighbour, env)
	t.Control("a message about a national case is read, and its sender proved", s.Final != nil && s.Fault == nil, answered(s))
	bad := env
	bad.Aud = t.Neighbour.Entity()
	token, err := t.Neighbour.Sign(bad)
	t.Trouble(err)
	refused := t.Post(ctx, t.Neighbour, env, token)
	t.Check("wire §3", "a message for another is refused", refused.Answer.Status == http.StatusBadRequest || refused.Answer.Status == http.StatusUnauthorized, "400 or 401", refused.Answer.Status)
	t.Trouble(t.Alive(ctx))
	text := logged(t)
	t.Control("the target writes a log", len(text) > 0, len(text))
	k.silent(t, "wire §3", "the log", text)
}

func keysHidden(ctx context.Context, t *c.T) {
	about := t.Target.Announced()
	k := canaries{"the right key": about.DispatcherKey, "a wrong key": "canarykey" + t.NewID()}
	if about.DispatcherKey == "" {
		t.Skip("not observable: the target's interface takes no key")
	}
	env, _ := filed(ctx, t, nil)
	settled(ctx, t, env)
	_, err := t.National.Applications(ctx)
	t.Control("the right key opens the interface", err == nil, err)
	var refusals bytes.Buffer
	for _, key := range []string{k["a wrong key"], k["the right key"] + "x"} {
		r, err := t.National.CallAs(ctx, key, http.MethodGet, "/applications", nil)
		t.Trouble(err)
		t.Check("R16.0.1", "a wrong key opens nothing", r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden, "401 or 403", r.Status)
		refusals.Write(r.Body)
	}
	t.Trouble(t.Alive(ctx))
	k.silent(t, "R16.0.1", "a refusal", refusals.Bytes())
	k.silent(t, "R16.0.1", "the log", logged(t))
	if about.URLs.Admin != "" {
		_, text := fetched(ctx, t, about.URLs.Admin+"/metrics")
		k.silent(t, "R16.0.1", "the metrics page", text)
	}
	leaked, files, err := k.inFiles(t.StateDir())
	t.Trouble(err)
	t.Control("the target keeps state in the folder it was given", files > 0, files)
	t.Check("R16.0.1", "the state folder holds no key in clear", len(leaked) == 0, "none", leaked)
}
