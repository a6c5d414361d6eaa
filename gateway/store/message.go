package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// claim records an inbound message under (iss, jti) with its leaf, or returns *DuplicateError.
func (w *writing) claim(in *Inbound) (Message, error) {
	if in.Iss == "" || in.Jti == "" || !in.Class.Known() {
		return Message{}, fmt.Errorf("%w: a message has iss, jti and a class", ErrChange)
	}
	file, key, err := w.filing(in)
	if err != nil {
		return Message{}, err
	}
	sealed, err := key.seal(w.rand, place("message", in.Iss, in.Jti), pack(in.Claims, in.Problem))
	if err != nil {
		return Message{}, err
	}
	var no int64
	ok, err := w.s.one(w.ctx, "INSERT INTO message (no, iss, jti, case_no, type, seq, class, digest, token_sha256, rejected, held,"+
		" received_at, leaf, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"+
		" ON CONFLICT (iss, jti) DO NOTHING RETURNING no",
		[]any{w.tip.nextMessage, in.Iss, in.Jti, w.file.no, in.Type, in.Seq, string(in.Class), in.Digest, in.TokenSHA256,
			flag(in.Rejected), flag(in.Held), w.now.UnixMicro(), w.tip.tree.size, sealed}, &no)
	if err != nil {
		return Message{}, err
	}
	if !ok {
		return Message{}, w.duplicate(in.Iss, in.Jti)
	}
	w.tip.nextMessage++
	w.tip.counts.Messages++
	ref, err := w.leaf(file.no, key, in.Class, []byte(in.Token))
	if err != nil {
		return Message{}, err
	}
	if err := w.bind(w.file.no, in.Blobs); err != nil {
		return Message{}, err
	}
	for attachment, blob := range in.Blobs {
		if _, err := w.s.exec(w.ctx, "INSERT INTO message_blob (message_no, attachment, blob_id) VALUES ($1, $2, $3)",
			no, attachment, blob); err != nil {
			return Message{}, err
		}
	}
	return Message{Inbound: *in, Case: w.file.id, ReceivedAt: w.now, Leaf: ref}, nil
}

// filing is the case that keeps the content of a message, and its key.
func (w *writing) filing(in *Inbound) (caseRow, *caseKey, error) {
	switch {
	case in.Filed == "":
		return w.file, w.key, nil
	case caseIdentifier(in.Filed) || in.Filed == w.file.id || w.file.personal || !in.Rejected:
		return caseRow{}, nil, fmt.Errorf("%w: a message cannot be filed there", ErrChange)
	}
	return w.ensureCase(in.Filed)
}

// duplicate reads what is stored. A message of this very group has its tree size once the group is
// committed.
func (g *group) duplicate(iss, jti string) error {
	m, ok, err := g.view.message(g.ctx, iss, jti)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: a claim without its message", ErrCorrupt)
	}
	dup := &DuplicateError{Stored: m}
	if !m.Erased && m.Leaf.Size == 0 {
		g.fixups = append(g.fixups, func() { dup.Stored.Leaf.Size = g.tip.tree.size })
	}
	return dup
}

// messageRow is a message as stored. fileNo, personal and erased are those of the case its leaf is
// listed in, which keeps its content.
type messageRow struct {
	no, caseNo, fileNo int64
	personal, erased   bool
	leaf, size         sql.NullInt64
	sealed             []byte
	receipt, material  []byte
	m                  Message
	class              string
	received           int64
}

const messageQuery = "SELECT m.no, m.iss, m.jti, m.type, m.seq, m.class, m.digest, m.token_sha256, m.rejected, m.held," +
	" m.received_at, m.leaf, m.sealed, m.receipt, c.no, c.id, coalesce(f.no, 0), coalesce(f.id, ''), coalesce(f.personal, 1), coalesce(f.erased, 1), l.sealed," +
	" (SELECT min(p.size) FROM checkpoint p WHERE p.size > m.leaf)" +
	" FROM message m JOIN case_file c ON c.no = m.case_no LEFT JOIN leaf_material l ON l.idx = m.leaf" + filedIn

// filedIn joins the case that keeps the content of message m; none once it was erased.
const filedIn = " LEFT JOIN leaf k ON k.idx = m.leaf LEFT JOIN case_file f ON f.no = k.case_no"

func scanMessage(scan func(...any) error) (messageRow, error) {
	var r messageRow
	var held int64 // 1 waits, 2 waited once
	var filed string
	err := scan(&r.no, &r.m.Iss, &r.m.Jti, &r.m.Type, &r.m.Seq, &r.class, &r.m.Digest, &r.m.TokenSHA256, &r.m.Rejected, &held,
		&r.received, &r.leaf, &r.sealed, &r.receipt, &r.caseNo, &r.m.Case, &r.fileNo, &filed, &r.personal, &r.erased, &r.material, &r.size)
	r.m.Held, r.m.WasHeld = held == 1, held != 0
	if r.fileNo != 0 && r.fileNo != r.caseNo {
		r.m.Filed = filed
	}
	r.m.Class, r.m.ReceivedAt = evidence.Class(r.class), micros(r.received)
	return r, err
}

func (v view) message(ctx context.Context, iss, jti string) (Message, bool, error) {
	list, err := v.messages(ctx, messageQuery+" WHERE m.iss = $1 AND m.jti = $2", iss, jti)
	if err != nil || len(list) == 0 {
		return Message{}, false, err
	}
	return list[0], true, nil
}

func (v view) messages(ctx context.Context, query string, args ...any) ([]Message, error) {
	var rows []messageRow
	err := v.s.each(ctx, query, args, func(scan func(...any) error) error {
		r, err := scanMessage(scan)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []Message
	for _, r := range rows {
		m, err := v.openMessage(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// openMessage opens what is sealed and reads the blob references.
func (v view) openMessage(ctx context.Context, r messageRow) (Message, error) {
	m := r.m
	key, err := v.keyOf(ctx, r.fileNo, r.personal, r.erased)
	if errors.Is(err, ErrErased) {
		m.Erased, m.Case, m.Filed, m.TokenSHA256 = true, "", "", ""
		return m, nil
	}
	if err != nil {
		return m, err
	}
	body, err := key.open(place("message", m.Iss, m.Jti), r.sealed)
	if err != nil {
		return m, err
	}
	fields, err := unpack(body, 2)
	if err != nil {
		return m, err
	}
	m.Claims, m.Problem = fields[0], fields[1]
	receipt, err := key.open(place("receipt", m.Iss, m.Jti), r.receipt)
	if err != nil {
		return m, err
	}
	m.Receipt = string(receipt)
	m.Leaf = LeafRef{Index: r.leaf.Int64, Size: r.size.Int64}
	salt, material, err := openMaterial(key, r.leaf.Int64, r.material)
	if err != nil {
		return m, err
	}
	m.Leaf.Salt, m.Token = salt, string(material)
	m.Blobs, err = v.messageBlobs(ctx, r.no)
	return m, err
}

// openMaterial splits what a leaf commits to into salt and token or record.
func openMaterial(key *caseKey, index int64, sealed []byte) (salt, material []byte, err error) {
	plain, err := key.open(place("leaf", index), sealed)
	if err != nil {
		return nil, nil, err
	}
	if len(plain) < evidence.SaltSize {
		return nil, nil, fmt.Errorf("%w: leaf %d has no salt", ErrCorrupt, index)
	}
	return plain[:evidence.SaltSize:evidence.SaltSize], plain[evidence.SaltSize:], nil
}

func (v view) messageBlobs(ctx context.Context, no int64) (map[string]string, error) {
	var out map[string]string
	err := v.s.each(ctx, "SELECT attachment, blob_id FROM message_blob WHERE message_no = $1", []any{no},
		func(scan func(...any) error) error {
			var attachment, blob string
			err := scan(&attachment, &blob)
			if out == nil {
				out = map[string]string{}
			}
			out[attachment] = blob
			return err
		})
	return out, err
}

// Message implements Reader. A receipt that is still waiting for its commit is shown too.
func (r *Record) Message(ctx context.Context, iss, jti string) (Message, bool, error) {
	// The book is asked first: a receipt leaves it only after its commit.
	waiting := r.receipts.get(MessageRef{iss, jti})
	m, ok, err := r.view.message(ctx, iss, jti)
	if ok && !m.Erased && m.Receipt == "" {
		m.Receipt = waiting
	}
	return m, ok, err
}
