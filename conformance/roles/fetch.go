package roles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// maxDocument bounds a fetched federation document, in bytes.
const maxDocument = 256 << 10

// errNotThere is a 404: known not to exist, other than unreachable.
var errNotThere = errors.New("roles: not there")

// anchor fetches the anchor's configuration and checks it against the pinned keys.
func (r *Resolver) anchor(ctx context.Context) (string, *forge.Statement, error) {
	raw, err := r.get(ctx, r.Anchor.Entity+WellKnown, MediaStatement)
	if err != nil {
		return "", nil, fmt.Errorf("%w: anchor: %w", ErrUnavailable, err)
	}
	s, err := forge.ParseStatement(raw)
	if err != nil {
		return "", nil, fmt.Errorf("%w: anchor: %w", ErrChain, err)
	}
	if err := s.Verify(r.Anchor.JWKS); err != nil || s.Sub != r.Anchor.Entity || !s.IsConfiguration() {
		r.Logger.ErrorContext(ctx, "ALARM: the anchor does not show its pinned keys", "anchor", r.Anchor.Entity)
		return "", nil, fmt.Errorf("%w: the anchor does not show its pinned keys", ErrChain)
	}
	m := s.Federation()
	for _, endpoint := range []string{m.Fetch, m.MarkStatus, m.Mark} {
		if !sameHost(endpoint, r.Anchor.Entity) {
			return "", nil, fmt.Errorf("%w: the anchor names an endpoint elsewhere", ErrChain)
		}
	}
	return raw, s, nil
}

// FetchMark gets a role mark the anchor has for an entity.
func (r *Resolver) FetchMark(ctx context.Context, name, sub string) (forge.MarkEntry, forge.Mark, error) {
	var m forge.Mark
	entry := forge.MarkEntry{Type: forge.MarkType(r.Anchor.Entity, name)}
	_, anchor, err := r.anchor(ctx)
	if err != nil {
		return entry, m, err
	}
	q := url.Values{"sub": {sub}, "trust_mark_type": {entry.Type}}
	if entry.Mark, err = r.get(ctx, anchor.Federation().Mark+"?"+q.Encode(), MediaMark); err != nil {
		return entry, m, err
	}
	if m, err = forge.ParseMark(entry.Mark, anchor.JWKS); err != nil {
		return entry, m, err
	}
	if m.Iss != r.Anchor.Entity || m.Sub != sub || m.Type != entry.Type {
		return entry, m, fmt.Errorf("%w: the mark is about something else", ErrChain)
	}
	return entry, m, nil
}

// withMarks asks the anchor about the peer's marks when the last answer is old. It returns a copy:
// what a caller holds does not change. The entry is locked.
func (r *Resolver) withMarks(ctx context.Context, e *entry) *Peer {
	now := r.Clock()
	if e.marksAt.IsZero() || now.Sub(e.marksAt) > peerRefresh {
		e.marksAt = now
		asked := *e.peer
		asked.Marks = slices.Clone(e.peer.Marks)
		if err := r.askMarks(ctx, &asked); err != nil {
			e.marksAt = now.Add(kidRefresh - peerRefresh) // again in a minute
			r.Logger.WarnContext(ctx, "the status of a mark cannot be told now", "entity", asked.ID, "error", err)
		}
		e.peer = &asked
	}
	p := *e.peer
	p.Marks = slices.Clone(e.peer.Marks)
	return &p
}

func (r *Resolver) askMarks(ctx context.Context, p *Peer) error {
	if len(p.Marks) == 0 {
		return nil
	}
	_, anchor, err := r.anchor(ctx)
	if err != nil {
		return err
	}
	for i := range p.Marks {
		m := &p.Marks[i]
		form := url.Values{"trust_mark": {m.token}}.Encode()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, anchor.Federation().MarkStatus, strings.NewReader(form))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := r.do(req, MediaMarkStatus)
		if err != nil {
			return err
		}
		status, err := forge.ParseMarkStatus(answer, m.token, r.Anchor.Entity, anchor.JWKS, r.Clock())
		if err != nil {
			return err
		}
		m.Status, m.Asked = status, r.Clock()
	}
	return nil
}

func (r *Resolver) get(ctx context.Context, target, media string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrChain, err)
	}
	return r.do(req, media)
}

// do asks for one document under a cap. Redirects are answers like any other status.
func (r *Resolver) do(req *http.Request, media string) (string, error) {
	client := *r.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	got, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	case resp.StatusCode == http.StatusNotFound:
		return "", errNotThere
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%w: status %d", ErrUnavailable, resp.StatusCode)
	case len(body) > maxDocument || got != media:
		return "", fmt.Errorf("%w: size or media type of a document", ErrChain)
	}
	return strings.TrimSpace(string(body)), nil
}

// sameHost says whether an endpoint lies on an entity's own scheme and host.
func sameHost(endpoint, entity string) bool {
	a, err := url.Parse(endpoint)
	b, berr := url.Parse(entity)
	return err == nil && berr == nil && a.Host != "" && a.Host == b.Host && a.Scheme == b.Scheme
}
