package dispatcher

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Push says where notices are announced to a system; without a URL it polls.
type Push struct {
	URL    string
	Secret string // whsec_ and the base64 of 24 to 64 bytes (Standard Webhooks)
}

// String names the address alone: the secret is one.
func (p Push) String() string { return p.URL }

// GoString is String, so that no verb shows more.
func (p Push) GoString() string { return p.URL }

// secretScheme begins a secret.
const secretScheme = "whsec_"

func (p Push) key() ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Secret, secretScheme))
	if err != nil || !strings.HasPrefix(p.Secret, secretScheme) || len(key) < 24 || len(key) > 64 {
		return nil, errors.New("the push secret is whsec_ and the base64 of 24 to 64 bytes")
	}
	return key, nil
}

func (p Push) check() error {
	if p.URL == "" && p.Secret == "" {
		return nil
	}
	if p.URL == "" {
		return errors.New("a push secret without a URL")
	}
	_, err := p.key()
	return err
}

func (t *tx) queue(*system, notice) {}

func (t *tx) unqueue(*system, int64) {}

// wake asks for a look at what is to be pushed. It never blocks.
func (d *Driver) wake() {
	select {
	case d.nudge <- struct{}{}:
	default:
	}
}
