package federation

import (
	"slices"
	"time"
)

// newestSeen remembers the newest statements about an entity that held, by who made them. A chain in
// a header that is older than what was seen loses against it.
type newestSeen map[pair]int64

type pair struct{ iss, sub string }

// maxNewest bounds newestSeen: a hostile superior could invent subordinates without end.
const maxNewest = 8192

// about are the statements of a chain that speak of its leaf: its own and its superior's.
func about(chain []*Statement) []*Statement { return chain[:2] }

// note keeps the dates of a chain that holds.
func (n newestSeen) note(chain []*Statement, now time.Time) {
	for _, s := range about(chain) {
		key := pair{s.Iss, s.Sub}
		if _, ok := n[key]; !ok && len(n) >= maxNewest {
			n.shrink(now)
		}
		n[key] = max(n[key], s.Iat)
	}
}

// outdated says whether a newer statement than one of the chain's was seen.
func (n newestSeen) outdated(chain []*Statement) bool {
	for _, s := range about(chain) {
		if s.Iat < n[pair{s.Iss, s.Sub}] {
			return true
		}
	}
	return false
}

// shrink drops what no longer matters, since a chain that old is refused anyway. When that makes little
// room the oldest eighth goes too, so that a crowd of entities does not cost a look at all of them each.
func (n newestSeen) shrink(now time.Time) {
	limit := now.Add(-maxHeaderChainAge).Unix()
	dates := make([]int64, 0, len(n))
	for key, iat := range n {
		if iat < limit {
			delete(n, key)
		} else {
			dates = append(dates, iat)
		}
	}
	spare := len(n) - (maxNewest - maxNewest/8)
	if spare <= 0 {
		return
	}
	slices.Sort(dates)
	oldest := dates[spare-1]
	for key, iat := range n {
		if iat <= oldest && spare > 0 {
			delete(n, key)
			spare--
		}
	}
}
