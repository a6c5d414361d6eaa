package witness_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

// childEnv makes the test binary a witness over the directory it names.
const childEnv = "EHDSGW_TEST_WITNESS_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(path string) error {
	ledger, err := witness.OpenLedger(path)
	if err != nil {
		return err
	}
	key, err := evidence.NewCosigner("witness.test", bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(ln.Addr())
	return http.Serve(ln, witness.Handler(witness.New(ledger, key, time.Now), slog.New(slog.DiscardHandler)))
}

// TestProgramKilledWitness kills a witness with SIGKILL while two histories of one log are pressed on
// it, again and again. Whatever was cosigned in all its lives must be one history, and no tree that was
// cosigned may be forgotten.
func TestProgramKilledWitness(t *testing.T) {
	t.Parallel()
	const lives, leaves = 12, 400
	trunk := newLog(t, origin)
	trunk.grow(t, "common", 4)
	fork := trunk.fork()
	fork.grow(t, "fork", leaves)
	trunk.grow(t, "trunk", leaves)
	histories := map[string]*testLog{"trunk": trunk, "fork": fork}
	d := newDesk(t, trunk)
	if err := d.ledger.Close(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	cosigned, newest := map[string]int{}, int64(0)
	for life := range lives {
		cmd, url := startChild(t, d.dir)
		var wg sync.WaitGroup
		for label, l := range histories {
			wg.Go(func() {
				press(t, url, l, func(size int64) {
					mu.Lock()
					defer mu.Unlock()
					if size > 4 {
						cosigned[label]++
					}
					newest = max(newest, size)
				})
			})
		}
		for waited := 0; life == 0 && waited < 2000; waited++ { // on a slow machine too, something is cosigned before the first kill
			mu.Lock()
			n := newest
			mu.Unlock()
			if n > 4 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(time.Duration(5+life*3) * time.Millisecond) // another moment in every life
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		wg.Wait()
	}
	t.Logf("cosigned after %d kills: %v, newest %d", lives, cosigned, newest)
	if len(cosigned) != 1 {
		t.Errorf("histories cosigned: %v", cosigned)
	}
	d.open(t)
	log, known, err := d.ledger.Get(origin)
	if err != nil || !known {
		t.Fatalf("%v, %v", known, err)
	}
	for label := range cosigned {
		root, err := tlog.TreeHash(log.Size, histories[label].reader())
		if err != nil || log.Size < newest || root.String() != log.Root {
			t.Errorf("the ledger has %d leaves, not of the %s or less than the %d cosigned: %v", log.Size, label, newest, err)
		}
	}
}

// press asks for one tree after the other until the witness is gone. It goes on from where the witness
// says it is, as a log does that catches up.
func press(t *testing.T, url string, l *testLog, took func(size int64)) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for old := int64(0); old < l.size; {
		to := max(old, 3) + 1
		_, err := witness.Ask(t.Context(), client, url, l.request(t, old, to))
		var conflict *witness.ConflictError
		switch {
		case err == nil:
			took(to)
			old = to
		case errors.As(err, &conflict):
			old = conflict.Size
		case errors.Is(err, witness.ErrProof): // the other history is ahead
			old = 0
		default:
			return // gone
		}
	}
}

func startChild(t *testing.T, path string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // most often gone already
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the witness did not start: %v", err)
	}
	return cmd, "http://" + strings.TrimSpace(line)
}
