package wycheproof

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// suite is one file of vectors and how it is judged.
type suite struct {
	file  string
	judge judge
}

var suites = []suite{
	{"ed25519_test.json", judgeSignature("Ed25519")},
	{"ecdsa_secp256r1_sha256_p1363_test.json", judgeSignature("ES256")},
	{"rsa_signature_2048_sha256_test.json", judgeSignature("RS256")},
	{"rsa_signature_3072_sha256_test.json", judgeSignature("RS256")},
	{"rsa_signature_4096_sha256_test.json", judgeSignature("RS256")},
	{"rsa_signature_8192_sha256_test.json", judgeSignature("RS256")},
	{"mldsa_65_verify_test.json", judgeSignature("ML-DSA-65")},
	{"mldsa_65_sign_seed_test.json", judgeSeed},
	{"json_web_signature_test.json", judgeJWS},
	{"json_web_key_test.json", judgeKeySet},
}

// found is one vector on which the two disagree.
type found struct {
	file string
	v    vector
	ours string // "accepts" or "refuses"
	rule string
}

func TestWycheproof(t *testing.T) {
	explained := make([]int, len(disagreements))
	var counts []string
	for _, s := range suites {
		total, agreed, acceptable := 0, 0, 0
		for _, g := range groups(t, s.file) {
			for _, v := range g.Tests {
				total++
				accepted, rule := s.judge(t, g, v)
				switch {
				case v.Result == "acceptable": // either is right
					acceptable++
				case accepted == (v.Result == "valid"):
					agreed++
				default:
					d := found{s.file, v, "refuses", rule}
					if accepted {
						d.ours = "accepts"
					}
					i := slices.IndexFunc(disagreements, d.isExplainedBy)
					if i < 0 {
						t.Errorf("%s #%d %q %v: Wycheproof says %s, ours %s (%s)", s.file, v.ID, v.Comment, v.Flags, v.Result, d.ours, rule)
						continue
					}
					explained[i]++
				}
			}
		}
		t.Logf("%s: %d of %d agree, %d acceptable either way, %d explained", s.file, agreed, total, acceptable, total-agreed-acceptable)
		counts = append(counts, fmt.Sprintf("| `%s` | %d | %d | %d | %d |", s.file, total, agreed, acceptable, total-agreed-acceptable))
	}
	for i, row := range disagreements {
		if explained[i] != row.count {
			t.Errorf("the row %q of %s explains %d vectors, it says %d", row.why, row.file, explained[i], row.count)
		}
	}
	checkDocument(t, counts)
}

// document is the table for people; -update writes it.
const document = "../../docs/wycheproof.md"

var update = flag.Bool("update", false, "write "+document)

func checkDocument(t *testing.T, counts []string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(preamble)
	b.WriteString("\n| file | vectors | agree | acceptable either way | explained |\n|---|---|---|---|---|\n")
	b.WriteString(strings.Join(counts, "\n"))
	b.WriteString("\n\n## Where the two disagree\n\n| file | vectors | trust/jose | rule | why |\n|---|---|---|---|---|\n")
	for _, row := range disagreements {
		b.WriteString(row.String() + "\n")
	}
	if *update {
		if err := os.WriteFile(document, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(document); err != nil || string(text) != b.String() {
		t.Errorf("%s is not what the run gives (%v); run the test with -update", document, err)
	}
}

const preamble = `# Wycheproof

The vectors of the Wycheproof project (` + "`github.com/c2sp/wycheproof`" + `) run against ` + "`trust/jose`" + ` in a module of their own,
` + "`trust/wycheproof`" + `. Keys are read as a peer would publish them, in a JWK set; signatures are verified as a token's.
The test fails when a vector is judged otherwise without a row below, and when a row explains another number of vectors than
it says. It also writes this page.
`

func (d found) isExplainedBy(row disagreement) bool {
	return row.file == d.file && row.ours == d.ours && strings.HasPrefix(d.rule, row.rule)
}

func (r disagreement) String() string {
	return fmt.Sprintf("| `%s` | %d | %s | %s | %s |", r.file, r.count, r.ours, r.rule, r.why)
}
