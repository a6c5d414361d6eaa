package driver

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
)

// Exec starts a gateway as a child process: it gets EHDS_CONFORMANCE=1 and the bootstrap on standard input,
// and prints its announcement, one line of JSON, on standard output.
type Exec struct {
	Command []string // program and arguments
	Env     []string // added to this process's
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
	if len(d.Command) == 0 {
		return nil, errors.New("driver: no command to run")
	}
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
	output    output

	cmd       *exec.Cmd
	done      chan struct{} // closed when the process has ended
	err       error         // of Wait
	announced lab.Announcement
}

// start runs the program and waits for its line. The process outlives ctx: Close ends it.
func (c *child) start(ctx context.Context) error {
	cmd := exec.Command(c.driver.Command[0], c.driver.Command[1:]...) //nolint:gosec // the command is what the tester asked for
	cmd.Env = append(append(os.Environ(), c.driver.Env...), lab.Environment+"=1")
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
		if c.announced, err = lab.ParseAnnouncement(first); err != nil {
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

func (c *child) Output() []byte { return c.output.bytes() }

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

// output collects what a child writes. It is safe for concurrent use.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// maxOutput bounds what is kept of a child, in bytes.
const maxOutput = 64 << 20

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < maxOutput {
		o.buf.Write(b)
	}
	return len(b), nil
}

func (o *output) bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.buf.Bytes())
}

// tail is the end of it, for an error message.
func (o *output) tail() string {
	b := o.bytes()
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(b)
}
