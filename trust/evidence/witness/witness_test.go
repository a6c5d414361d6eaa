package witness_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

const origin = "ncp.fr.test/log"

// testLog is a log of records "name 0", "name 1", …
type testLog struct {
	signer note.Signer
	vkey   string
	hashes []tlog.Hash
	size   int64
}

func newLog(t testing.TB, origin string) *testLog {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &testLog{signer: signer, vkey: vkey}
}

func (l *testLog) reader() tlog.HashReader {
	return tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = l.hashes[n]
		}
		return out, nil
	})
}

func (l *testLog) grow(t testing.TB, name string, n int64) {
	t.Helper()
	for range n {
		h, err := tlog.StoredHashes(l.size, fmt.Appendf(nil, "%s %d", name, l.size), l.reader())
		if err != nil {
			t.Fatal(err)
		}
		l.hashes = append(l.hashes, h...)
		l.size++
	}
}

// fork is a copy that goes on differently.
func (l *testLog) fork() *testLog {
	c := *l
	c.hashes = append([]tlog.Hash(nil), l.hashes...)
	return &c
}

func (l *testLog) checkpoint(t testing.TB, size int64) []byte {
	t.Helper()
	root, err := tlog.TreeHash(size, l.reader())
	if err != nil {
		t.Fatal(err)
	}
	cp, err := evidence.SignCheckpoint(l.signer.Name(), size, root, l.signer)
	if err != nil {
		t.Fatal(err)
	}
	return cp
}

func (l *testLog) request(t testing.TB, from, to int64) witness.Request {
	t.Helper()
	r := witness.Request{Old: from, Checkpoint: l.checkpoint(t, to)}
	if 0 < from && from < to {
		proof, err := tlog.ProveTree(to, from, l.reader())
		if err != nil {
			t.Fatal(err)
		}
		r.Proof = proof
	}
	return r
}

type desk struct {
	dir      string
	ledger   *witness.Ledger
	cosigner evidence.Cosigner
	w        *witness.Witness
	now      time.Time
}

func newDesk(t testing.TB, logs ...*testLog) *desk {
	t.Helper()
	c, err := evidence.NewCosigner("witness.test", bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{dir: t.TempDir(), cosigner: c, now: time.Unix(1800000000, 0)}
	d.open(t)
	for _, l := range logs {
		if err := d.ledger.Add(l.signer.Name(), []string{l.vkey}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) open(t testing.TB) {
	t.Helper()
	var err error
	if d.ledger, err = witness.OpenLedger(d.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.ledger.Close() })
	d.w = witness.New(d.ledger, d.cosigner, func() time.Time { return d.now })
}

// cosigned says whether line cosigns the checkpoint, as a reader who knows both keys sees it.
func (d *desk) cosigned(t testing.TB, l *testLog, checkpoint []byte, line string) evidence.Checkpoint {
	t.Helper()
	log, err := evidence.VerifierFor(l.vkey)
	if err != nil {
		t.Fatal(err)
	}
	own, err := evidence.VerifierFor(d.cosigner.VKey())
	if err != nil {
		t.Fatal(err)
	}
	cp, err := evidence.OpenCheckpoint(append(bytes.Clone(checkpoint), line...), l.signer.Name(), log, own)
	if err != nil || len(cp.Cosignatures) != 1 || cp.Cosigned[0] != "witness.test" {
		t.Fatalf("%q: %+v, %v", line, cp, err)
	}
	return cp
}

func TestCosigns(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 300)
	from := int64(0)
	for _, to := range []int64{0, 1, 1, 7, 256, 300} {
		r := l.request(t, from, to)
		line, size, err := d.w.AddCheckpoint(r)
		if err != nil || size != to {
			t.Fatalf("%d to %d: %d, %v", from, to, size, err)
		}
		if cp := d.cosigned(t, l, r.Checkpoint, line); !cp.Cosignatures[0].At.Equal(d.now) {
			t.Errorf("cosigned at %s", cp.Cosignatures[0].At)
		}
		from = to
		d.now = d.now.Add(time.Minute)
		if to == 7 { // a restart forgets nothing
			_ = d.ledger.Close()
			d.open(t)
		}
	}
	logs, err := d.ledger.All()
	if err != nil || len(logs) != 1 || logs[0].Size != 300 {
		t.Errorf("%+v, %v", logs, err)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	l, stranger := newLog(t, origin), newLog(t, "elsewhere.test/log")
	impostor := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 20)
	stranger.grow(t, "a", 20)
	impostor.grow(t, "a", 20)
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 10)); err != nil {
		t.Fatal(err)
	}
	other := l.fork()
	other.size, other.hashes = 0, nil
	other.grow(t, "b", 20)
	with := func(r witness.Request, change func(*witness.Request)) witness.Request { change(&r); return r }
	for name, tt := range map[string]struct {
		r    witness.Request
		want error
		size int64
	}{
		"a log nobody added":           {stranger.request(t, 0, 5), witness.ErrUnknownLog, 0},
		"another key of the same name": {impostor.request(t, 10, 12), witness.ErrUnsigned, 0},
		"old above the checkpoint":     {with(l.request(t, 10, 10), func(r *witness.Request) { r.Old = 11 }), witness.ErrOldSize, 0},
		"old is what it was before":    {l.request(t, 5, 12), witness.ErrConflict, 10},
		"from the beginning again":     {l.request(t, 0, 12), witness.ErrConflict, 10},
		"back to a smaller tree":       {l.request(t, 5, 7), witness.ErrConflict, 10},
		"another root for that size":   {other.request(t, 10, 10), witness.ErrConflict, 10},
		"another history":              {other.request(t, 10, 12), witness.ErrProof, 10},
		"without a proof":              {with(l.request(t, 10, 12), func(r *witness.Request) { r.Proof = nil }), witness.ErrProof, 10},
		"with a proof not needed":      {with(l.request(t, 10, 10), func(r *witness.Request) { r.Proof = make(tlog.TreeProof, 1) }), witness.ErrProof, 10},
		"with one hash altered":        {with(l.request(t, 10, 12), func(r *witness.Request) { r.Proof[0][3] ^= 1 }), witness.ErrProof, 10},
		"no checkpoint":                {witness.Request{Checkpoint: []byte(origin + "\nx\n")}, witness.ErrRequest, 0},
	} {
		line, size, err := d.w.AddCheckpoint(tt.r)
		if !errors.Is(err, tt.want) || line != "" || size != tt.size {
			t.Errorf("%s: %q, %d, %v; want %v", name, line, size, err, tt.want)
		}
	}
	if _, _, err := d.w.AddCheckpoint(l.request(t, 10, 20)); err != nil {
		t.Errorf("the honest next one, after all that: %v", err)
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 2)
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 1)); err != nil {
		t.Fatal(err)
	}
	first := d.now
	d.now = first.Add(-time.Hour)
	r := l.request(t, 1, 2)
	line, _, err := d.w.AddCheckpoint(r)
	if err != nil {
		t.Fatal(err)
	}
	if at := d.cosigned(t, l, r.Checkpoint, line).Cosignatures[0].At; !at.Equal(first) {
		t.Errorf("the later tree is cosigned at %v, the earlier one at %v", at, first)
	}
}

// TestNeverTwoHistories: many ask at the same time for two histories of one log; one of them wins.
func TestNeverTwoHistories(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 4)
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 4)); err != nil {
		t.Fatal(err)
	}
	left, right := l.fork(), l.fork()
	left.grow(t, "left", 4)
	right.grow(t, "right", 4)
	requests := []witness.Request{left.request(t, 4, 8), right.request(t, 4, 8)}
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := map[int]int{}
	for i := range 40 {
		wg.Go(func() {
			if _, _, err := d.w.AddCheckpoint(requests[i%2]); err == nil {
				mu.Lock()
				won[i%2]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("histories cosigned: %v", won)
	}
}

// TestNothingLeavesBeforeItIsWritten: a folder that takes no writes gives no cosignature.
func TestNothingLeavesBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 4)
	files, _ := filepath.Glob(filepath.Join(d.dir, "*.json"))
	if err := os.Mkdir(files[0]+".new", 0o700); err != nil { // the temporary file cannot be made
		t.Fatal(err)
	}
	if line, _, err := d.w.AddCheckpoint(l.request(t, 0, 4)); err == nil || line != "" {
		t.Errorf("%q, %v", line, err)
	}
	if log, _, _ := d.ledger.Get(origin); log.Size != 0 {
		t.Errorf("size %d", log.Size)
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	if err := d.ledger.Add(origin, []string{l.vkey}); !errors.Is(err, witness.ErrKnown) {
		t.Errorf("added twice: %v", err)
	}
	for name, keys := range map[string][]string{"no key": nil, "noise": {"x"}, "another log's key": {newLog(t, "x.test").vkey}, "a witness's key": {d.cosigner.VKey()}} {
		if err := d.ledger.Add("new.test/log", keys); !errors.Is(err, evidence.ErrVKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := witness.OpenLedger(d.dir); !errors.Is(err, witness.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	if err := d.ledger.Add("other.test/log", []string{newLog(t, "other.test/log").vkey}); err == nil {
		t.Log("a second log")
	}
	files, _ := filepath.Glob(filepath.Join(d.dir, "*.json"))
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	damages := []string{"", "{}", strings.Replace(string(text), `"size": 0`, `"size": 5`, 1), string(text) + "{}", strings.Repeat(" ", 20<<10)}
	for _, damage := range damages {
		if err := os.WriteFile(files[0], []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ledger.All(); !errors.Is(err, witness.ErrDamaged) {
			t.Errorf("%.20q: %v", damage, err)
		}
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 0)); err == nil {
		t.Log("the other log was damaged")
	}
	if _, err := witness.OpenLedger(filepath.Join(files[0], "x")); err == nil {
		t.Error("a folder below a file")
	}
}

func TestOverHTTP(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 20)
	var log bytes.Buffer
	srv := httptest.NewServer(witness.Handler(d.w, slog.New(slog.NewTextHandler(&log, nil))))
	defer srv.Close()
	r := l.request(t, 0, 10)
	line, err := witness.Ask(t.Context(), srv.Client(), srv.URL+"/", r)
	if err != nil {
		t.Fatal(err)
	}
	d.cosigned(t, l, r.Checkpoint, line)
	var conflict *witness.ConflictError
	if _, err := witness.Ask(t.Context(), srv.Client(), srv.URL, l.request(t, 0, 12)); !errors.As(err, &conflict) || conflict.Size != 10 || !errors.Is(err, witness.ErrConflict) || conflict.Error() == "" {
		t.Errorf("conflict: %v", err)
	}
	if _, err := witness.Ask(t.Context(), srv.Client(), srv.URL, l.request(t, conflict.Size, 12)); err != nil {
		t.Errorf("asked again from there: %v", err)
	}
	bad := l.request(t, 12, 15)
	bad.Proof = nil
	stranger := newLog(t, "x.test/log")
	forged := newLog(t, origin)
	for name, tt := range map[string]struct {
		r    witness.Request
		want error
	}{
		"proof":    {bad, witness.ErrProof},
		"stranger": {stranger.request(t, 0, 0), witness.ErrUnknownLog},
		"forged":   {forged.request(t, 0, 0), witness.ErrUnsigned},
		"noise":    {witness.Request{Checkpoint: []byte(origin + "\n")}, witness.ErrRequest},
	} {
		if _, err := witness.Ask(t.Context(), srv.Client(), srv.URL, tt.r); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	resp, err := srv.Client().Post(srv.URL+"/add-checkpoint", "", bytes.NewReader(make([]byte, witness.MaxRequest+1)))
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %v %v", resp.Status, err)
	}
	if !strings.Contains(log.String(), "the consistency proof does not hold") {
		t.Errorf("log: %s", log.String())
	}
}

func TestAskOfABadWitness(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"endless":             func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) },
		"conflict of nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) },
		"conflict in words":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "12", http.StatusConflict) },
		"down":                func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = w.Write([]byte("x"))
		},
	} {
		srv := httptest.NewServer(h)
		if line, err := witness.Ask(t.Context(), srv.Client(), srv.URL, witness.Request{}); err == nil {
			t.Errorf("%s: %q", name, line)
		}
		srv.Close()
	}
	if _, err := witness.Ask(t.Context(), http.DefaultClient, "http://127.0.0.1:1", witness.Request{}); err == nil {
		t.Error("nobody answers")
	}
	if _, err := witness.Ask(t.Context(), http.DefaultClient, "\x00", witness.Request{}); err == nil {
		t.Error("no URL")
	}
}

func FuzzParseRequest(f *testing.F) {
	l := newLog(f, origin)
	l.grow(f, "a", 9)
	f.Add(l.request(f, 0, 4).Marshal())
	f.Add(l.request(f, 4, 9).Marshal())
	for _, s := range []string{"", "old 0\n\n", "old 01\n\nx", "old -1\n\nx", "old 1\nAA\n\nx", "old 1\n\nx\n\ny"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := witness.ParseRequest(body)
		if err != nil {
			if !errors.Is(err, witness.ErrRequest) {
				t.Fatal(err)
			}
			return
		}
		if !bytes.Equal(r.Marshal(), body) {
			t.Fatalf("%q is read and written as %q", body, r.Marshal())
		}
	})
}

// TestTroubleOfItsOwn: a damaged memory is the witness's own fault, and ends its work on that log.
func TestTroubleOfItsOwn(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	files, _ := filepath.Glob(filepath.Join(d.dir, "*.json"))
	if err := os.WriteFile(files[0], []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	srv := httptest.NewServer(witness.Handler(d.w, slog.New(slog.NewTextHandler(&log, nil))))
	defer srv.Close()
	if _, err := witness.Ask(t.Context(), srv.Client(), srv.URL, l.request(t, 0, 0)); err == nil || !strings.Contains(log.String(), "memory is damaged") {
		t.Errorf("%v; %s", err, log.String())
	}
	for _, body := range []string{"noise", "old 0\n" + strings.Repeat("AA\n", 70) + "\nx"} {
		resp, err := srv.Client().Post(srv.URL+"/add-checkpoint", "", strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%v %v", resp.Status, err)
		}
	}
	if _, _, err := d.w.AddCheckpoint(witness.Request{Checkpoint: []byte("one line")}); !errors.Is(err, witness.ErrUnknownLog) {
		t.Errorf("one line: %v", err)
	}
	if err := d.ledger.Add(origin, []string{l.vkey}); !errors.Is(err, witness.ErrDamaged) {
		t.Errorf("added over a damaged file: %v", err)
	}
}
