package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// enrollment is what an anchor's operator needs to vouch for a gateway and its bodies: public keys
// and the marks asked for. Compare its digest over another channel before believing it.
type enrollment struct {
	Version int              `json:"version"` // 1
	Entity  string           `json:"entity"`
	Country string           `json:"country"`
	JWKS    jose.KeySet      `json:"jwks"`  // federation keys
	Marks   []string         `json:"marks"` // names of the role marks wanted
	Log     enrollmentLog    `json:"evidence_log"`
	HDABs   []enrollmentHDAB `json:"hdabs"`
}

// enrollmentLog is the evidence log, for those who write trust files.
type enrollmentLog struct {
	Origin string `json:"origin"`
	VKey   string `json:"vkey"` // C2SP signed-note
}

type enrollmentHDAB struct {
	Entity string            `json:"entity"`
	Code   string            `json:"code"`
	Name   map[string]string `json:"name"`
	JWKS   jose.KeySet       `json:"jwks"`
	Marks  []string          `json:"marks"`
}

// fill writes everything into a new directory.
func (pl *plan) fill(dir string) error {
	request, err := makeKeys(filepath.Join(dir, dataName, "keys"), pl.config)
	if err != nil {
		return err
	}
	files := []struct {
		name    string
		content any
	}{{rulesName, startingRules(pl.config)}, {enrollmentName, request}}
	for _, f := range files {
		if err := writeJSON(filepath.Join(dir, f.name), f.content); err != nil {
			return err
		}
	}
	for name, content := range map[string][]byte{configName: pl.yaml, anchorKeysName: pl.anchorKeys, rootsName: pl.roots} {
		if content == nil {
			continue
		}
		if err := writeNew(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	return os.Mkdir(filepath.Join(dir, catalogueName), 0o755)
}

// makeKeys makes every key of the gateway and gives the public ones to be enrolled.
func makeKeys(dir string, cfg *config.Config) (e enrollment, err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return e, err
	}
	k, err := keys.Open(dir, keys.Options{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	ids := make([]string, len(cfg.HDABs))
	for i, h := range cfg.HDABs {
		ids[i] = h.ID
	}
	if err := gateway.EnsureKeys(k, ids); err != nil {
		return e, err
	}
	origin := gateway.LogOrigin(cfg.Entity)
	log, err := k.LogKey(origin)
	if err != nil {
		return e, err
	}
	e = enrollment{
		Version: 1, Entity: cfg.Entity, Country: cfg.Country, Marks: []string{string(ehds.MarkNCP)},
		Log: enrollmentLog{Origin: origin, VKey: log.VKey},
	}
	if e.JWKS, err = k.Public(keys.Federation, "ncp"); err != nil {
		return e, err
	}
	for _, h := range cfg.HDABs {
		set, err := k.Public(keys.Federation, "hdab-"+h.ID)
		if err != nil {
			return e, err
		}
		e.HDABs = append(e.HDABs, enrollmentHDAB{
			Entity: gateway.HDABEntity(cfg.Entity, h.ID), Code: h.Code, Name: h.Name, JWKS: set, Marks: []string{string(ehds.MarkHDAB)},
		})
	}
	return e, nil
}

// startingRules leave every case to staff. The signatory is for the operator to name.
func startingRules(cfg *config.Config) desk.Rules {
	body := cfg.HDABs[0]
	return desk.Rules{
		Version: 1, Rules: []desk.Rule{}, Default: desk.Then{Decide: "manual"},
		Body: desk.Body{ID: body.Code, Name: body.Name["en"], Signatory: ehds.Signatory{
			Name: "Head of " + body.Name["en"], JobTitle: "Head of the health data access body",
		}},
	}
}

func writeJSON(name string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	return writeNew(name, b.Bytes())
}
