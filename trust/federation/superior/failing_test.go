package superior_test

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// locked is a key store that lost its keys.
type locked struct{}

var errLocked = errors.New("the keys are gone")

func (l *locked) Signing() (jose.SigningKey, error)         { return jose.SigningKey{}, errLocked }
func (l *locked) Public() (jose.KeySet, error)              { return jose.KeySet{}, errLocked }
func (l *locked) Past() ([]federation.HistoricalKey, error) { return nil, errLocked }

// TestWithoutKeys: nothing is said, and nothing is told about why.
func TestWithoutKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, func(o *superior.Options) { o.Keys = &locked{} })
	s := hub()
	s.Marks = fresh("ncp")
	w.enrol(reg, anchorID, s)
	other, region := w.superior(regionID, nil)
	w.enrol(region, regionID, s)
	mark, err := other.Mark(hubID, markType("ncp"))
	try(t, err)
	for target, want := range map[string]int{
		federation.WellKnown: 500, "/federation/fetch?sub=" + hubID: 500, "/federation/historical-keys": 500,
		"/federation/trust-mark?sub=" + hubID + "&trust_mark_type=" + url.QueryEscape(markType("ncp")): 500,
		"/federation/resolve?sub=" + hubID + "&trust_anchor=" + anchorID:                               500,
		"/federation/list": 200,
	} {
		r := ask(t, anchor, "GET", target, "")
		if got := text(t, r); r.StatusCode != want || strings.Contains(got, "gone") {
			t.Errorf("%s: %d %s", target, r.StatusCode, got)
		}
	}
	if r := ask(t, anchor, "POST", "/federation/trust-mark-status", "trust_mark="+mark); r.StatusCode != 404 {
		t.Errorf("a foreign mark, without keys: %d", r.StatusCode)
	}
	s.Entity = "https://x.test"
	if err := anchor.Enrol(s, false); err == nil {
		t.Error("enrolled without keys")
	}
}

// TestAnchorAway: an intermediate whose anchor does not answer can resolve nobody now, and says so.
func TestAnchorAway(t *testing.T) {
	t.Parallel()
	w, _, region, _, _ := three(t, anchorID)
	w.host("anchor.test", nil)
	r := ask(t, region, "GET", "/fed/federation/resolve?sub="+hubID+"&trust_anchor="+anchorID, "")
	if got := text(t, r); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" || !strings.Contains(got, "temporarily_unavailable") {
		t.Errorf("%d %s", r.StatusCode, got)
	}
	if r := ask(t, region, "GET", "/fed/federation/fetch?sub="+hubID, ""); r.StatusCode != 200 {
		t.Errorf("its own word does not need the anchor: %d", r.StatusCode)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, _ := w.superior(anchorID, nil)
	if r := ask(t, anchor, http.MethodHead, federation.WellKnown, ""); r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/entity-statement+jwt" || r.Header.Get("Cache-Control") != "max-age=30" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if _, err := superior.New(superior.Options{Entity: "https://%zz"}).Handler(); err == nil {
		t.Error("a handler for what is no URL")
	}
}

// TestDiskThatTakesNothing: a change that could not be written did not happen, and leaves no pieces.
func TestDiskThatTakesNothing(t *testing.T) {
	t.Parallel()
	r, dir := registry(t)
	try(t, r.Enrol(hub(), keysOf(anchorID)))
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	try(t, err)
	kept := filepath.Join(t.TempDir(), "kept")
	if _, err := r.Change(hubID, func(*superior.Subordinate) error { // the name is taken by a folder meanwhile
		try(t, os.Rename(files[0], kept))
		return os.Mkdir(files[0], 0o700)
	}); err == nil {
		t.Error("written over a folder")
	}
	if _, err := r.Get(hubID); err == nil {
		t.Error("a folder was read")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := r.Change("https://x.test", func(*superior.Subordinate) error { return nil }); !errors.Is(err, superior.ErrUnknown) {
		t.Errorf("%v", err)
	}
	try(t, os.Remove(files[0]))
	try(t, os.Rename(kept, files[0]))
	refusal := errors.New("no")
	if _, err := r.Change(hubID, func(*superior.Subordinate) error { return refusal }); !errors.Is(err, refusal) {
		t.Errorf("%v", err)
	}
	if s, err := r.Get(hubID); err != nil || s.State != superior.Active {
		t.Errorf("%v, %v", s, err)
	}
}
