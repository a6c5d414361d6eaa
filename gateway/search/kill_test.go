package search

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// killedDir makes this test program an index's writer, which is killed: see TestProgramSearchKill.
const killedDir = "EHDSGW_SEARCH_KILLED"

// TestMain runs the writer when asked to.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// perBatch is how many documents a batch of the writer has.
const perBatch = 20

// writeUntilKilled applies numbered batches and says each number when it was applied.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	x, _, err := Open(ctx, options(dir))
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		b := Batch{Marks: map[string]string{"n": strconv.Itoa(n)}}
		for i := range perBatch {
			b.Put = append(b.Put, Document{
				Key: fmt.Sprintf("eu:%d-%d", n, i), Origin: EU, Version: strconv.Itoa(n), Title: map[string]string{"en": fmt.Sprint("Stays batch", n)},
			})
		}
		if n > 2 {
			b.Delete = []string{fmt.Sprintf("eu:%d-0", n-2)}
		}
		if err := x.Apply(ctx, b); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// TestProgramSearchKill kills a process that writes an index, again and again: what it had said was
// applied is there, nothing is half there, and the index is never made anew.
func TestProgramSearchKill(t *testing.T) {
	rounds := map[int]int{500: 5, 10_000: 30, 100_000: 200}[programSize(t)]
	acknowledged := 0
	for round := range rounds {
		dir := filepath.Join(t.TempDir(), "search")
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said, lines := 0, bufio.NewScanner(out)
		for lines.Scan() {
			if said, err = strconv.Atoi(strings.TrimSpace(lines.Text())); err != nil {
				t.Fatal(err)
			}
			if said == 1+round%7 {
				go func() {
					<-time.After(time.Duration(round*round%31) * time.Millisecond) // at any moment of the next batches
					_ = cmd.Process.Kill()
				}()
			}
		}
		_ = cmd.Wait() // it was killed
		x, opening, err := Open(t.Context(), options(dir))
		if err != nil || opening.New {
			t.Fatalf("round %d: %+v, %v", round, opening, err)
		}
		mark, err := x.Mark(t.Context(), "n")
		have, _ := strconv.Atoi(mark)
		if err != nil || have < said || said == 0 {
			t.Errorf("round %d: batch %d was acknowledged, %d is there, %v", round, said, have, err)
		}
		if n, err := x.Count(); err != nil || n != have*perBatch-max(0, have-2) {
			t.Errorf("round %d: %d documents of %d batches, %v", round, n, have, err)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		acknowledged += said
	}
	t.Logf("%d kills, %d batches acknowledged, none lost", rounds, acknowledged)
}
