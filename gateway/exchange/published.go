package exchange

import (
	"encoding/json"
	"time"

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

// publicationStep moves a publication when the message it waits for moves on; ok is false when it does
// not.
type publicationStep func(p catalogue.Publication, ref string, at time.Time) (_ catalogue.Publication, ok bool)

// steppedPublication is the case document after a row moved on; nil leaves the document.
func steppedPublication(s store.State, row store.Outbox, steps []publicationStep) []byte {
	if len(steps) == 0 || !tellsDataset(row) {
		return nil
	}
	p, ok := publicationIn(s)
	if !ok {
		return nil
	}
	moved := false
	for _, step := range steps {
		if next, ok := step(p, row.Jti, s.Now); ok {
			p, moved = next, true
		}
	}
	if !moved {
		return nil
	}
	return mustJSON(p)
}

// failedDoc is the case document after a row was given up; nil leaves the document.
func failedDoc(s store.State, row store.Outbox, reason string) []byte {
	if f, ok := ReadFiled(s.Doc); ok && row.Channel == store.ChannelCentral && row.Target == f.To {
		next := f.Undelivered(row.Jti, reason, s.Now)
		return mustJSON(FiledDoc{&next})
	}
	if f, ok := ReadForwarded(s.Doc); ok && row.Jti == f.Message {
		next := f.undelivered(reason, s.Now)
		return mustJSON(ForwardedDoc{&next})
	}
	return failedPublication(s, row, reason)
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
