package storetest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// killEnv tells the child process which round it is.
const killEnv = "EHDSGW_STORETEST_ROUND"

// RunKilled checks that a process killed while it writes loses nothing it acknowledged. childTest is
// the name of a test that calls WriteUntilKilled on the same place; env says where that is.
func RunKilled(t *testing.T, h Harness, childTest string, env ...string) {
	acked := map[string]bool{}
	for round := range 3 {
		killOne(t, childTest, append(env, fmt.Sprintf("%s=%d", killEnv, round)), 150, acked)
		r := Open(t, h.Driver())
		for jti := range acked {
			m, ok, err := r.Message(t.Context(), "iss", jti)
			if err != nil || !ok || m.Token != "token "+jti {
				t.Fatalf("round %d: %s was acknowledged and is not there: %v", round, jti, err)
			}
			row, ok, err := r.OutboxByJTI(t.Context(), "out-"+jti)
			if err != nil || !ok || row.State != store.OutboxQueued {
				t.Fatalf("round %d: what follows from %s is not there: %v", round, jti, err)
			}
		}
		n, err := r.Counts(t.Context())
		if err != nil || n.Messages != n.Queued || n.Messages < int64(len(acked)) {
			t.Errorf("round %d: %+v with %d acknowledged: %v", round, n, len(acked), err)
		}
		mustVerify(t, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killOne starts a child, reads n acknowledgements, and kills it in the middle of its work.
func killOne(t *testing.T, childTest string, env []string, n int, acked map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+childTest+"$")
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	got := 0
	for lines.Scan() {
		jti, ok := strings.CutPrefix(lines.Text(), "ack ")
		if !ok {
			continue
		}
		acked[jti] = true
		if got++; got == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || got < n {
		t.Fatalf("the child ended by itself after %d acknowledgements: %v", got, err)
	}
}

// WriteUntilKilled is the child: it writes and says what was acknowledged. It skips when it is not
// started by RunKilled.
func WriteUntilKilled(t *testing.T, d store.Driver) {
	round, ok := os.LookupEnv(killEnv)
	if !ok {
		t.Skip("is the child process of the test that kills it")
	}
	r := Open(t, d)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := range 100_000 {
				jti := fmt.Sprintf("%s-%d-%d", round, w, n)
				_, err := r.Update(t.Context(), fmt.Sprintf("app:%d", w), always(store.Change{
					Doc:     []byte(jti),
					Message: &store.Inbound{Iss: "iss", Jti: jti, Class: evidence.ClassIn, Token: "token " + jti},
					Send:    []store.Outgoing{central("peer", "out-"+jti)},
				}))
				if err != nil {
					t.Error(err)
					return
				}
				fmt.Println("ack " + jti)
			}
		})
	}
	wg.Wait()
}
