package superior_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

func registry(t *testing.T, above ...string) (*superior.Registry, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "subordinates")
	r, err := superior.OpenRegistry(dir, anchorID, above, trusttest.Start)
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

// timed is a register whose time passes when later is called.
func timed(t *testing.T) (r *superior.Registry, dir string, later func(time.Duration)) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "subordinates")
	var passed atomic.Int64
	r, err := superior.OpenRegistry(dir, anchorID, nil, func() time.Time { return trusttest.Start().Add(time.Duration(passed.Load())) })
	try(t, err)
	return r, dir, func(d time.Duration) { passed.Add(int64(d)) }
}

func hub() superior.Subordinate {
	return superior.Subordinate{Entity: hubID, Types: []string{federation.TypeGateway}, Country: "BE", Keys: keysOf(hubID)}
}

func TestRegistryKeepsWhatWasEnrolled(t *testing.T) {
	t.Parallel()
	r, dir := registry(t)
	depth := 2
	want := hub()
	want.Types = append(want.Types, federation.TypeHDAB)
	want.HDABCode, want.Intermediate = "NORD", true
	want.Policy = json.RawMessage(`{"ehds_gateway":{"country":{"one_of":["BE"]}}}`)
	want.Metadata = map[string]json.RawMessage{federation.TypeGateway: json.RawMessage(`{"contacts":["a@b.test"]}`)}
	want.Constraints = &federation.Constraints{MaxPathLength: &depth}
	want.Marks, want.Issues = fresh("ncp"), []string{markType("authorised-participant")}
	if err := r.Enrol(want, keysOf(anchorID)); err != nil {
		t.Fatal(err)
	}
	got, err := r.Get(hubID)
	if err != nil {
		t.Fatal(err)
	}
	now := trusttest.Start().UTC()
	want.Version, want.State, want.Since, want.Enrolled = 1, superior.Active, now, now
	want.Marks[markType("ncp")] = now
	for _, s := range []*superior.Subordinate{&want, &got} { // as text: files are indented
		for _, raw := range []*json.RawMessage{&s.Policy} {
			var v any
			if err := json.Unmarshal(*raw, &v); err != nil {
				t.Fatal(err)
			}
			*raw, _ = json.Marshal(v)
		}
		s.Metadata = map[string]json.RawMessage{federation.TypeGateway: json.RawMessage(strings.Join(strings.Fields(string(s.Metadata[federation.TypeGateway])), ""))}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-enrolled +kept)\n%s", diff)
	}
	all, err := r.All()
	if err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode().Perm() != 0o600 || strings.HasPrefix(e.Name(), ".new") {
			t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
		}
	}
}

func TestEnrolmentRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*superior.Subordinate)
		err  error
	}{
		"itself":                {func(s *superior.Subordinate) { s.Entity = anchorID }, superior.ErrLoop},
		"its superior":          {func(s *superior.Subordinate) { s.Entity = "https://above.test" }, superior.ErrLoop},
		"its own key":           {func(s *superior.Subordinate) { s.Keys = keysOf(anchorID) }, superior.ErrKeyTaken},
		"another's key":         {func(s *superior.Subordinate) { s.Keys = keysOf("https://fi.test") }, superior.ErrKeyTaken},
		"another's, other kid":  {func(s *superior.Subordinate) { s.Keys = keysOf("https://fi.test"); s.Keys.Keys[0].Kid = "mine" }, superior.ErrKeyTaken},
		"one enrolled":          {func(s *superior.Subordinate) { s.Entity, s.Keys = "https://fi.test", keysOf("new") }, superior.ErrEnrolled},
		"no keys":               {func(s *superior.Subordinate) { s.Keys = jose.KeySet{} }, superior.ErrUnfit},
		"a key not usable":      {func(s *superior.Subordinate) { s.Keys.Ignored = []jose.IgnoredKey{{Reason: "weak"}} }, superior.ErrUnfit},
		"http-less":             {func(s *superior.Subordinate) { s.Entity = "ftp://hub.test" }, superior.ErrUnfit},
		"a query":               {func(s *superior.Subordinate) { s.Entity += "?a" }, superior.ErrUnfit},
		"a user":                {func(s *superior.Subordinate) { s.Entity = "https://a@hub.test" }, superior.ErrUnfit},
		"capitals":              {func(s *superior.Subordinate) { s.Entity = "https://HUB.test" }, superior.ErrUnfit},
		"no host":               {func(s *superior.Subordinate) { s.Entity = "https:///a" }, superior.ErrUnfit},
		"country of three":      {func(s *superior.Subordinate) { s.Country = "BEL" }, superior.ErrUnfit},
		"a hub of no country":   {func(s *superior.Subordinate) { s.Country = "" }, superior.ErrUnfit},
		"a hub with a code":     {func(s *superior.Subordinate) { s.HDABCode = "N" }, superior.ErrUnfit},
		"a code of two words":   {func(s *superior.Subordinate) { s.Types = []string{federation.TypeHDAB}; s.HDABCode = "N S" }, superior.ErrUnfit},
		"a mark that is no URL": {func(s *superior.Subordinate) { s.Marks = map[string]time.Time{"ncp": {}} }, superior.ErrUnfit},
		"metadata no object": {func(s *superior.Subordinate) {
			s.Metadata = map[string]json.RawMessage{federation.TypeGateway: json.RawMessage(`1`)}
		}, superior.ErrUnfit},
		"a broken policy": {func(s *superior.Subordinate) {
			s.Policy = json.RawMessage(`{"ehds_gateway":{"country":{"value":1,"add":[2]}}}`)
		}, superior.ErrUnfit},
		"issues what is no URL": {func(s *superior.Subordinate) { s.Issues = []string{"ncp"} }, superior.ErrUnfit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := registry(t, "https://above.test")
			fi := hub()
			fi.Entity, fi.Keys = "https://fi.test", keysOf("https://fi.test")
			if err := r.Enrol(fi, keysOf(anchorID)); err != nil {
				t.Fatal(err)
			}
			s := hub()
			c.edit(&s)
			if err := r.Enrol(s, keysOf(anchorID)); !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if all, err := r.All(); err != nil || len(all) != 1 {
				t.Errorf("%v, %v", all, err)
			}
		})
	}
}

// TestEnrolTriesTheStatement: what no reader would take is not enrolled.
func TestEnrolTriesTheStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, nil)
	try(t, anchor.Enrol(hub(), false))
	below := -1
	for name, edit := range map[string]func(*superior.Subordinate){
		"a policy its own metadata break": func(s *superior.Subordinate) {
			s.Policy = json.RawMessage(`{"ehds_gateway":{"country":{"one_of":["FI"]}}}`)
		},
		"a path below zero": func(s *superior.Subordinate) { s.Constraints = &federation.Constraints{MaxPathLength: &below} },
		"no country":        func(s *superior.Subordinate) { s.Country = "" },
		"our entity":        func(s *superior.Subordinate) { s.Entity = anchorID },
	} {
		s := hub()
		s.Entity, s.Keys = "https://x.test", keysOf("x")
		edit(&s)
		if err := anchor.Enrol(s, false); !errors.Is(err, superior.ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := hub()
	s.Entity, s.Keys = "https://x.test", keysOf(anchorID)
	if err := anchor.Enrol(s, false); !errors.Is(err, superior.ErrKeyTaken) {
		t.Errorf("our key: %v", err)
	}
	if all, err := reg.All(); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// TestReplace: new keys for an entity change neither where it stands nor since when it has its marks.
func TestReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, nil)
	s := hub()
	if err := anchor.Enrol(s, true); !errors.Is(err, superior.ErrUnknown) {
		t.Errorf("not enrolled: %v", err)
	}
	s.Marks = fresh("ncp")
	try(t, anchor.Enrol(s, false))
	mark, err := anchor.Mark(hubID, markType("ncp"))
	try(t, err)
	w.move(reg, hubID, superior.Suspended)
	w.clock.Advance(time.Hour)
	s.Keys, s.Marks = keysOf("next"), fresh("ncp", "uhdas")
	try(t, anchor.Enrol(s, true))
	got, err := reg.Get(hubID)
	try(t, err)
	if got.State != superior.Suspended || got.Keys.Keys[0].Kid != keysOf("next").Keys[0].Kid || !got.Marks[markType("uhdas")].After(got.Marks[markType("ncp")]) {
		t.Errorf("%+v", got)
	}
	if status := told(t, anchor, mark); status != "suspended" {
		t.Errorf("its mark is %s", status)
	}
	w.move(reg, hubID, superior.Withdrawn)
	if err := anchor.Enrol(s, true); !errors.Is(err, superior.ErrUnknown) {
		t.Errorf("withdrawn: %v", err)
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		moves []superior.State
		ok    bool
	}{
		{[]superior.State{superior.Suspended}, true},
		{[]superior.State{superior.Suspended, superior.Active}, true},
		{[]superior.State{superior.Withdrawn}, true},
		{[]superior.State{superior.Suspended, superior.Withdrawn}, true},
		{[]superior.State{superior.Active}, false},
		{[]superior.State{superior.Suspended, superior.Suspended}, false},
		{[]superior.State{superior.Withdrawn, superior.Active}, false},
		{[]superior.State{superior.Withdrawn, superior.Withdrawn}, false},
	} {
		r, _ := registry(t)
		if err := r.Enrol(hub(), keysOf(anchorID)); err != nil {
			t.Fatal(err)
		}
		var err error
		for _, to := range c.moves {
			_, err = r.Move(hubID, to)
		}
		if c.ok && err != nil || !c.ok && !errors.Is(err, superior.ErrState) {
			t.Errorf("%v: %v", c.moves, err)
		}
	}
	r, _ := registry(t)
	if _, err := r.Move(hubID, superior.Suspended); !errors.Is(err, superior.ErrUnknown) {
		t.Errorf("%v", err)
	}
	if err := r.Enrol(hub(), keysOf(anchorID)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Move(hubID, "asleep"); !errors.Is(err, superior.ErrUnfit) {
		t.Errorf("%v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	for name, break_ := range map[string]func(t *testing.T, dir, file string){
		"others may write": func(t *testing.T, _, file string) { try(t, os.Chmod(file, 0o622)) },
		"cut":              func(t *testing.T, _, file string) { try(t, os.Truncate(file, 40)) },
		"empty":            func(t *testing.T, _, file string) { try(t, os.Truncate(file, 0)) },
		"an unknown member": func(t *testing.T, _, file string) {
			raw, err := os.ReadFile(file)
			try(t, err)
			try(t, os.WriteFile(file, []byte(strings.Replace(string(raw), `"version"`, `"more": 1, "version"`, 1)), 0o600))
		},
		"another version": func(t *testing.T, _, file string) {
			raw, err := os.ReadFile(file)
			try(t, err)
			try(t, os.WriteFile(file, []byte(strings.Replace(string(raw), `"version": 1`, `"version": 2`, 1)), 0o600))
		},
		"too long": func(t *testing.T, _, file string) {
			try(t, os.WriteFile(file, []byte(`{"a":"`+strings.Repeat("a", 1<<20)+`"}`), 0o600))
		},
		"another's name": func(t *testing.T, _, file string) {
			raw, err := os.ReadFile(file)
			try(t, err)
			try(t, os.WriteFile(file, []byte(strings.Replace(string(raw), hubID, "https://fi.test", 1)), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, dir, later := timed(t)
			try(t, r.Enrol(hub(), keysOf(anchorID)))
			files, err := filepath.Glob(filepath.Join(dir, "*.json"))
			try(t, err)
			break_(t, dir, files[0])
			later(5 * time.Second) // an edit in place shows in a list by then
			if _, err := r.Get(hubID); !errors.Is(err, superior.ErrDamaged) {
				t.Errorf("Get: %v", err)
			}
			if _, err := r.All(); !errors.Is(err, superior.ErrDamaged) {
				t.Errorf("All: %v", err)
			}
		})
	}
	blocked := filepath.Join(t.TempDir(), "file")
	try(t, os.WriteFile(blocked, nil, 0o600))
	if _, err := superior.OpenRegistry(filepath.Join(blocked, "x"), anchorID, nil, trusttest.Start); err == nil {
		t.Error("a register in a file")
	}
	r, dir := registry(t)
	try(t, os.RemoveAll(dir))
	if err := r.Enrol(hub(), keysOf(anchorID)); err == nil {
		t.Error("a register without a directory")
	}
	if _, err := r.All(); err == nil {
		t.Error("a list without a directory")
	}
}

// TestWhatDidNotChangeIsNotReadAgain: anybody may ask an anchor for its configuration and its lists, which
// look at every subordinate.
func TestWhatDidNotChangeIsNotReadAgain(t *testing.T) {
	r, dir, later := timed(t)
	const many = 40
	for i := range many {
		s := hub()
		s.Entity, s.Keys = fmt.Sprintf("https://hub-%d.test", i), keysOf(fmt.Sprint("hub ", i))
		try(t, r.Enrol(s, keysOf(anchorID)))
	}
	all := func(r *superior.Registry) []superior.Subordinate {
		list, err := r.All()
		try(t, err)
		return list
	}
	again := testing.AllocsPerRun(5, func() { all(r) })
	anew := testing.AllocsPerRun(5, func() {
		other, err := superior.OpenRegistry(dir, anchorID, nil, trusttest.Start)
		try(t, err)
		all(other)
	})
	if again > anew/4 {
		t.Errorf("%.0f allocations the second time, %.0f the first", again, anew)
	}
	// What another process does is seen at once.
	other, err := superior.OpenRegistry(dir, anchorID, nil, trusttest.Start)
	try(t, err)
	for _, state := range []superior.State{superior.Suspended, superior.Active, superior.Withdrawn} {
		if _, err := other.Move("https://hub-7.test", state); err != nil {
			t.Fatal(err)
		}
		for _, s := range all(r) {
			if s.Entity == "https://hub-7.test" && s.State != state {
				t.Errorf("state = %s, want %s", s.State, state)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	try(t, err)
	try(t, os.Chmod(files[3], 0o622))
	later(5 * time.Second)
	if _, err := r.All(); !errors.Is(err, superior.ErrDamaged) {
		t.Errorf("a file that others may write now: %v", err)
	}
	try(t, os.Remove(files[3]))
	if n := len(all(r)); n != many-1 {
		t.Errorf("%d subordinates", n)
	}
}

func try(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWritersTakeTurns: two processes change one register; no change is lost.
func TestWritersTakeTurns(t *testing.T) {
	t.Parallel()
	one, dir := registry(t)
	two, err := superior.OpenRegistry(dir, anchorID, nil, trusttest.Start)
	try(t, err)
	try(t, one.Enrol(hub(), keysOf(anchorID)))
	var wg sync.WaitGroup
	for i, r := range []*superior.Registry{one, two} {
		wg.Go(func() {
			for n := range 10 {
				if _, err := r.Change(hubID, func(s *superior.Subordinate) error {
					s.Issues = append(s.Issues, fmt.Sprintf("https://a.test/%d/%d", i, n))
					return nil
				}); err != nil {
					t.Error(err)
				}
				if _, err := r.Get(hubID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if s, err := one.Get(hubID); err != nil || len(s.Issues) != 20 {
		t.Errorf("%d of 20 changes, %v", len(s.Issues), err)
	}
}

// TestNeverVouchesWrongly: after any changes, what the superior says of an entity is what its record
// allows, and never more.
func TestNeverVouchesWrongly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	anchor, reg := w.superior(anchorID, nil)
	rnd := rand.New(rand.NewPCG(1, 2))
	model := map[string]superior.State{}
	made := map[string][]string{} // marks made since the last enrolment
	old := map[string][]string{}  // marks of before
	names := []string{"https://a.test", "https://b.test", "https://c.test"}
	for range 60 {
		w.clock.Advance(time.Second)
		name := names[rnd.IntN(len(names))]
		switch rnd.IntN(5) {
		case 0:
			err := reg.Enrol(superior.Subordinate{Entity: name, Country: "BE", Types: []string{federation.TypeGateway}, Keys: keysOf(name), Marks: fresh("ncp")}, keysOf(anchorID))
			was, known := model[name]
			if free := !known || was == superior.Withdrawn; free != (err == nil) {
				t.Fatalf("enrol %s (%s): %v", name, was, err)
			} else if free {
				model[name] = superior.Active
				old[name], made[name] = append(old[name], made[name]...), nil
			}
		case 1, 2, 3:
			to := []superior.State{superior.Active, superior.Suspended, superior.Withdrawn}[rnd.IntN(3)]
			was, known := model[name]
			_, err := reg.Move(name, to)
			if can := known && was != superior.Withdrawn && was != to; can != (err == nil) {
				t.Fatalf("%s from %q to %s: %v", name, was, to, err)
			} else if can {
				model[name] = to
			}
		}
		for _, name := range names {
			state, known := model[name]
			_, err := anchor.Statement(name)
			if vouched := known && state != superior.Withdrawn; vouched != (err == nil) {
				t.Fatalf("%s is %q and vouched for: %v", name, state, err == nil)
			}
			mark, err := anchor.Mark(name, markType("ncp"))
			if (known && state == superior.Active) != (err == nil) {
				t.Fatalf("%s is %q and gets a mark: %v", name, state, err == nil)
			}
			if err == nil && len(made[name]) < 5 {
				made[name] = append(made[name], mark)
			}
			want := map[superior.State]string{superior.Active: "active", superior.Suspended: "suspended", superior.Withdrawn: "revoked"}[state]
			for _, m := range made[name] {
				if got := told(t, anchor, m); got != want {
					t.Fatalf("%s is %q, its mark %s", name, state, got)
				}
			}
			for _, m := range old[name] {
				if got := told(t, anchor, m); got != "revoked" {
					t.Fatalf("a mark of before the last enrolment is %s", got)
				}
			}
		}
	}
}

func told(t *testing.T, s *superior.Superior, mark string) string {
	t.Helper()
	token, err := s.MarkStatus(mark)
	try(t, err)
	var c struct{ Status string }
	claimsOf(t, token, federation.TypMarkStatus, anchorID, &c)
	return c.Status
}

func TestPinFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	region, _ := w.superior(regionID, nil, anchorID)
	text, err := region.Configuration()
	try(t, err)
	config, err := federation.ParseStatement(text)
	try(t, err)
	thumbprint := func(name string) string {
		p, err := jose.Thumbprint(keysOf(name).Keys[0].Key)
		try(t, err)
		return p
	}
	if set, err := superior.PinFrom(config, thumbprint(regionID)); err != nil || len(set.Keys) != 1 {
		t.Errorf("%v, %v", set, err)
	}
	if _, err := superior.PinFrom(config, thumbprint("another")); !errors.Is(err, superior.ErrUnfit) {
		t.Errorf("%v", err)
	}
	// A key that is shown and did not sign pins nothing.
	config, err = federation.ParseStatement(trusttest.Sign(t, trusttest.Key("thief"), federation.TypStatement, federation.Claims{
		Iss: regionID, Sub: regionID, Iat: w.clock.Unix(), Exp: w.clock.Unix() + 60,
		JWKS: trusttest.KeySet(trusttest.Key("thief"), trusttest.Key(regionID)),
	}))
	try(t, err)
	if _, err := superior.PinFrom(config, thumbprint(regionID)); !errors.Is(err, federation.ErrStatement) {
		t.Errorf("%v", err)
	}
}
