package httpapi

import (
	"errors"
	"net"
	"testing"
)

func listen(t *testing.T, n int) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := LimitListener(ln, n)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func dial(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// accepting accepts connections one after the other.
func accepting(l net.Listener) (<-chan net.Conn, <-chan error) {
	conns, end := make(chan net.Conn, 10), make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				end <- err
				return
			}
			conns <- c
		}
	}()
	return conns, end
}

func TestConnectionsAreLimited(t *testing.T) {
	l := listen(t, 2)
	conns, end := accepting(l)
	for range 4 {
		dial(t, l)
	}
	var open []net.Conn
	for len(open) < 2 {
		open = append(open, <-conns)
	}
	for range 2 { // two wait; each gets in when, and only when, one of those inside has gone
		if inside := len(l.(*limitListener).open); inside != 2 || len(conns) != 0 {
			t.Fatalf("%d inside, %d more accepted", inside, len(conns))
		}
		_ = open[0].Close()
		_ = open[0].Close() // makes no second room
		open = append(open[1:], <-conns)
	}
	_ = l.Close()
	if err := <-end; !errors.Is(err, net.ErrClosed) {
		t.Errorf("a full listener that was closed: %v", err)
	}
	if _, err := open[0].Write([]byte("x")); err != nil {
		t.Errorf("closing the listener closed a connection: %v", err)
	}
	for _, c := range open {
		_ = c.Close()
	}
	if n := len(l.(*limitListener).open); n != 0 {
		t.Errorf("%d places are not given back", n)
	}
}

func TestClosedListenerAcceptsNothing(t *testing.T) {
	l := listen(t, 1)
	_ = l.Close()
	for range 20 {
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Fatal(err)
		}
	}
	// A failure below takes no place.
	l = listen(t, 1)
	_ = l.(*limitListener).Listener.Close()
	for range 3 {
		if _, err := l.Accept(); err == nil {
			t.Fatal("accepted")
		}
	}
	if n := len(l.(*limitListener).open); n != 0 {
		t.Errorf("%d places taken", n)
	}
}
