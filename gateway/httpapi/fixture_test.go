package httpapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const (
	ncp    = "https://ncp.example"
	centre = "https://centre.example"
)

var now = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// buffer is a log for many writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// fake is a receiver that notes what reaches it.
type fake struct {
	reply exchange.Reply
	raw   string
	parts []string
	err   error
	hook  func()
}

func (f *fake) Receive(_ context.Context, raw []byte, parts exchange.Parts) exchange.Reply {
	if f.hook != nil {
		f.hook()
	}
	f.raw, f.parts, f.err = string(raw), nil, nil
	for {
		id, r, err := parts.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			f.err = err
			break
		}
		body, err := io.ReadAll(r)
		if err != nil {
			f.err = err
			break
		}
		f.parts = append(f.parts, id+"="+string(body))
	}
	if f.reply.Receipt == "" && f.reply.Fault == nil {
		return exchange.Reply{Receipt: "a.b.c", Status: ehds.Received, Type: ehds.ApplicationSubmit}
	}
	return f.reply
}

func endpoint(r Receiver) (*Exchange, *buffer) {
	logs := &buffer{}
	return &Exchange{
		Receiver: r, Limits: exchange.Limits{MaxToken: 64 << 10, MaxAttachments: 3, MaxAttachmentBytes: 1 << 20}, Deadline: time.Minute,
		Clock: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: telemetry.NewMetrics(), Slots: make(chan struct{}, 4),
	}, logs
}

// entities is a federation of two.
type entities map[string]*federation.Entity

func (e entities) Resolve(_ context.Context, id string, _ []string) (*federation.Entity, error) {
	if x, ok := e[id]; ok {
		return x, nil
	}
	return nil, federation.ErrUnknownIssuer
}

func (e entities) Refresh(ctx context.Context, id string) (*federation.Entity, error) {
	return e.Resolve(ctx, id, nil)
}

// realInbox is an inbox over a record of its own, and the centre's key.
func realInbox(t testing.TB) (*exchange.Inbox, *store.Record) {
	t.Helper()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	record, err := store.Open(t.Context(), store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: filepath.Join(t.TempDir(), "record")}), Origin: "ncp.example/log", LogSigner: signer,
		RecordKey: make([]byte, store.RecordKeySize), Clock: clock, Rand: rand.Reader, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = record.Close() })
	schemas, err := exchange.CompileSchemas()
	if err != nil {
		t.Fatal(err)
	}
	known := entities{centre: {
		ID: centre, Gateway: &federation.GatewayMetadata{Keys: trusttest.KeySet(trusttest.Key(centre))},
		Marks: []federation.TrustMark{{Name: string(ehds.MarkCentralPlatform), Status: federation.MarkActive, Expires: now.Add(time.Hour)}},
	}}
	compose := exchange.Composer{Entity: ncp, Profile: ehds.ProfileR8, Rand: rand.Reader}
	router := exchange.NewRouter("FR", []exchange.HDAB{{Entity: ncp + "/hdab/a", Code: "AAA"}})
	apps := &exchange.Applications{Rules: access.Rules{}, Router: router, Compose: compose, Systems: exchange.Systems{Default: "desk"}}
	return &exchange.Inbox{
		Entity: ncp, Verifier: trust.NewVerifier(known, clock), Record: record, Schemas: schemas, Handlers: apps.Handlers(), Compose: compose,
		Signer: trust.NewSigner(trust.KeyringFunc(func() (jose.SigningKey, error) { return trusttest.Key(ncp), nil })),
		Limits: exchange.Limits{MaxToken: 64 << 10, MaxAttachments: 3, MaxAttachmentBytes: 1 << 20}, Clock: clock, Logger: log,
		Refusals: exchange.NewRefusalLimiter(1e9, 1<<30),
	}, record
}

// submission is an application.submit of the centre with attachments, under a number in its case.
func submission(t testing.TB, seq int64, list ...ehds.Attachment) string {
	t.Helper()
	id := exchange.Composer{Rand: rand.Reader}.NewID()
	body, err := json.Marshal(ehds.ApplicationBody{
		ApplicationID: "A1", Kind: ehds.DataAccessApplication, Version: 1, Title: "CANARY", Language: "en", DateSubmitted: "2027-03-01T09:00:00Z",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds", Country: "FR"}}, Form: map[string]json.RawMessage{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return trusttest.Sign(t, trusttest.Key(centre), ehds.TypMessage, ehds.Envelope{
		Iss: centre, Aud: ncp, Iat: now.Unix(), Exp: now.Unix() + 3600, Jti: id, Type: ehds.ApplicationSubmit, Profile: ehds.ProfileR8,
		Case: "app:A1", Seq: seq, Body: body, Attachments: list,
	})
}

// silent answers nothing.
type silent struct{}

func (silent) Receive(context.Context, []byte, exchange.Parts) exchange.Reply {
	return exchange.Reply{}
}

// told is a receiver that tells what it met.
type told struct {
	*fake
	tell func(exchange.Reply, error)
}

func receiverFunc(tell func(exchange.Reply, error), f *fake) Receiver { return told{f, tell} }

func (r told) Receive(ctx context.Context, raw []byte, parts exchange.Parts) exchange.Reply {
	reply := r.fake.Receive(ctx, raw, parts)
	r.tell(reply, r.fake.err)
	return reply
}
