package driver

import (
	"bytes"
	"sync"
)

// Output collects what a target writes, up to a bound. It is safe for concurrent use.
type Output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// maxOutput bounds what is kept of a child, in bytes.
const maxOutput = 64 << 20

// Write takes it all, and keeps what the bound allows.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < maxOutput {
		o.buf.Write(b)
	}
	return len(b), nil
}

// Bytes are all that was kept so far.
func (o *Output) Bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.buf.Bytes())
}

// tail is the end of it, for an error message.
func (o *Output) tail() string {
	b := o.Bytes()
	if len(b) > 2000 {
		b = b[len(b)-2000:]
	}
	return string(b)
}
