package conformance

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// NewID is a fresh application id: 24 hex digits, as on the wire.
func (t *T) NewID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Stamp is a time as it travels.
func Stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

// CentralID is what the centre calls a dataset of the target's nation.
func (t *T) CentralID(identifier string) string {
	return peer.CentralID(ehds.DatasetCase(lab.Country, identifier).String())
}

// Application is a complete application for one dataset of the target's nation, altered by change. Every
// name in it is synthetic and carries the run id.
func (t *T) Application(change func(*ehds.ApplicationBody)) ehds.ApplicationBody {
	b := ehds.ApplicationBody{
		ApplicationID: t.NewID(), Kind: ehds.DataAccessApplication, Version: 1, Title: "Conformance " + t.RunID, Language: "en",
		DateSubmitted: Stamp(t.Now()), User: "user-" + t.RunID,
		Datasets: []ehds.ApplicationDataset{{DatasetID: t.CentralID(BaseDatasetA), CatalogID: "national", Country: lab.Country}},
		Form:     map[string]json.RawMessage{},
	}
	for section, content := range accessForm {
		b.Form[section] = json.RawMessage(content)
	}
	if change != nil {
		change(&b)
	}
	return b
}

// ResponseOf reads the body of a business response; what cannot be read has no result.
func ResponseOf(r peer.Received) ehds.ResponseBody {
	var b ehds.ResponseBody
	_ = json.Unmarshal(r.Env.Body, &b) // an empty result fails every comparison
	return b
}
