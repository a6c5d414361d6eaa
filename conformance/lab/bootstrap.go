package lab

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// BootstrapVersion is the only version of the bootstrap there is.
const BootstrapVersion = 1

// Environment tells a child that its standard input carries a bootstrap.
const Environment = "EHDS_CONFORMANCE"

// Bootstrap is everything a target has to be configured with: a neutral form that any gateway, in any
// language, maps to its own configuration.
type Bootstrap struct {
	Version int    `json:"version"`
	RunID   string `json:"run_id"` // to be shown in the target's display_name
	// StateDir is the folder the target keeps its state in, across restarts. A folder that holds state
	// already is a restart.
	StateDir string `json:"state_dir"`
	Self     Self   `json:"self"`
	TLS      TLS    `json:"tls"`
	Anchor   Anchor `json:"anchor"`
	Centre   Centre `json:"centre"`
	// Catalogue is the national catalogue to read.
	Catalogue Catalogue `json:"catalogue"`
	// Dispatcher is the interface national systems call.
	Dispatcher Dispatcher `json:"dispatcher"`
	Peers      []Peer     `json:"peers"`
	Timing     Timing     `json:"timing"`
}

// Self says who the target is.
type Self struct {
	Entity      string `json:"entity"` // https URL; its host and port are where the target listens
	Listen      string `json:"listen"` // host:port
	Country     string `json:"country"`
	DisplayName string `json:"display_name"` // carries the run id
	HDABs       []HDAB `json:"hdabs"`
}

// HDAB is a health data access body behind the target; the first is the coordinator.
type HDAB struct {
	ID     string   `json:"id"`
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	Agents []string `json:"agents"` // what healthdcatap:hdab of its datasets names
}

// TLS is the target's server certificate, and the roots it has to trust.
type TLS struct {
	Certificate string `json:"certificate"` // PEM
	Key         string `json:"key"`         // PEM, PKCS #8
	Roots       string `json:"roots"`       // PEM
}

// Anchor is the trust anchor with its pinned keys.
type Anchor struct {
	Entity string     `json:"entity"`
	JWKS   forge.JWKS `json:"jwks"`
}

// Centre is the Central Platform the target talks to.
type Centre struct {
	Entity  string `json:"entity"`
	Profile string `json:"profile"`
}

// Catalogue is an RDF document over https that holds every dataset of the nation.
type Catalogue struct {
	URL             string `json:"url"`
	MediaType       string `json:"media_type"`
	Release         string `json:"release"` // of HealthDCAT-AP
	IntervalSeconds int    `json:"interval_seconds"`
}

// Dispatcher is where the tester's national system calls the target: below base_path of the target's own
// origin, as one system for every body. The target announces the key it lets it in with.
type Dispatcher struct {
	BasePath string `json:"base_path"`
	System   string `json:"system"`
}

// Peer is another hub that may speak to the target directly (profile peer-1).
type Peer struct {
	Entity string `json:"entity"`
}

// Timing makes waits short. A target that cannot set one of them keeps its own, and the cases wait longer
// with --patience.
type Timing struct {
	HoldMilliseconds        int `json:"hold_ms"`         // of a message whose predecessor is missing
	RetryFirstMilliseconds  int `json:"retry_first_ms"`  // of an attempt that failed
	RetryMaxMilliseconds    int `json:"retry_max_ms"`    // the longest pause between two attempts
	MarkRefreshMilliseconds int `json:"mark_refresh_ms"` // between two questions about a mark
	GraceSeconds            int `json:"grace_s"`         // after the end of a legal period
}

// Announcement is the one line of JSON a target prints on standard output once it listens.
type Announcement struct {
	Entity string          `json:"entity"`
	JWKS   forge.JWKS      `json:"jwks"` // federation keys, to be enrolled
	HDABs  []AnnouncedHDAB `json:"hdabs"`
	URLs   AnnouncedURLs   `json:"urls"`
	// DispatcherKey is the X-API-key of the tester's national system.
	DispatcherKey string           `json:"dispatcher_key,omitempty"`
	About         AnnouncedProduct `json:"implementation"`
}

// AnnouncedHDAB is a body's entity with its federation keys.
type AnnouncedHDAB struct {
	ID     string     `json:"id"`
	Entity string     `json:"entity"`
	JWKS   forge.JWKS `json:"jwks"`
}

// AnnouncedURLs are where the target is reached.
type AnnouncedURLs struct {
	Dispatcher string `json:"dispatcher,omitempty"` // base of the national interface; empty when there is none
	Register   string `json:"register,omitempty"`   // the public register
	Catalogue  string `json:"catalogue,omitempty"`
	Admin      string `json:"admin,omitempty"` // health and metrics
}

// AnnouncedProduct names the implementation in reports.
type AnnouncedProduct struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest,omitempty"` // "sha256:…" of the program
}

// ErrAnnouncement means that a target's line is not an announcement.
var ErrAnnouncement = errors.New("lab: not an announcement")

// maxAnnouncement bounds the line, in bytes.
const maxAnnouncement = 1 << 20

// ParseAnnouncement reads a target's line.
func ParseAnnouncement(line []byte) (Announcement, error) {
	var a Announcement
	if len(line) > maxAnnouncement {
		return a, fmt.Errorf("%w: longer than %d bytes", ErrAnnouncement, maxAnnouncement)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, fmt.Errorf("%w: %w", ErrAnnouncement, err)
	}
	switch {
	case a.Entity == "":
		return a, fmt.Errorf("%w: entity is missing", ErrAnnouncement)
	case len(a.JWKS.Keys) == 0:
		return a, fmt.Errorf("%w: jwks is missing", ErrAnnouncement)
	}
	return a, nil
}
