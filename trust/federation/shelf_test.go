package federation

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/egress"
)

func TestTransportErrorsHaveRules(t *testing.T) {
	for want, causes := range map[error][]error{
		ErrFetchAddress:  {egress.ErrURL, egress.ErrScheme, egress.ErrAddressRefused},
		ErrFetchRedirect: {egress.ErrRedirect},
		ErrFetchSize:     {egress.ErrBodyTooLarge},
		ErrFetchTime:     {context.DeadlineExceeded, os.ErrDeadlineExceeded},
		ErrFetchConnect:  {errors.New("no route")},
	} {
		for _, cause := range causes {
			err := transportError(&url.Error{Op: "Get", URL: "https://a.test", Err: fmt.Errorf("dial: %w", cause)})
			if !errors.Is(err, want) || !errors.Is(err, cause) || !errors.Is(err, ErrUnavailable) {
				t.Errorf("%v: %v, want %v", cause, err, want)
			}
		}
	}
}

// Entries made with the secret by a version that is not ours, or with a clock that is wrong.
func TestShelfEntriesThatAreRightlySealedAndWrong(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for name, body := range map[string]string{
		"no JSON":     `x`,
		"no token":    `{"token":"a.b.c","fetched":1}`,
		"the future":  fmt.Sprintf(`{"token":"","fetched":%d}`, at.Add(2*time.Minute).UnixMilli()),
		"other types": `{"token":1}`,
	} {
		p := &onePlace{}
		s := newSealedShelf(p, []byte("a secret long enough"))
		p.value = append(s.mac("https://a.test", []byte(body)), body...)
		if d, told := s.get(t.Context(), "https://a.test", at); d != nil || !told.IsZero() {
			t.Errorf("%s: %v, %v", name, d, told)
		}
	}
}

// A statement whose time is over is not put where others would read it.
func TestShelfTakesNothingThatIsOver(t *testing.T) {
	p := &onePlace{}
	s := newSealedShelf(p, []byte("a secret long enough"))
	s.put(t.Context(), "https://a.test", &document{statement: &Statement{Claims: Claims{Exp: 100}}}, time.Unix(100, 0))
	if p.value != nil {
		t.Error("it was put")
	}
}

func TestOldestDatesGoFirst(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	n := newestSeen{}
	for i := range maxNewest {
		n[pair{"https://a.test", fmt.Sprint(i)}] = now.Unix() + int64(i)
	}
	n.shrink(now)
	if len(n) != maxNewest-maxNewest/8 {
		t.Errorf("%d dates are left", len(n))
	}
	if _, ok := n[pair{"https://a.test", "0"}]; ok || n[pair{"https://a.test", fmt.Sprint(maxNewest - 1)}] == 0 {
		t.Error("the newest went, or the oldest stayed")
	}
	same := newestSeen{}
	for i := range maxNewest {
		same[pair{"https://a.test", fmt.Sprint(i)}] = now.Unix()
	}
	same.shrink(now)
	if len(same) != maxNewest-maxNewest/8 {
		t.Errorf("of one date %d are left", len(same))
	}
}
