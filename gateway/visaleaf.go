package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// visaLeaf is what the log commits to when visas are handed out (wire profile §7, operator action).
// It names a person, so it is kept under the key of the permit's case, and goes with it.
type visaLeaf struct {
	Action   string    `json:"action"`
	At       time.Time `json:"at"`
	Permit   string    `json:"permit"`
	Person   string    `json:"person"`
	Subject  string    `json:"subject"`
	Audience string    `json:"audience,omitempty"`
	Visas    []string  `json:"visas_sha256"` // hex SHA-256 of each token, in the order they were handed out
}

// logVisas puts visas on record in the case of their permit.
func (g *Gateway) logVisas(ctx context.Context, caseID string, r VisaRequest, made permits.Visas) error {
	leaf := visaLeaf{Action: "visas-minted", Permit: made.Permit, Person: r.Person, Subject: r.Subject, Audience: r.Audience}
	for _, v := range made.Visas {
		sum := sha256.Sum256([]byte(v))
		leaf.Visas = append(leaf.Visas, hex.EncodeToString(sum[:]))
	}
	_, err := g.record.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		leaf := leaf
		leaf.At = s.Now
		material, err := json.Marshal(leaf)
		return store.Change{Leaves: []store.NewLeaf{{Class: evidence.ClassOperator, Material: material}}}, err
	})
	return err
}
