package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxSocketPath is what the system takes as the path of a socket, in bytes (unix(7), sun_path).
const maxSocketPath = 107

// operatorSocket listens on DATA/operator.sock, 0600 from the first moment: who may open the data
// directory may operate the gateway. The record's lock is held, so a socket left behind is nobody's.
func operatorSocket(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s has %d bytes and the system allows %d; choose a shorter data_dir", path, len(path), maxSocketPath)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	// The mode of the descriptor becomes the file's when it is bound: there is no moment in which
	// others could connect.
	private := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = unix.Fchmod(int(fd), 0o600) })
		return errors.Join(err, failed)
	}}
	ln, err := private.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}
