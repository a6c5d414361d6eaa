package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// verification is one run over a bundle.
type verification struct {
	ctx     context.Context
	bundle  Bundle
	book    logBook
	checker SignatureChecker
	report  Report
	tokens  map[string]known                 // token SHA-256 → what it is
	trees   map[string]map[int64]Checkpoint  // origin → size → verified tree
	leaves  map[string]map[int64]string      // origin → index → leaf
	opened  map[string]Checkpoint            // entity and note → verified
	seen    map[string]bool                  // receipts already verified
	joined  map[string]map[[2]int64]struct{} // origin → proven (from, to)
	vouched map[string]time.Time             // token → when a known witness first saw its leaf
	by      map[string]struct{}              // witnesses of entries
}

// known is a token of the bundle.
type known struct {
	entry    int
	class    Class
	outgoing bool
	claims   tokenClaims
	checked  bool
}

// VerifyBundle checks a bundle against what the reader trusts (wire profile §7): every leaf is
// recomputed and proven in the entity's log, every signature and every peer receipt is checked, the
// latter with its evidence in the peer's log, and the checkpoints of one log must not contradict each
// other. Log and witness keys come from t alone. What t does not know makes the verdict
// "cannot-tell"; an empty or wholly erased bundle proves nothing and is "cannot-tell" too.
func VerifyBundle(ctx context.Context, b Bundle, t TrustFile, v SignatureChecker) Report {
	run := &verification{
		ctx: ctx, bundle: b, checker: v,
		tokens: map[string]known{}, trees: map[string]map[int64]Checkpoint{},
		opened: map[string]Checkpoint{},
		leaves: map[string]map[int64]string{}, seen: map[string]bool{},
		joined:  map[string]map[[2]int64]struct{}{},
		vouched: map[string]time.Time{}, by: map[string]struct{}{},
	}
	if err := b.check(); err != nil {
		run.report.add(SeverityError, "bundle-malformed", "", "the bundle's form is not acceptable")
		return run.report.conclude()
	}
	book, err := t.book()
	if err != nil {
		run.report.add(SeverityUnknown, "trust-file", "", "the trust file is not usable")
		return run.report.conclude()
	}
	run.book = book
	for i, e := range b.Entries {
		if ctx.Err() != nil {
			run.finish() // what follows would miss what was not read
			return run.report.conclude()
		}
		run.entry(i, e)
	}
	run.receipts()
	for i, msg := range b.Checkpoints {
		run.checkpoint(fmt.Sprintf("checkpoints[%d]", i), msg)
	}
	for i, c := range b.Consistency {
		run.consistency(fmt.Sprintf("consistency[%d]", i), c)
	}
	run.finish()
	return run.report.conclude()
}

// entry checks form, leaf, inclusion and, for what was signed, the signature.
func (v *verification) entry(i int, e Entry) {
	where := fmt.Sprintf("entries[%d]", i)
	v.report.Counts.Entries++
	class, _, err := ParseLeaf([]byte(e.Leaf))
	if err != nil {
		v.report.addErr(where, err)
		return
	}
	if class != e.Class || !directionFits(e.Class, e.Direction) {
		v.report.add(SeverityError, "class-differs", where, "class or direction is not the leaf's")
		return
	}
	cp, proven := v.prove(where, v.bundle.Entity, e.Leaf, e.Proof)
	if proven {
		v.witnessed(cp)
	}
	if e.Token == "" {
		v.report.Counts.Erased++
		v.report.add(SeverityWarning, "erased", where, "the token is gone; only its leaf is proven")
		return
	}
	salt, err := decodeBase64(e.Salt)
	if err != nil || len(salt) != SaltSize {
		v.report.addErr(where, ErrLeaf)
		return
	}
	if string(NewLeaf(class, salt, []byte(e.Token)).Bytes()) != e.Leaf {
		v.report.addErr(where, ErrToken)
		return
	}
	if at, ok := cp.Witnessed(); proven && ok {
		if before, known := v.vouched[e.Token]; !known || at.Before(before) {
			v.vouched[e.Token] = at
		}
	}
	v.token(i, where, e)
}

// witnessed notes who vouched for an entry's leaf, and when first.
func (v *verification) witnessed(cp Checkpoint) {
	at, ok := cp.Witnessed()
	if !ok {
		return
	}
	v.report.Counts.Witnessed++
	for _, name := range cp.Cosigned {
		v.by[name] = struct{}{}
	}
	if at.After(v.report.WitnessedAt) {
		v.report.WitnessedAt = at
	}
}

func directionFits(c Class, direction string) bool {
	switch c {
	case ClassIn, ClassReceipt, ClassRefused:
		return direction == DirectionIn
	case ClassOut:
		return direction == DirectionOut
	case ClassResponse:
		return direction == DirectionIn || direction == DirectionOut
	}
	return direction == DirectionLocal
}

// prove verifies an inclusion proof in a log of entity and remembers checkpoint and place.
func (v *verification) prove(where, entity, leaf, proof string) (Checkpoint, bool) {
	p, err := parseBareProof(proof)
	if err != nil {
		v.report.addErr(where, err)
		return Checkpoint{}, false
	}
	cp, ok := v.open(where, entity, p.Checkpoint)
	if !ok {
		return Checkpoint{}, false
	}
	if err := p.under(cp, []byte(leaf)); err != nil {
		v.report.addErr(where, err)
		return Checkpoint{}, false
	}
	places := v.leaves[cp.Origin]
	if places == nil {
		places = map[int64]string{}
		v.leaves[cp.Origin] = places
	}
	if other, ok := places[p.Index]; ok && other != leaf {
		v.report.add(SeverityError, "index-conflict", where, "two leaves at one index of the log")
	}
	places[p.Index] = leaf
	return cp, true
}

// checkpoint verifies a checkpoint of whichever known log it claims to be of.
func (v *verification) checkpoint(where, msg string) {
	claimed, err := readCheckpoint([]byte(msg))
	if err != nil {
		v.report.addErr(where, err)
		return
	}
	v.open(where, v.book.owner[claimed.Origin], []byte(msg))
}

// open verifies a checkpoint of a log of entity and remembers it. Entries mostly share one: the same
// bytes are verified once.
func (v *verification) open(where, entity string, msg []byte) (Checkpoint, bool) {
	key := entity + "\n" + string(msg)
	if cp, ok := v.opened[key]; ok {
		return cp, true
	}
	claimed, err := readCheckpoint(msg)
	if err != nil {
		v.report.addErr(where, err)
		return Checkpoint{}, false
	}
	keys, ok := v.book.keys(entity, claimed.Origin)
	if !ok {
		v.report.add(SeverityUnknown, "unknown-log", where, "the trust file has no key for this log")
		return Checkpoint{}, false
	}
	cp, err := OpenCheckpoint(msg, claimed.Origin, keys...)
	if err != nil {
		v.report.addErr(where, err)
		return Checkpoint{}, false
	}
	v.opened[key] = cp
	v.remember(where, cp)
	return cp, true
}

// remember keeps a verified tree and notices a second root for its size.
func (v *verification) remember(where string, cp Checkpoint) {
	trees := v.trees[cp.Origin]
	if trees == nil {
		trees = map[int64]Checkpoint{}
		v.trees[cp.Origin] = trees
	}
	old, ok := trees[cp.Size]
	if !ok || len(cp.Cosigned) > len(old.Cosigned) && cp.Root == old.Root {
		trees[cp.Size] = cp
	}
	if cp.Ignored > 0 {
		v.report.add(SeverityWarning, "unknown-signature", where, "a signature by a key the trust file does not list is ignored")
	}
	if ok && old.Root != cp.Root {
		v.report.addErr(where, ErrEquivocation)
	}
}

func (v *verification) consistency(where string, c ConsistencyProof) {
	if _, ok := v.book.owner[c.Origin]; !ok {
		v.report.add(SeverityUnknown, "unknown-log", where, "the trust file has no key for this log")
		return
	}
	from, ok1 := v.trees[c.Origin][c.From]
	to, ok2 := v.trees[c.Origin][c.To]
	if !ok1 || !ok2 {
		v.report.add(SeverityError, "consistency-dangling", where, "no verified checkpoint of that size")
		return
	}
	var proof tlog.TreeProof
	for _, s := range c.Hashes {
		h, err := parseHash(s)
		if err != nil {
			v.report.addErr(where, ErrConsistency)
			return
		}
		proof = append(proof, h)
	}
	if err := Consistent(from, to, proof); err != nil {
		v.report.addErr(where, err)
		return
	}
	if v.joined[c.Origin] == nil {
		v.joined[c.Origin] = map[[2]int64]struct{}{}
	}
	v.joined[c.Origin][[2]int64{c.From, c.To}] = struct{}{}
}

// finish counts, and says what the bundle leaves open.
func (v *verification) finish() {
	origins := make([]string, 0, len(v.trees))
	for origin, trees := range v.trees {
		origins = append(origins, origin)
		for _, cp := range trees {
			v.report.Counts.Checkpoints++
			if len(cp.Cosigned) > 0 {
				v.report.Counts.Cosigned++
			}
		}
	}
	sort.Strings(origins)
	v.report.Witnesses = slices.Sorted(maps.Keys(v.by))
	for _, origin := range origins {
		if len(v.trees[origin]) > 1+len(v.joined[origin]) {
			v.report.add(SeverityInfo, "not-connected", "checkpoints",
				"trees of one log are not all connected by consistency proofs")
		}
	}
	if v.report.Counts.Entries == v.report.Counts.Erased {
		v.report.add(SeverityUnknown, "nothing-proven", "entries", "no entry shows its token")
	}
	if err := v.ctx.Err(); err != nil {
		v.report.add(SeverityUnknown, "interrupted", "", "the check did not run to its end")
	}
}

func sha256Hex(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
