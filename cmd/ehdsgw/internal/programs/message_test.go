package programs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"time"

	"crypto/sha256"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// message is one message of the centre to the gateway, with every attempt to send it.
type message struct {
	env        ehds.Envelope
	attachment []byte
	tokens     []string
	original   string // the receipt that says RECEIVED, verbatim; "" before the acknowledgement
	unanswered int    // attempts without an answer
	first      bool   // the answer said RECEIVED itself, not DUPLICATE
	final      ehds.Receipt
}

func (m *message) acknowledged() bool { return m.original != "" }

// answer is what one attempt led to.
type answer struct {
	status  int
	receipt string
	outer   ehds.Receipt // zero without receipt
	final   ehds.Receipt
}

// errAnswer is an answer that breaks the profile, other than no answer at all.
var errAnswer = errors.New("the answer does not hold")

func newApplication(c *centre) string {
	id := make([]byte, 12)
	if _, err := rand.Read(id); err != nil {
		c.w.t.Error(err)
	}
	return hex.EncodeToString(id)
}

func (c *centre) message(t ehds.MessageType, application string, seq int64, body any) *message {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain structs
	}
	return &message{env: ehds.Envelope{
		Iss: c.entity, Aud: c.w.entity, Jti: uuid.Must(uuid.NewV7()).String(), Type: t, Profile: ehds.ProfileR8,
		Case: ehds.ApplicationCase(application).String(), Seq: seq, Body: raw,
	}}
}

func application(id string, version int) ehds.ApplicationBody {
	return ehds.ApplicationBody{
		ApplicationID: id, Kind: ehds.DataAccessApplication, Version: version, Title: "Time to treatment", Language: "en",
		DateSubmitted: time.Now().UTC().Format(time.RFC3339Nano), User: "applicant-1",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "https://data.example.org/dataset/1", CatalogID: "national", Country: "FR"}},
		Form: map[string]json.RawMessage{
			"section2": json.RawMessage(`{"projectName":"TREAT-TIME","purposeForWhichDataWillBeUsed":[{"key":"e","value":"research"}]}`),
		},
	}
}

// submission is the first message of a case; size is that of its attachment, 0 for none.
func (c *centre) submission(id string, size int) *message {
	m := c.message(ehds.ApplicationSubmit, id, 1, application(id, 1))
	if size > 0 {
		m.attachment = make([]byte, size)
		_, _ = rand.Read(m.attachment) // never fails
		sum := sha256.Sum256(m.attachment)
		m.env.Attachments = []ehds.Attachment{{
			ID: "att-1", Name: "research plan.bin", MediaType: "application/octet-stream", Size: int64(size), SHA256: hex.EncodeToString(sum[:]),
		}}
	}
	return m
}

func (c *centre) amendment(id string, seq int64) *message {
	return c.message(ehds.ApplicationAmended, id, seq, application(id, 2))
}

func (c *centre) withdrawal(id string, seq int64) *message {
	return c.message(ehds.ApplicationWithdraw, id, seq, ehds.WithdrawBody{
		ApplicationID: id, Date: time.Now().UTC().Format(time.RFC3339Nano), Reason: "no longer needed",
	})
}

// attempt signs the message anew.
func (c *centre) attempt(m *message) (string, error) {
	now := time.Now()
	m.env.Iat, m.env.Exp = now.Unix(), now.Add(time.Hour).Unix()
	token, err := forge.Sign(c.key, ehds.TypMessage, m.env)
	if err == nil {
		m.tokens = append(m.tokens, token)
	}
	return token, err
}

// send makes one attempt and checks the answer in full.
func (c *centre) send(ctx context.Context, hc *http.Client, m *message) (answer, error) {
	token, err := c.attempt(m)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errAnswer, err)
	}
	a, err := c.post(ctx, hc, token, m)
	if err != nil || a.receipt == "" {
		return a, err
	}
	a.outer, a.final, err = forge.CheckReceipt(a.receipt, forge.Sent{
		Jti: m.env.Jti, From: c.entity, To: c.w.entity, Tokens: m.tokens, Attachments: m.env.Attachments,
	}, c.w.keys, c.w.log, time.Now())
	if err != nil {
		return a, fmt.Errorf("%w: %w", errAnswer, err)
	}
	return a, nil
}

// post sends a token, with the message's attachment when it has one. An error other than errAnswer
// means that no complete answer came.
func (c *centre) post(ctx context.Context, hc *http.Client, token string, m *message) (answer, error) {
	body, media := []byte(token), roles.MediaMessage
	if len(m.attachment) > 0 {
		body, media = related(token, m)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.w.entity+"/exchange", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", media)
	resp, err := hc.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode}
	if resp.Header.Get("Content-Type") == roles.MediaReceipt {
		a.receipt = string(raw)
	} else if resp.StatusCode != http.StatusServiceUnavailable && resp.StatusCode != http.StatusTooManyRequests {
		return a, fmt.Errorf("%w: %s without a receipt: %.200s", errAnswer, resp.Status, raw)
	}
	return a, nil
}

// related is the multipart/related form of wire profile §5.
func related(token string, m *message) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part := func(h textproto.MIMEHeader, content []byte) {
		p, err := w.CreatePart(h)
		if err == nil {
			_, err = p.Write(content)
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	part(textproto.MIMEHeader{"Content-Type": {roles.MediaMessage}, "Content-Id": {"<token>"}}, []byte(token))
	sum := sha256.Sum256(m.attachment)
	part(textproto.MIMEHeader{
		"Content-Type": {m.env.Attachments[0].MediaType}, "Content-Id": {"<" + m.env.Attachments[0].ID + ">"},
		"Content-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"},
	}, m.attachment)
	_ = w.Close() // into a buffer
	return b.Bytes(), mime.FormatMediaType("multipart/related", map[string]string{
		"boundary": w.Boundary(), "type": roles.MediaMessage, "start": "<token>",
	})
}
