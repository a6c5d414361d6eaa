package driver

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
)

// Exec starts a gateway as a child process: it gets EHDS_CONFORMANCE=1 and the bootstrap on standard input,
// and prints its announcement, one line of JSON, on standard output.
type Exec struct {
	command []string
	digest  string
}

// NewExec takes the program and its arguments. A target that announces no digest of itself is named by that of
// the program's file, which is read here, once.
func NewExec(command []string) (Exec, error) {
	if len(command) == 0 {
		return Exec{}, errors.New("driver: no command to run")
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return Exec{}, fmt.Errorf("driver: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return Exec{}, fmt.Errorf("driver: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return Exec{}, fmt.Errorf("driver: %w", err)
	}
	return Exec{command: command, digest: "sha256:" + hex.EncodeToString(h.Sum(nil))}, nil
}

// Abilities are all but the clock.
func (Exec) Abilities() lab.Abilities {
	return lab.Abilities{Many: true, Restart: true, Output: true}
}

// Bounds of a child's life.
const (
	announceBound = 20 * time.Second
	stopBound     = 15 * time.Second
)

// Start starts a child.
func (d Exec) Start(ctx context.Context, b lab.Bootstrap) (lab.Target, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.StateDir, 0o700); err != nil {
		return nil, err
	}
	c := &child{driver: d, bootstrap: append(raw, '\n')}
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// child is one process and those before it on the same state.
type child struct {
	driver    Exec
	bootstrap []byte
	output    Output

	cmd       *exec.Cmd
	done      chan struct{} // closed when the process has ended
	err       error         // of Wait
	announced lab.Announcement
}

// start runs the program and waits for its line. The process outlives ctx: Close ends it.
func (c *child) start(ctx context.Context) error {
	cmd := exec.Command(c.driver.command[0], c.driver.command[1:]...) //nolint:gosec // the command is what the tester asked for
	cmd.Env = append(os.Environ(), lab.Environment+"=1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(c.bootstrap), &c.output
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd, c.done = cmd, make(chan struct{})
	line := make(chan []byte, 1)
	go func() { // reads to the end, so that the child never blocks; then reaps it
		r := bufio.NewReader(io.TeeReader(out, &c.output))
		first, _ := r.ReadBytes('\n')
		line <- first
		_, _ = io.Copy(io.Discard, r)
		c.err = cmd.Wait()
		close(c.done)
	}()
	select {
	case first := <-line:
		if c.announced, err = lab.ParseAnnouncement(first); err == nil && c.announced.About.Digest == "" {
			c.announced.About.Digest = c.driver.digest
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%w; the child wrote: %s", err, c.output.tail()), c.Kill(ctx))
		}
		return nil
	case <-time.After(announceBound):
		err = fmt.Errorf("driver: no announcement within %s; the child wrote: %s", announceBound, c.output.tail())
	case <-ctx.Done():
		err = ctx.Err()
	}
	return errors.Join(err, c.Kill(context.WithoutCancel(ctx)))
}

func (c *child) Announced() lab.Announcement { return c.announced }

func (c *child) Output() []byte { return c.output.Bytes() }

// Stop sends SIGTERM and waits; a child that does not end in time is killed, and that is an error.
func (c *child) Stop(ctx context.Context) error {
	if c.ended() {
		return nil
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-time.After(stopBound):
		return errors.Join(fmt.Errorf("driver: the child did not end within %s of SIGTERM", stopBound), c.Kill(ctx))
	case <-ctx.Done():
		return errors.Join(ctx.Err(), c.Kill(context.WithoutCancel(ctx)))
	}
}

// Kill sends SIGKILL and waits.
func (c *child) Kill(context.Context) error {
	if c.ended() {
		return nil
	}
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-c.done
	return nil
}

// Restart starts the program again with the same bootstrap.
func (c *child) Restart(ctx context.Context) error {
	if !c.ended() {
		return errors.New("driver: the child still runs")
	}
	return c.start(ctx)
}

// Close ends the child.
func (c *child) Close(ctx context.Context) error { return c.Stop(ctx) }

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}
