package exchange

import (
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// tellsDataset says whether a row carries a description, or its removal, to the centre.
func tellsDataset(row store.Outbox) bool {
	switch ehds.MessageType(row.Type) {
	case ehds.DatasetCreate, ehds.DatasetUpdate, ehds.DatasetDelete:
		return true
	}
	return false
}

// publicationIn reads the publication a case holds.
func publicationIn(s store.State) (p catalogue.Publication, ok bool) {
	return p, s.Doc != nil && json.Unmarshal(s.Doc, &p) == nil
}

// failedPublication is the case document after a row was given up; nil leaves the document.
func failedPublication(s store.State, row store.Outbox, reason string) []byte {
	if !tellsDataset(row) {
		return nil
	}
	p, ok := publicationIn(s)
	if !ok || p.Waiting != row.Jti {
		return nil
	}
	return mustJSON(p.Failed(row.Jti, reason, s.Now))
}
