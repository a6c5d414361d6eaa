package connectortest

import (
	"context"
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
)

func TestMailbox(t *testing.T) {
	ctx := t.Context()
	var m Mailbox
	if _, ok, err := m.Get(ctx, "a"); ok || err != nil {
		t.Fatalf("an empty mailbox: %v %v", ok, err)
	}
	value := []byte("one")
	if err := m.Batch(ctx, []connectors.Mail{{Key: "p/1", Value: value}, {Key: "p/2", Case: "app:x"}, {Key: "q/1"}}, nil); err != nil {
		t.Fatal(err)
	}
	value[0] = 'X'
	got, ok, err := m.Get(ctx, "p/1")
	if !ok || err != nil || string(got) != "one" {
		t.Errorf("Get = %q %v %v", got, ok, err)
	}
	got[0] = 'X'
	page, err := m.Scan(ctx, "p/", "", 1)
	if err != nil || len(page) != 1 || page[0].Key != "p/1" || string(page[0].Value) != "one" {
		t.Errorf("first page %v %v", page, err)
	}
	page, err = m.Scan(ctx, "p/", "p/1", 5)
	if err != nil || len(page) != 1 || page[0].Key != "p/2" || page[0].Case != "app:x" {
		t.Errorf("second page %v %v", page, err)
	}
	full := errors.New("full")
	m.FailBatches(full)
	if err := m.Batch(ctx, []connectors.Mail{{Key: "p/3"}}, []string{"p/1"}); !errors.Is(err, full) || len(m.Mails()) != 3 {
		t.Errorf("a failed batch: %v, %d mails", err, len(m.Mails()))
	}
	m.FailBatches(nil)
	if err := m.Batch(ctx, nil, []string{"p/1"}); err != nil || len(m.Mails()) != 2 {
		t.Errorf("deleting: %v, %d mails", err, len(m.Mails()))
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := m.Get(cancelled, "q/1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
