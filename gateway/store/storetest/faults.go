package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// workload makes a few changes one after the other, then three in one group, under names of their
// own, and reports which were acknowledged.
type workload struct {
	name  string
	acked []bool
}

const (
	workSteps = 2 // one after the other
	workGroup = 2 // in one group
)

func (w *workload) caseID() string { return "app:" + w.name }

func (w *workload) change(i int) store.Change {
	jti := fmt.Sprintf("%s-%d", w.name, i)
	return store.Change{
		Message: &store.Inbound{Iss: "iss", Jti: jti, Class: evidence.ClassIn, Token: "token " + jti, Seq: int64(i + 1)},
		Doc:     fmt.Append(nil, i), Applied: map[string]int64{"iss": int64(i + 1)},
		Send: []store.Outgoing{central("peer", "out-"+jti)},
	}
}

func (w *workload) run(t testing.TB, r *store.Record) {
	w.acked = make([]bool, workSteps+workGroup)
	for i := range workSteps {
		w.acked[i] = update(t, r, w.caseID(), w.change(i)) == nil
	}
	var calls []func() error
	for i := range workGroup {
		calls = append(calls, func() error { return update(t, r, w.caseID(), w.change(workSteps+i)) })
	}
	for i, err := range inOneGroup(t, r, calls) {
		w.acked[workSteps+i] = err == nil
	}
}

// check wants a prefix that holds everything acknowledged, each change whole.
func (w *workload) check(t testing.TB, r *store.Record) {
	t.Helper()
	ctx := t.Context()
	present := 0
	for i := range w.acked {
		c := w.change(i)
		m, ok, err := r.Message(ctx, "iss", c.Message.Jti)
		if err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		row, sent, err := r.OutboxByJTI(ctx, c.Send[0].Jti)
		if err != nil || sent != ok || ok && (m.Token != c.Message.Token || row.Seq != int64(i+1)) {
			t.Errorf("%s: change %d in part: message %v, outbox %v, %v", w.name, i, ok, sent, err)
		}
		if w.acked[i] && !ok {
			t.Errorf("%s: change %d was acknowledged and is lost", w.name, i)
		}
		if ok && present != i {
			t.Errorf("%s: change %d is there without the one before", w.name, i)
		}
		if ok {
			present++
		}
	}
	file, ok, err := r.Case(ctx, w.caseID())
	if err != nil || ok != (present > 0) || file.Revision != int64(present) || ok && string(file.Doc) != fmt.Sprint(present-1) {
		t.Errorf("%s: document %+v with %d changes: %v", w.name, file, present, err)
	}
}

// testCrashPoints stops the record at every statement of a workload, before and after the statement
// took effect: what is there afterwards is a prefix that holds everything acknowledged.
func testCrashPoints(t *testing.T, place Factory) {
	h := place(t)
	f := &Faulty{Driver: h.Driver(), Class: store.FailureIO, Lasting: true}
	r := Open(t, f)
	f.Arm()
	dry := &workload{name: "dry"}
	dry.run(t, r)
	total := f.Statements()
	dry.check(t, r)
	if total < 40 {
		t.Fatalf("only %d statements were seen", total)
	}
	for _, executed := range []bool{false, true} {
		for at := 1; at <= total; at++ {
			if err := r.Close(); err != nil && !errors.Is(err, ErrInjected) {
				t.Fatal(err)
			}
			f = &Faulty{Driver: h.Driver(), Class: store.FailureIO, Lasting: true, At: at, Executed: executed}
			w := &workload{name: fmt.Sprintf("at-%d-%v", at, executed)}
			r = Open(t, f)
			f.Arm()
			w.run(t, r)
			if err := r.Healthy(); !errors.Is(err, store.ErrFailed) {
				t.Errorf("%s: healthy after a failure of the medium: %v", w.name, err)
			}
			if err := r.Close(); err != nil && !errors.Is(err, ErrInjected) {
				t.Fatal(err)
			}
			r = Open(t, h.Driver())
			w.check(t, r)
		}
	}
	mustVerify(t, r)
}

// testFailures: a full or busy database refuses one group and goes on; a failing medium stops the
// record, but not its readers.
func testFailures(t *testing.T, place Factory) {
	h := place(t)
	for _, c := range []struct {
		name  string
		class store.Failure
		want  error
		stops bool
	}{
		{"full", store.FailureFull, store.ErrNoSpace, false},
		{"busy", store.FailureBusy, ErrInjected, false},
		{"io", store.FailureIO, store.ErrFailed, true},
	} {
		f := &Faulty{Driver: h.Driver(), Class: c.class}
		r := Open(t, f)
		change(t, r, "app:"+c.name, store.Change{Doc: []byte("1"), Message: inbound(c.name, -1)})
		f.Arm()
		change(t, r, "app:"+c.name, store.Change{Doc: []byte("1"), Message: inbound(c.name, 0)})
		n := f.Statements()
		for at := 1; at <= n && !(c.stops && at > 1); at++ {
			f.At = at
			f.Arm()
			if err := update(t, r, "app:"+c.name, store.Change{Doc: []byte("no"), Message: inbound(c.name, at)}); !errors.Is(err, c.want) {
				t.Errorf("%s at %d: %v", c.name, at, err)
			}
			f.At = 0
			err := update(t, r, "app:"+c.name, store.Change{Doc: []byte("yes"), Message: inbound(c.name, at)})
			if c.stops != errors.Is(err, store.ErrFailed) || !c.stops && err != nil {
				t.Errorf("%s: after the failure at %d: %v", c.name, at, err)
			}
		}
		if file, ok, err := r.Case(t.Context(), "app:"+c.name); err != nil || !ok || string(file.Doc) == "no" {
			t.Errorf("%s: reading: %+v %v", c.name, file, err)
		}
		mustVerify(t, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// testErasureCutShort: a crash between the database and the key ring is made good at the next start.
func testErasureCutShort(t *testing.T, place Factory) {
	h := place(t)
	f := &Faulty{Driver: h.Driver(), Ring: true}
	r := Open(t, f)
	ctx := t.Context()
	m, row := fillCase(t, r, "app:GONE", 1)
	old := t.TempDir() + "/old.db"
	if err := r.Backup(ctx, old); err != nil {
		t.Fatal(err)
	}
	f.Arm()
	if err := r.Erase(ctx, "app:GONE"); !errors.Is(err, ErrInjected) {
		t.Fatalf("erase with a failing ring: %v", err)
	}
	wantErased(t, r, "app:GONE", m, row)
	r = Reopen(t, r, h.Driver())
	if err := r.Backup(ctx, old+".new"); err != nil {
		t.Fatal(err)
	}
	rep, err := store.VerifyBackup(ctx, old, Options(t, h.Driver()))
	if err != nil || rep.Erased != 3 {
		t.Errorf("the old backup: %+v %v", rep, err)
	}
}
