package federation

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// statementReuse is how long a signed statement is given again while there is nothing else to say.
// Were it signed anew each time, peers that ask every few minutes could never confirm what they keep.
// It comes off the statement's life, of which it takes half at most.
const statementReuse = time.Hour

// signAgain signs a statement, unless last says the same.
func (s *Self) signAgain(c Claims, last string, now time.Time) (string, error) {
	key, err := s.o.Keys.Signing()
	if err != nil {
		return "", err
	}
	if s.stands(last, c, key, now) {
		return last, nil
	}
	return s.signWith(key, c, now)
}

// stands says whether a statement of ours is young, was signed with this key, and differs from what
// would be signed now by its times alone.
func (s *Self) stands(last string, c Claims, key jose.SigningKey, now time.Time) bool {
	t, err := jose.Parse([]byte(last), jose.ParseOptions{Typ: []string{TypStatement}})
	if err != nil || t.Header.Kid != key.Kid {
		return false
	}
	var times struct {
		Iat int64 `json:"iat"`
		Exp int64 `json:"exp"`
	}
	if err := json.Unmarshal(t.Payload, &times); err != nil {
		return false
	}
	if age := now.Sub(time.Unix(times.Iat, 0)); age < 0 || age >= min(statementReuse, s.o.Life/2) {
		return false
	}
	c.Iat, c.Exp = times.Iat, times.Exp
	payload, err := json.Marshal(c)
	return err == nil && bytes.Equal(payload, t.Payload)
}
