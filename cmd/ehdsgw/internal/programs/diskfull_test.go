package programs

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Below the floor of free space nothing is acknowledged and nothing forgotten; above it the gateway
// goes on where it was.
func TestProgramDiskFull(t *testing.T) {
	size := programSize(t)
	w := newWorld(t)
	w.start()
	l := startLoad(w.centre, 8)
	eventually(t, "some cases are acknowledged", 10*time.Second, func() bool { return l.acked.Load() >= 20 })
	l.stop()
	list := l.list()
	w.drain(list, 30*time.Second)
	w.rest()

	var fs unix.Statfs_t
	if err := unix.Statfs(w.dir, &fs); err != nil {
		t.Fatal(err)
	}
	w.settings["min_free"] = fmt.Sprintf("%dB", 2*fs.Bavail*uint64(fs.Bsize)+1<<30)
	w.writeConfiguration()
	w.startUnready()
	const tries = 50
	var waiting []*caseFile
	var spent []time.Duration
	for i := range tries {
		f := &caseFile{id: newApplication(w.centre)}
		f.messages = []*message{w.centre.submission(f.id, (i%2)*1000)}
		waiting = append(waiting, f)
		at := time.Now()
		a, err := w.centre.send(t.Context(), w.client, f.messages[0])
		spent = append(spent, time.Since(at))
		if err != nil || a.status != http.StatusServiceUnavailable {
			t.Errorf("below the floor: status %d, receipt %q, %v", a.status, a.outer.Status, err)
		}
		if a.outer.Status == ehds.Received || a.outer.Status == ehds.Duplicate {
			t.Errorf("below the floor a message was acknowledged: %s", a.outer.Status)
		}
	}
	w.sendAgain(list) // what was acknowledged before is still answered
	w.checkFaults()
	stopped := w.rest()

	w.settings["min_free"] = "1MiB"
	w.writeConfiguration()
	ready := w.start()
	at := time.Now()
	for _, f := range waiting {
		if !l.resume(f) {
			t.Fatal("not acknowledged above the floor")
		}
	}
	resumed := time.Since(at)
	list = append(list, waiting...)
	w.drain(list, 30*time.Second)
	v := w.verify(list)
	t.Logf("full disk, size %s: N = %d messages below the floor, each 503 and no acknowledgement (%s); the record still answered for %d older ones",
		size.name, tries, spread(spent), v.messages-tries)
	t.Logf("  stopped below the floor in %v; above it again: ready in %v, all %d acknowledged in %v, as new; %d messages verified, log of %d leaves",
		stopped.Round(time.Millisecond), ready.Round(time.Millisecond), tries, resumed.Round(time.Millisecond), v.messages, v.leaves)
}

// rest stops a gateway without load. Connections of ours that never carried a request would hold the
// stop up for 5 s (net/http, Server.Shutdown).
func (w *world) rest() time.Duration {
	w.t.Helper()
	w.client.CloseIdleConnections()
	w.client2.CloseIdleConnections()
	return w.terminate()
}
