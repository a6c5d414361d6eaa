package storetest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// described is the write of one version.
func described(t testing.TB, content string) *store.DescriptionWrite {
	t.Helper()
	var p store.Packer
	w, err := p.Pack([]byte(content), "exchange of "+content)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// versions is what is kept of a case, as text.
func versions(t testing.TB, r *store.Record, caseID string) (out []string) {
	t.Helper()
	list, err := r.DescriptionVersions(t.Context(), caseID)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		mark := ""
		if d.Current {
			mark = "*"
		}
		out = append(out, fmt.Sprintf("%d%s %s", d.Version, mark, d.Content))
	}
	return out
}

// testDescriptions: versions in order, one of them current until it is withdrawn, the oldest dropped,
// all of them committed with the case document and erased with the case.
func testDescriptions(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const id = "ds:FI:1"
	if _, _, ok, err := r.Description(ctx, id); ok || err != nil {
		t.Errorf("of no case: %t %v", ok, err)
	}
	change(t, r, id, store.Change{Doc: []byte("doc"), Describe: described(t, "one")})
	change(t, r, id, store.Change{Describe: described(t, "")})
	change(t, r, id, store.Change{Doc: []byte("doc")})
	if diff := cmp.Diff([]string{"1 one", "2* "}, versions(t, r, id)); diff != "" {
		t.Error(diff)
	}
	long := string(bytes.Repeat([]byte("a long description\n"), 10_000))
	change(t, r, id, store.Change{Describe: described(t, long)})
	r = Reopen(t, r, h.Driver())
	content, digest, ok, err := r.Description(ctx, id)
	if err != nil || !ok || string(content) != long || digest[:7] != "sha256:" {
		t.Errorf("current: %d bytes, %q, %t, %v", len(content), digest, ok, err)
	}
	change(t, r, id, store.Change{Describe: &store.DescriptionWrite{Withdraw: true}})
	if _, _, ok, err := r.Description(ctx, id); ok || err != nil {
		t.Errorf("withdrawn: %t %v", ok, err)
	}
	if got := versions(t, r, id); len(got) != 3 || got[2] != "3 "+long {
		t.Errorf("after withdrawing: %d versions", len(got))
	}
	for n := range store.KeptDescriptions {
		change(t, r, id, store.Change{Describe: described(t, fmt.Sprint(n))})
	}
	if got := versions(t, r, id); len(got) != store.KeptDescriptions || got[0] != "4 0" || got[len(got)-1] != "35* 31" {
		t.Errorf("%d versions are kept: %.60q", len(got), got)
	}
	mustVerify(t, r)
	if err := r.Erase(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, _, ok, err := r.Description(ctx, id); ok || err != nil || len(versions(t, r, id)) != 0 {
		t.Errorf("erased: %t %v", ok, err)
	}
	if err := update(t, r, id, store.Change{Describe: described(t, "late")}); !errors.Is(err, store.ErrErased) {
		t.Errorf("after erasure: %v", err)
	}
}

// testDescriptionPages: the current ones in id order under a prefix, with content or only heads.
func testDescriptionPages(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	for n := range 7 {
		change(t, r, fmt.Sprintf("ds:FI:%d", n), store.Change{Describe: described(t, "old")})
		change(t, r, fmt.Sprintf("ds:FI:%d", n), store.Change{Describe: described(t, fmt.Sprint(n))})
		change(t, r, fmt.Sprintf("ds:SE:%d", n), store.Change{Describe: described(t, "other")})
	}
	change(t, r, "ds:FI:3", store.Change{Describe: &store.DescriptionWrite{Withdraw: true}})
	change(t, r, "ds:FI:none", store.Change{Doc: []byte("no description")})
	for name, list := range map[string]func(after string) ([]store.Description, error){
		"content": func(after string) ([]store.Description, error) {
			return r.Descriptions(t.Context(), "ds:FI:", after, 2)
		},
		"heads": func(after string) ([]store.Description, error) {
			return r.DescriptionHeads(t.Context(), "ds:FI:", after, 2)
		},
	} {
		var got []string
		for after := ""; ; {
			page, err := list(after)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page {
				if (d.Content != nil) != (name == "content") || d.Version != 2 || !d.Current || d.Size != 1 || d.At.IsZero() {
					t.Errorf("%s: %+v", name, d)
				}
				got, after = append(got, d.Case+" "+d.Exchange), d.Case
			}
			if len(page) < 2 {
				break
			}
		}
		want := []string{
			"ds:FI:0 exchange of 0", "ds:FI:1 exchange of 1", "ds:FI:2 exchange of 2", "ds:FI:4 exchange of 4",
			"ds:FI:5 exchange of 5", "ds:FI:6 exchange of 6",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// testDescriptionLimits: what is impossible is refused, in whole; what was changed in the file is told.
func testDescriptionLimits(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	var p store.Packer
	if _, err := p.Pack(make([]byte, store.MaxDescription+1), ""); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if err := update(t, r, "ds:FI:1", store.Change{Doc: []byte("x"), Describe: &store.DescriptionWrite{}}); !errors.Is(err, store.ErrChange) {
		t.Errorf("without content: %v", err)
	}
	if _, ok, err := r.Case(t.Context(), "ds:FI:1"); ok || err != nil {
		t.Errorf("half of an impossible change was written: %v", err)
	}
	personal, err := p.Pack(marker("app:APP-1", "description"), "sha256:00")
	if err != nil {
		t.Fatal(err)
	}
	change(t, r, "app:APP-1", store.Change{Describe: personal})
	if found := findIn(t, h.Dir, []byte("MARKER<app")); len(found) > 0 {
		t.Errorf("content of a personal case found in %v", found)
	}
	change(t, r, "ds:FI:2", store.Change{Describe: described(t, "kept")})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := h.Driver().Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw := sql.OpenDB(db.Writer())
	if _, err := raw.Exec("UPDATE description SET digest = 'sha256:00'"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(raw.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	r = Open(t, h.Driver())
	if _, _, _, err := r.Description(t.Context(), "ds:FI:2"); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("another digest: %v", err)
	}
}
