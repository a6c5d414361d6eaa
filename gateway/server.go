package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// server is one listener with its HTTP server.
type server struct {
	name     string
	listener net.Listener
	http     *http.Server

	mu    sync.Mutex
	fresh map[net.Conn]bool // connected, nothing asked yet
}

// freshGrace is how long a stop waits for connections that have not asked anything. net/http would
// wait five seconds.
const freshGrace = time.Second

// note follows connections, as http.Server.ConnState.
func (s *server) note(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		s.fresh[c] = true
		return
	}
	delete(s.fresh, c)
}

// stop lets requests under way finish and closes everything else.
func (s *server) stop(ctx context.Context) error {
	t := time.AfterFunc(freshGrace, s.closeFresh)
	defer t.Stop()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
		return fmt.Errorf("%s listener: %w", s.name, err)
	}
	return nil
}

func (s *server) closeFresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.fresh {
		_ = c.Close() // its client sees a closed connection and connects again elsewhere
	}
}

// close ends the server at once. After a stop, or when it never served, only the listener is left.
func (s *server) close() {
	_ = s.http.Close() // what it could not close is closed already
	_ = s.listener.Close()
}
