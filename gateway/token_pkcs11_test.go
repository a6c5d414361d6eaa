//go:build pkcs11

package gateway

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// TestPKCS11Gateway: a gateway whose exchange and federation keys are in a token answers with them, also
// after a rotation and a restart, and the files hold no private half.
func TestPKCS11Gateway(t *testing.T) {
	module := "/usr/lib/softhsm/libsofthsm2.so"
	if path := os.Getenv("SOFTHSM2_MODULE"); path != "" {
		module = path
	}
	util, err := exec.LookPath("softhsm2-util")
	if err != nil {
		t.Skip("no SoftHSM2 here: install softhsm2")
	}
	if _, err := os.Stat(module); err != nil {
		t.Skip("no SoftHSM2 library; name it in SOFTHSM2_MODULE")
	}
	n := newNation(t)
	conf := n.file("softhsm2.conf", fmt.Appendf(nil, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", n.dir))
	t.Setenv("SOFTHSM2_CONF", conf)
	if out, err := exec.CommandContext(t.Context(), util, "--init-token", "--free", "--label", "ncp", "--pin", "8317", "--so-pin", "12345678").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n.file("pin", []byte("8317\n"))
	n.more = fmt.Sprintf("keys: {pkcs11: {module: %s, token_label: ncp, pin: file:pin, purposes: [exchange, federation]}}", module)
	g := n.start()
	n.ready(g)
	first := n.exchangeKids()
	done := n.keyCall("rotate", `{"purpose":"exchange","when":"now"}`)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s", status, body)
	}
	n.stop(g)
	n.port()
	g = n.start()
	n.ready(g)
	if got := n.exchangeKids(); len(got) != 2 || done.Retired.Kid != first[0] {
		t.Errorf("published after a restart: %v", got)
	}
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A2"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s", status, body)
	}
	files, err := filepath.Glob(filepath.Join(n.dataDir(), "keys", "exchange.*.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(text), "private_jwk") {
			t.Errorf("%s holds a private half, or: %v", file, err)
		}
	}
	for _, k := range g.keys.List() {
		if k.Device != (k.Purpose == keys.Exchange || k.Purpose == keys.Federation) {
			t.Errorf("%s key of %s: in the token: %t", k.Purpose, k.Owner, k.Device)
		}
	}
}
