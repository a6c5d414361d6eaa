//go:build pkcs11

package pkcs11

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/miekg/pkcs11"
)

// Token is one PKCS#11 token with one session of its user. It is safe for
// concurrent use; the token signs one thing at a time.
type Token struct {
	o   Options
	ctx *pkcs11.Ctx

	mu      sync.Mutex
	open    bool
	session pkcs11.SessionHandle
}

// Open loads the module and logs in. ErrToken says what is in the way.
func Open(o Options) (*Token, error) {
	ctx := pkcs11.New(o.Module)
	if ctx == nil {
		return nil, fmt.Errorf("%w: the module %s cannot be loaded", ErrToken, o.Module)
	}
	if err := ctx.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		ctx.Destroy()
		return nil, fmt.Errorf("%w: initialise %s: %w", ErrToken, o.Module, err)
	}
	t := &Token{o: o, ctx: ctx}
	if err := t.login(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// login opens the session. It needs t.mu, or a token nobody else has yet.
func (t *Token) login() error {
	slot, err := t.slot()
	if err != nil {
		return err
	}
	session, err := t.ctx.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	if err != nil {
		return fmt.Errorf("%w %s: open a session: %w", ErrToken, t.o.TokenLabel, err)
	}
	err = t.ctx.Login(session, pkcs11.CKU_USER, t.o.PIN)
	if err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
		return errors.Join(fmt.Errorf("%w %s: log in: %w", ErrToken, t.o.TokenLabel, err), t.ctx.CloseSession(session))
	}
	t.session, t.open = session, true
	return nil
}

// slot finds the one token of that label.
func (t *Token) slot() (uint, error) {
	slots, err := t.ctx.GetSlotList(true)
	if err != nil {
		return 0, fmt.Errorf("%w: list: %w", ErrToken, err)
	}
	var found []uint
	for _, s := range slots {
		info, err := t.ctx.GetTokenInfo(s)
		if err == nil && strings.TrimRight(info.Label, " \x00") == t.o.TokenLabel {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%w: %d tokens are labelled %q, one is wanted", ErrToken, len(found), t.o.TokenLabel)
	}
	return found[0], nil
}

// do runs one operation in the session, and once more in a new one when the
// token had dropped it.
func (t *Token) do(operation func(pkcs11.SessionHandle) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.open {
		if err := t.login(); err != nil {
			return err
		}
	}
	err := operation(t.session)
	if !dropped(err) {
		return err
	}
	t.open = false
	_ = t.ctx.CloseSession(t.session) // it is gone as it is
	if err := t.login(); err != nil {
		return err
	}
	return operation(t.session)
}

func dropped(err error) bool {
	for _, code := range []uint{
		pkcs11.CKR_SESSION_HANDLE_INVALID, pkcs11.CKR_SESSION_CLOSED, pkcs11.CKR_USER_NOT_LOGGED_IN,
		pkcs11.CKR_DEVICE_REMOVED, pkcs11.CKR_TOKEN_NOT_PRESENT,
	} {
		if errors.Is(err, pkcs11.Error(code)) {
			return true
		}
	}
	return false
}

// Generate makes a key pair of alg ("Ed25519" or "ES256") in the token under
// id, which no key there may have.
func (t *Token) Generate(alg string, id []byte) (crypto.Signer, error) {
	k, ok := kinds[alg]
	if !ok {
		return nil, fmt.Errorf("%w: a token has no %s keys here", ErrKey, alg)
	}
	err := t.do(func(s pkcs11.SessionHandle) error {
		if have, err := t.handles(s, pkcs11.CKO_PRIVATE_KEY, k, id); err != nil || len(have) > 0 {
			return errors.Join(err, fmt.Errorf("%w %x: there are %d already", ErrKey, id, len(have)))
		}
		_, _, err := t.ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(k.generate, nil)},
			append(k.template(pkcs11.CKO_PUBLIC_KEY, id),
				pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, k.curve), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true)),
			append(k.template(pkcs11.CKO_PRIVATE_KEY, id),
				pkcs11.NewAttribute(pkcs11.CKA_SIGN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
				pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false)))
		if err != nil {
			return fmt.Errorf("%w %x: make: %w", ErrKey, id, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t.Find(alg, id)
}

// Find returns the signer of the key of alg that was made under id.
func (t *Token) Find(alg string, id []byte) (crypto.Signer, error) {
	k, ok := kinds[alg]
	if !ok {
		return nil, fmt.Errorf("%w: a token has no %s keys here", ErrKey, alg)
	}
	s := &signer{token: t, kind: k, id: id}
	err := t.do(func(session pkcs11.SessionHandle) error {
		if _, err := t.one(session, pkcs11.CKO_PRIVATE_KEY, k, id); err != nil {
			return err
		}
		h, err := t.one(session, pkcs11.CKO_PUBLIC_KEY, k, id)
		if err != nil {
			return err
		}
		got, err := t.ctx.GetAttributeValue(session, h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
		if err != nil || len(got) != 1 {
			return fmt.Errorf("%w %x: read the public half: %w", ErrKey, id, err)
		}
		s.public, err = k.point(got[0].Value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// one is the handle of exactly one object.
func (t *Token) one(s pkcs11.SessionHandle, class uint, k kind, id []byte) (pkcs11.ObjectHandle, error) {
	have, err := t.handles(s, class, k, id)
	if err != nil {
		return 0, err
	}
	if len(have) != 1 {
		return 0, fmt.Errorf("%w %x: the token has %d, one is wanted", ErrKey, id, len(have))
	}
	return have[0], nil
}

func (t *Token) handles(s pkcs11.SessionHandle, class uint, k kind, id []byte) ([]pkcs11.ObjectHandle, error) {
	if err := t.ctx.FindObjectsInit(s, k.template(class, id)); err != nil {
		return nil, fmt.Errorf("%w %x: look for: %w", ErrKey, id, err)
	}
	found, _, err := t.ctx.FindObjects(s, 2)
	if err = errors.Join(err, t.ctx.FindObjectsFinal(s)); err != nil {
		return nil, fmt.Errorf("%w %x: look for: %w", ErrKey, id, err)
	}
	return found, nil
}

// Close ends the session and lets the module go. Signers fail from then on.
func (t *Token) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var err error
	if t.open {
		err = t.ctx.CloseSession(t.session)
		t.open = false
	}
	err = errors.Join(err, t.ctx.Finalize())
	t.ctx.Destroy()
	return err
}
