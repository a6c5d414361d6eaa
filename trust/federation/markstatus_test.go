package federation

import (
	"testing"
	"time"
)

// TestWhatWasToldOfCopies: of a copy that was asked about, what was told of it counts; of another, what was
// told last of any, and of one moment what does not allow.
func TestWhatWasToldOfCopies(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_800_000_000, 0)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	mark := func(token string, status MarkStatus, minutes int) TrustMark {
		return TrustMark{Type: "t", Issuer: "i", token: token, Status: status, Checked: at(minutes)}
	}
	other := TrustMark{Type: "other", Issuer: "i", token: "o", Status: MarkSuspended, Checked: at(5)}
	for name, c := range map[string]struct {
		told  []TrustMark
		shows TrustMark
		want  MarkStatus
		asked bool // the question need not be asked again at once
	}{
		"the same copy":             {[]TrustMark{mark("a", MarkRevoked, 5), mark("b", MarkActive, 5)}, mark("b", MarkActive, 1), MarkActive, true},
		"the same copy, suspended":  {[]TrustMark{mark("a", MarkSuspended, 5), mark("b", MarkActive, 6)}, mark("a", MarkActive, 1), MarkSuspended, true},
		"a copy not asked about":    {[]TrustMark{mark("a", MarkSuspended, 5)}, mark("c", MarkActive, 1), MarkSuspended, false},
		"what was told last":        {[]TrustMark{mark("a", MarkSuspended, 5), mark("b", MarkActive, 6)}, mark("c", MarkActive, 1), MarkActive, false},
		"two answers of one moment": {[]TrustMark{mark("b", MarkActive, 5), mark("a", MarkRevoked, 5)}, mark("c", MarkActive, 1), MarkRevoked, false},
		"made after it was told":    {[]TrustMark{mark("a", MarkSuspended, 5)}, mark("c", MarkActive, 6), MarkActive, false},
		"nothing told":              {[]TrustMark{other}, mark("c", MarkActive, 1), MarkActive, false},
	} {
		old := &resolved{marks: append([]TrustMark{other}, c.told...), askAt: at(10)}
		k := &resolved{marks: []TrustMark{c.shows}}
		k.carryMarks(old)
		if k.marks[0].Status != c.want || k.askAt.Equal(at(10)) != c.asked {
			t.Errorf("%s: %s, to be asked %v", name, k.marks[0].Status, k.askAt)
		}
		if len(k.gone) == 0 || k.gone[0].token != "o" || old.marks[0].token != "o" {
			t.Errorf("%s: gone %+v, before %+v", name, k.gone, old.marks)
		}
	}
}
