package federation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const crowdSize = 10_000

// crowd is a federation of so many entities under one anchor, each served when it is asked for.
func crowd(t testing.TB, n int) (*trusttest.Federation, []string) {
	f := trusttest.NewFederation(t)
	like := f.NCP("FR") // all are like it but for their names
	f.Anchor.EditConfiguration(func(c *federation.Claims) {
		raw := strings.TrimSuffix(string(c.Metadata[federation.TypeFederationEntity]), "}")
		c.Metadata[federation.TypeFederationEntity] = []byte(raw + `,"federation_list_endpoint":"` + trusttest.AnchorID + `/list"}`)
	})
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("https://e%05d.test", i)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		t.Fatal(err)
	}
	anchor := f.Anchor.Configuration()
	f.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		host, sub := "https://"+r.URL.Host, r.URL.Query().Get("sub")
		switch {
		case r.URL.Path == "/list":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(list)
		case sub != "":
			c := like.StatementClaims()
			c.Sub = sub
			trusttest.Answer(w, federation.TypStatement, trusttest.Sign(t, f.Anchor.Federation, federation.TypStatement, c))
		case host == trusttest.AnchorID && strings.HasSuffix(r.URL.Path, federation.WellKnown):
			trusttest.Answer(w, federation.TypStatement, anchor)
		case strings.HasSuffix(r.URL.Path, federation.WellKnown):
			c := like.ConfigurationClaims()
			c.Iss, c.Sub, c.TrustMarks = host, host, nil
			trusttest.Answer(w, federation.TypStatement, trusttest.Sign(t, like.Federation, federation.TypStatement, c))
		default:
			return false
		}
		return true
	})
	return f, ids
}

func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// listAndResolve lists a crowd at its anchor and resolves everybody in it. It returns the resolver and
// how many MiB it holds.
func listAndResolve(t testing.TB, n, keep int) (r *federation.Resolver, mib float64) {
	f, _ := crowd(t, n)
	ids, err := f.Resolver().List(t.Context(), trusttest.AnchorID, federation.ListFilter{})
	if err != nil || len(ids) != n {
		t.Fatalf("%d entities listed, %v", len(ids), err)
	}
	o := f.Options()
	o.Onboarded, o.Keep = ids, keep
	before := heap()
	r = federation.NewResolver(o)
	var wg sync.WaitGroup
	for part := range slices.Chunk(ids, (n+1)/2) {
		wg.Go(func() {
			for _, id := range part {
				if e, err := r.Resolve(t.Context(), id, nil); err != nil || e.ID != id {
					t.Errorf("%s: %v", id, err)
					return
				}
			}
		})
	}
	wg.Wait()
	f.Forget()
	after := heap()
	runtime.KeepAlive(ids)
	return r, after - before
}

// What a resolver keeps of ten thousand entities is bounded by Options.Keep, not by their number.
func TestProgramTenThousandEntities(t *testing.T) {
	if os.Getenv("EHDSGW_PROGRAMS") == "" {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	const keep, most = 1024, 48 // MiB
	n := crowdSize
	if os.Getenv("EHDSGW_PROGRAMS") == "S" {
		n = 3 * keep
	}
	r, mib := listAndResolve(t, n, keep)
	known, documents := federation.KeptOnboarded(r)
	if known != keep || documents != 2*keep {
		t.Errorf("%d entities and %d statements are kept", known, documents)
	}
	if mib > most {
		t.Errorf("%.1f MiB are held, %d at most", mib, most)
	}
	t.Logf("%d entities listed and resolved; %d kept in %.1f MiB", n, known, mib)
}

func BenchmarkFederationOfTenThousand(b *testing.B) {
	for b.Loop() {
		start := time.Now()
		r, mib := listAndResolve(b, crowdSize, 4096)
		b.ReportMetric(mib, "MiB")
		b.ReportMetric(float64(time.Since(start).Microseconds())/crowdSize, "µs/entity")
		runtime.KeepAlive(r)
	}
}

// BenchmarkWarmResolution is one resolution of what is known: the target is 20 µs. The ratio is to one
// bare verification of the same chain from its statements, in the same run: the median of many pairs,
// each measured at one moment, so that a busy machine slows both.
func BenchmarkWarmResolution(b *testing.B) {
	f := trusttest.NewFederation(b)
	fr := f.NCP("FR")
	hda := f.HDAB(fr, "hdh")
	chain := hda.Chain()
	o := f.Options(fr, hda)
	for i := range crowdSize {
		o.Onboarded = append(o.Onboarded, fmt.Sprintf("https://e%05d.test", i))
	}
	for name, c := range map[string]struct {
		r     *federation.Resolver
		chain []string
	}{"fetched": {federation.NewResolver(o), nil}, "brought": {f.Resolver(), chain}} {
		b.Run(name, func(b *testing.B) {
			warm := func() {
				if _, err := c.r.Resolve(b.Context(), hda.ID, c.chain); err != nil {
					b.Fatal(err)
				}
			}
			cold := func() {
				if _, err := federation.VerifyChain(chain, o.Anchors, f.Clock.Now()); err != nil {
					b.Fatal(err)
				}
			}
			warm() // what it is about is known from here on
			b.ReportAllocs()
			for b.Loop() {
				warm()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "µs/resolution")
			b.ReportMetric(medianRatio(501, warm, cold), "x-verification")
		})
	}
}

// medianRatio is how long one piece of work takes of another: the median of so many pairs of
// measurements. The first, the shorter, is done several times for each.
func medianRatio(pairs int, short, long func()) float64 {
	const times = 20
	ratios := make([]float64, pairs)
	for i := range ratios {
		start := time.Now()
		for range times {
			short()
		}
		between := time.Now()
		long()
		ratios[i] = float64(between.Sub(start)) / times / float64(time.Since(between))
	}
	slices.Sort(ratios)
	return ratios[pairs/2]
}
