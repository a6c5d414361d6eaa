package roles

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Entity types (wire profile §1).
const (
	TypeFederation = "federation_entity"
	TypeGateway    = "ehds_gateway"
	TypeHDAB       = "ehds_hdab"
)

// GatewayMetadata is the ehds_gateway metadata (wire profile §1).
type GatewayMetadata struct {
	ExchangeEndpoint string            `json:"exchange_endpoint"`
	JWKS             forge.JWKS        `json:"jwks"`
	Country          string            `json:"country"`
	Profiles         []string          `json:"profiles"`
	MessageTypes     []string          `json:"message_types"`
	SigningAlgs      []string          `json:"signing_alg_values_supported"`
	MaxMessageBytes  int64             `json:"max_message_bytes,omitempty"`
	EvidenceLog      *EvidenceLog      `json:"evidence_log,omitempty"`
	DisplayName      map[string]string `json:"display_name,omitempty"`
}

// EvidenceLog says where an entity's receipts are provable.
type EvidenceLog struct {
	Origin    string   `json:"origin"`
	VKeys     []string `json:"vkeys"`
	Witnesses []string `json:"witnesses"`
}

// hdabMetadata is the part of ehds_hdab metadata in use.
type hdabMetadata struct {
	JWKS forge.JWKS `json:"jwks"`
}

// Errors about a peer's role.
var (
	// ErrNoMark means that a peer holds none of the marks asked for.
	ErrNoMark = errors.New("roles: no such mark")
	// ErrSuspended means that its mark is suspended (Art. 75(12)).
	ErrSuspended = errors.New("roles: mark suspended")
	// ErrUnavailable means that the answer is not known now.
	ErrUnavailable = errors.New("roles: cannot be told now")
)

// Mark is a role mark that held, with its status as the anchor last told.
type Mark struct {
	Name    ehds.Mark
	Expires time.Time
	Status  forge.MarkStatus // "" before the anchor has answered once
	Asked   time.Time

	token string
}

// Peer is an entity whose chain to the pinned anchor held.
type Peer struct {
	ID      string
	Expires time.Time        // of the chain
	Gateway *GatewayMetadata // nil when it is no gateway
	HDAB    forge.JWKS       // permit keys; empty when it is no health data access body
	Country string           // as its superiors state it; empty when it is neither
	Marks   []Mark

	chain []string // leaf first, anchor last
	leaf  *forge.Statement
}

// markGrace is how long the anchor's last word on a mark counts (wire profile §1).
const markGrace = time.Hour

// Holds says whether the peer may act under one of the marks at a time.
func (p *Peer) Holds(at time.Time, names ...ehds.Mark) error {
	worst := ErrNoMark
	for _, m := range p.Marks {
		if !slices.Contains(names, m.Name) || !at.Before(m.Expires) {
			continue
		}
		switch {
		case m.Status == "" || at.Sub(m.Asked) > markGrace:
			if worst == ErrNoMark {
				worst = ErrUnavailable
			}
		case m.Status == forge.MarkActive:
			return nil
		case m.Status == forge.MarkSuspended:
			worst = ErrSuspended
		}
	}
	return worst
}

// describe fills in what the leaf's metadata says; who it is, identify decides.
func (p *Peer) describe(metadata map[string]json.RawMessage) error {
	if raw, ok := metadata[TypeGateway]; ok {
		p.Gateway = &GatewayMetadata{}
		if err := forge.DecodeKnown(raw, p.Gateway); err != nil {
			return fmt.Errorf("%w: gateway metadata: %w", ErrChain, err)
		}
	}
	if raw, ok := metadata[TypeHDAB]; ok {
		var m hdabMetadata
		if err := forge.DecodeKnown(raw, &m); err != nil {
			return fmt.Errorf("%w: body metadata: %w", ErrChain, err)
		}
		p.HDAB = m.JWKS
	}
	return nil
}

// maxMarks bounds the role marks read from one configuration.
const maxMarks = 16

// readMarks keeps the anchor's role marks about the leaf; marks of others are not ours to judge.
func (p *Peer) readMarks(anchor string, keys forge.JWKS) {
	prefix := forge.MarkType(anchor, "")
	for _, entry := range p.leaf.TrustMarks {
		name, ours := strings.CutPrefix(entry.Type, prefix)
		if !ours || len(p.Marks) == maxMarks {
			continue
		}
		m, err := forge.ParseMark(entry.Mark, keys)
		if err != nil || m.Iss != anchor || m.Sub != p.ID || m.Type != entry.Type {
			continue
		}
		p.Marks = append(p.Marks, Mark{Name: ehds.Mark(name), Expires: time.Unix(m.Exp, 0), token: entry.Mark})
	}
}

// LogOf is where the peer's receipts are provable.
func (p *Peer) LogOf() forge.LogOf {
	if p.Gateway == nil || p.Gateway.EvidenceLog == nil {
		return forge.LogOf{}
	}
	return forge.LogOf{Origin: p.Gateway.EvidenceLog.Origin, VKeys: p.Gateway.EvidenceLog.VKeys}
}

// Hears lists the types a role is sent, responses to its own included: what its metadata lists.
func Hears(mark ehds.Mark) []ehds.MessageType {
	in, out := ehds.Down, ehds.Up
	if mark == ehds.MarkCentralPlatform {
		in, out = ehds.Up, ehds.Down
	}
	var list []ehds.MessageType
	for _, r := range ehds.TypeRules() {
		across := mark == ehds.MarkNCP && r.Across != 0
		if r.Directions&in != 0 || across {
			list = append(list, r.Type)
		}
		if r.Answered && (r.Directions&out != 0 || across) {
			list = append(list, r.Type.Response())
		}
	}
	return list
}
