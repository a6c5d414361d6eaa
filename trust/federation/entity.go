package federation

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Entity types of the wire profile §1.
const (
	TypeFederationEntity = "federation_entity"
	TypeGateway          = "ehds_gateway"
	TypeHDAB             = "ehds_hdab"
)

// Entity is a participant whose chain to a pinned anchor held when it was resolved. Its keys and
// metadata are those after every policy and constraint of the chain.
type Entity struct {
	ID      string
	Anchor  string   // entity identifier of the anchor the chain ends at
	Chain   []string // the statements, leaf first, anchor's configuration last
	Expires time.Time
	Gateway *GatewayMetadata // nil when the entity is no gateway
	HDAB    *HDABMetadata    // nil when the entity is no health data access body
	Marks   []TrustMark      // verified role marks

	// Metadata is all the resolved metadata, by entity type; Gateway and HDAB are read from it.
	Metadata map[string]json.RawMessage
}

// GatewayMetadata is the ehds_gateway metadata.
type GatewayMetadata struct {
	ExchangeEndpoint   string            `json:"exchange_endpoint"`
	Keys               jose.KeySet       `json:"jwks"`
	Country            string            `json:"country"` // as every superior states it, see Identity
	Profiles           []string          `json:"profiles"`
	MessageTypes       []string          `json:"message_types"`
	SigningAlgs        []string          `json:"signing_alg_values_supported"`
	SealingAlgs        []string          `json:"sealing_alg_values_supported,omitempty"`
	MaxMessageBytes    int64             `json:"max_message_bytes,omitempty"`
	HistoricalEndpoint string            `json:"historical_keys_endpoint,omitempty"`
	EvidenceLog        *EvidenceLog      `json:"evidence_log,omitempty"`
	Contacts           []string          `json:"contacts,omitempty"`
	DisplayName        map[string]string `json:"display_name,omitempty"`
}

// EvidenceLog is where an entity's receipts are provable.
type EvidenceLog struct {
	Origin    string   `json:"origin"`
	VKeys     []string `json:"vkeys"` // C2SP verifier keys
	Witnesses []string `json:"witnesses,omitempty"`
}

// HDABMetadata is the ehds_hdab metadata.
type HDABMetadata struct {
	Keys               jose.KeySet       `json:"jwks"` // permit keys: they sign permits and status lists only
	StatusListEndpoint string            `json:"status_list_endpoint,omitempty"`
	HistoricalEndpoint string            `json:"historical_keys_endpoint,omitempty"`
	Country            string            `json:"country"`             // see Identity
	Code               string            `json:"hdab_code,omitempty"` // see Identity
	DisplayName        map[string]string `json:"display_name,omitempty"`
}

// MarkStatus is the state of a trust mark as its issuer last told.
type MarkStatus string

// Mark states. Only MarkActive allows anything.
const (
	MarkActive    MarkStatus = "active"
	MarkSuspended MarkStatus = "suspended" // our value, for Art. 75(12)
	MarkExpired   MarkStatus = "expired"
	MarkRevoked   MarkStatus = "revoked"
	MarkInvalid   MarkStatus = "invalid"
	MarkUnknown   MarkStatus = "unknown" // the issuer could not be asked within the grace period
)

// TrustMark is a verified role mark.
type TrustMark struct {
	Type    string // {anchor}/marks/{name}
	Name    string // last segment: "ncp", "central-platform", …
	Issuer  string
	Expires time.Time
	Status  MarkStatus
	Checked time.Time // when Status was last told by the issuer

	token string // the mark itself, to ask its issuer about
}
