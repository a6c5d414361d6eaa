package httpapi

import (
	"net"
	"sync"
)

// DefaultConnections is how many connections the public listener keeps open at once.
const DefaultConnections = 4096

// MaxStreams is how many requests one HTTP/2 connection may have under way. Hubs send to each other
// in sequence per case; more would only multiply what a connection may hold.
const MaxStreams = 64

// limitListener accepts a connection only while fewer than its limit are open. Those above wait in the
// system's queue: they cost neither memory of ours nor a file descriptor.
type limitListener struct {
	net.Listener
	open   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// LimitListener keeps at most n connections of a listener open. It goes under TLS, so that unfinished
// handshakes count.
func LimitListener(ln net.Listener, n int) net.Listener {
	return &limitListener{Listener: ln, open: make(chan struct{}, n), closed: make(chan struct{})}
}

// Accept waits for room, then for a connection. It ends with net.ErrClosed when the listener is closed.
func (l *limitListener) Accept() (net.Conn, error) {
	select {
	case <-l.closed: // also while there is room
		return nil, net.ErrClosed
	default:
	}
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: c, listener: l}, nil
}

// Close closes the listener and ends an Accept that waits for room. Open connections stay open.
func (l *limitListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// limitedConn makes room when it is closed.
type limitedConn struct {
	net.Conn
	listener *limitListener
	once     sync.Once
}

// Close closes the connection and makes room for another, once.
func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.listener.open })
	return err
}
