package trusttest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Entity is a member of the federation. Its methods are safe for concurrent use; its keys are
// replaced by Rotate only.
type Entity struct {
	ID         string
	Federation jose.SigningKey // signs statements
	Exchange   jose.SigningKey // signs messages and receipts; of gateways
	Permit     jose.SigningKey // signs permits and status lists; of bodies

	f         *Federation
	superior  *Entity
	country   string
	hdabCode  string
	exchanges []jose.SigningKey // published
	permits   []jose.SigningKey // published
	marks     map[string]federation.MarkStatus
	down      bool
	disowned  bool

	editConfiguration, editStatement func(*federation.Claims)
}

// Country is what the entity's metadata names.
func (e *Entity) Country() string { return e.country }

// Sign signs claims as the entity: with the permit key when it is a body, else with the exchange key.
func (e *Entity) Sign(typ string, claims any) string {
	e.f.t.Helper()
	return Sign(e.f.t, e.active(), typ, claims)
}

// SignWithChain is Sign with the entity's trust chain, as it stands now, in the header.
func (e *Entity) SignWithChain(typ string, claims any) string {
	e.f.t.Helper()
	return Sign(e.f.t, e.active(), typ, claims, e.Chain()...)
}

func (e *Entity) active() jose.SigningKey {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	switch {
	case e.Permit.Signer != nil:
		return e.Permit
	case e.Exchange.Signer != nil:
		return e.Exchange
	}
	return e.Federation
}

// SigningKey gives the key that signs now, so that an Entity serves as the keyring of a trust.Signer.
func (e *Entity) SigningKey() (jose.SigningKey, error) { return e.active(), nil }

// Rotate gives the entity a new exchange and permit key, published and active at once. The old keys
// stay published when keep is true; otherwise they are dropped, as revoked ones are.
func (e *Entity) Rotate(keep bool) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	next := func(list []jose.SigningKey, purpose string) []jose.SigningKey {
		k := Key(fmt.Sprintf("%s %s after %s", e.ID, purpose, list[len(list)-1].Kid))
		if !keep {
			list = nil
		}
		return append(list, k)
	}
	if len(e.exchanges) > 0 {
		e.exchanges = next(e.exchanges, "exchange")
		e.Exchange = e.exchanges[len(e.exchanges)-1]
	}
	if len(e.permits) > 0 {
		e.permits = next(e.permits, "permit")
		e.Permit = e.permits[len(e.permits)-1]
	}
}

// Publish adds an exchange key of a gateway, or a permit key of a body, beside those it has; what signs
// does not change.
func (e *Entity) Publish(k jose.SigningKey) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	if e.Permit.Signer != nil {
		e.permits = append(e.permits, k)
		return
	}
	e.exchanges = append(e.exchanges, k)
}

// Mark gives the entity a role mark of the anchor, or sets its status.
func (e *Entity) Mark(name string, status federation.MarkStatus) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.marks[name] = status
}

// MarkStatus is the status of a mark, empty when the entity has none of that name.
func (e *Entity) MarkStatus(name string) federation.MarkStatus {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	return e.marks[name]
}

// MarkToken is a mark of the entity made by the anchor now, for seven days.
func (e *Entity) MarkToken(name string) string {
	now := e.f.Clock.Now()
	return Sign(e.f.t, e.f.Anchor.Federation, federation.TypMark, map[string]any{
		"iss": AnchorID, "sub": e.ID, "trust_mark_type": federation.MarkType(AnchorID, name),
		"iat": now.Unix(), "exp": now.Add(7 * 24 * time.Hour).Unix(),
	})
}

// Down makes the entity's host unreachable, or reachable again. A resolver that found it down waits
// 30 seconds before it tries again.
func (e *Entity) Down(down bool) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.down = down
}

// Disown makes the superior stop vouching for the entity.
func (e *Entity) Disown() {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.disowned = true
}

// EditConfiguration changes the entity's own statement before it is signed; nil ends that.
func (e *Entity) EditConfiguration(edit func(*federation.Claims)) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.editConfiguration = edit
}

// EditStatement changes the superior's statement about the entity before it is signed; nil ends that.
func (e *Entity) EditStatement(edit func(*federation.Claims)) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.editStatement = edit
}

func (e *Entity) isDown() bool {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	return e.down
}

func (e *Entity) isDisowned() bool {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	return e.disowned
}

// metadata is the entity's metadata by type; Federation.mu is held.
func (e *Entity) metadata() map[string]json.RawMessage {
	md := map[string]any{federation.TypeFederationEntity: federation.FederationMetadata{
		FetchEndpoint: e.ID + fetchPath, MarkEndpoint: e.ID + markPath, MarkStatusEndpoint: e.ID + statusPath,
	}}
	if len(e.exchanges) > 0 {
		md[federation.TypeGateway] = federation.GatewayMetadata{
			ExchangeEndpoint: e.ID + "/exchange", Keys: KeySet(e.exchanges...), Country: e.country,
			Profiles: []string{"hdeu-r6"}, SigningAlgs: []string{"Ed25519"},
		}
	}
	if len(e.permits) > 0 {
		md[federation.TypeHDAB] = federation.HDABMetadata{
			Keys: KeySet(e.permits...), Country: e.country, Code: e.hdabCode, StatusListEndpoint: e.ID + "/status",
		}
	}
	return rawMetadata(md)
}

// stated is what the superior states about the entity; Federation.mu is held. About an intermediate
// it is the country of what stands below.
func (e *Entity) stated() map[string]json.RawMessage {
	md := map[string]any{}
	if len(e.exchanges) > 0 || len(e.permits) == 0 && e.country != "" {
		md[federation.TypeGateway] = federation.Identity{Country: e.country}
	}
	if len(e.permits) > 0 {
		md[federation.TypeHDAB] = federation.Identity{Country: e.country, Code: e.hdabCode}
	}
	return rawMetadata(md)
}

func rawMetadata(metadata map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, v := range metadata {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // plain structs
		}
		out[name] = raw
	}
	return out
}

// settle gives the entity its country, and the intermediates above it that have none.
func (e *Entity) settle(country string) {
	e.f.mu.Lock()
	defer e.f.mu.Unlock()
	e.country = country
	for s := e.superior; s != nil && s != e.f.Anchor && s.country == ""; s = s.superior {
		s.country = country
	}
}
