package exchange

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// filesWith lists the files of the node's record that contain text.
func (n *node) filesWith(text string) []string {
	n.w.t.Helper()
	var found []string
	files := 0
	err := filepath.WalkDir(n.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil || files == 0 {
		n.w.t.Fatalf("%d files, %v", files, err)
	}
	return found
}

// What a rejected message holds stands nowhere in the clear, whatever case it names.
func TestRejectedContentIsSealed(t *testing.T) {
	const canary = "CANARYjanedoe"
	body := func(e *ehds.Envelope) { e.Body = json.RawMessage(`{"` + canary + `":"` + canary + `"}`) }
	response := func(e *ehds.Envelope) {
		typed(ehds.DatasetCreate.Response(), map[string]string{"result": canary})(e)
		e.Ref, e.RefSHA256 = e.Jti, sha256Hex("x")
	}
	for name, c := range map[string]struct {
		mod  func(*ehds.Envelope)
		code string
	}{
		"another kind":      {body, "case-kind"},
		"unknown type":      {func(e *ehds.Envelope) { body(e); e.Type = canary }, "unknown-type"},
		"unknown type here": {func(e *ehds.Envelope) { body(e); e.Type = ehds.MessageType(canary) + ".response" }, "unknown-type"},
		"unknown profile":   {func(e *ehds.Envelope) { response(e); e.Profile = canary }, "unknown-profile"},
		"unknown reference": {response, "unknown-ref"},
		"attachment":        {func(e *ehds.Envelope) { response(e); e.Attachments = []ehds.Attachment{{ID: "a", Name: canary}} }, "attachment-form"},
		"no case":           {func(e *ehds.Envelope) { body(e); e.Case = canary }, "case-form"},
		"no case, no type":  {func(e *ehds.Envelope) { e.Case, e.Type, e.Body = canary, canary, json.RawMessage(`"`+canary+`"`) }, "unknown-type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			named := ""
			for _, n := range []int64{1, 3, 2} { // 3 waits for its turn
				env := centre.envelope(ncp, seq(n), func(e *ehds.Envelope) { e.Case = "ds:FR:x" }, c.mod)
				named = env.Case
				reply := ncp.receive(centre.sign(env))
				r := ncp.receipt(reply.Receipt)
				if p := problemOf(t, r); r.Status != ehds.Rejected || p.Code != c.code || r.Evidence == nil {
					t.Fatalf("%s: %+v", r.Status, p)
				}
				m, known, err := ncp.record.Message(t.Context(), centreID, env.Jti)
				if err != nil || !known || !bytes.Contains(m.Claims, []byte(canary)) || m.Receipt != reply.Receipt {
					t.Errorf("on record: %t, %+v, %v", known, m, err)
				}
			}
			if applied, waiting := ncp.place("ds:FR:x", centreID); named == "ds:FR:x" && (applied != 3 || waiting != 0) {
				t.Errorf("applied %d, %d wait", applied, waiting)
			}
			if found := ncp.filesWith(canary); len(found) > 0 {
				t.Errorf("content in the clear in %v", found)
			}
			if err := ncp.record.Close(); err != nil {
				t.Fatal(err)
			}
			if found := ncp.filesWith(canary); len(found) > 0 {
				t.Errorf("after closing, content in the clear in %v", found)
			}
		})
	}
}
