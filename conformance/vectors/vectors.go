// Package vectors holds attacks as data: named hostile tokens and documents, each with the rule that
// must refuse it and an honest twin that must pass in the same place.
//
// It serves two readers. The product's own tests run every vector against trust and the packages
// above it; the conformance suite will send the same vectors to any gateway. A vector says when it
// is read (the clock is part of the data), what the reader expects, and which test runs it here.
//
// Guarantees: the files under hostile/ are what hostile/generate makes, byte for byte (a test); every
// vector has a control and names a test that exists. The package reads nothing but its own files and
// judges nothing itself.
package vectors

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
)

//go:embed hostile/*.json
var files embed.FS

// worldFile holds the federation the vectors are read in.
const worldFile = "hostile/world.json"

// World is the federation the vectors live in: what is pinned, who is onboarded, and what each host
// answers. It answers nothing else: any other request is a finding.
type World struct {
	At         int64             `json:"at"` // seconds, when vectors without a time of their own are read
	Anchor     string            `json:"anchor"`
	AnchorKeys json.RawMessage   `json:"anchor_keys"` // JWK set, pinned out of band
	Onboarded  []string          `json:"onboarded"`
	Served     map[string]string `json:"served"` // "GET url", or "POST url sha256-of-trust_mark" → body
}

// Suite is the vectors of one group.
type Suite struct {
	Group    string              `json:"group"`
	Served   map[string]string   `json:"served,omitempty"` // answers that differ from the world's, for all of the group
	Controls map[string]Document `json:"controls"`         // honest twins, by name
	Vectors  []Vector            `json:"vectors"`
}

// Vector is one attack.
type Vector struct {
	ID      string   `json:"id"` // group-name, stable
	Title   string   `json:"title"`
	Why     string   `json:"why"`    // what an attacker gains where the rule is missing
	Clause  string   `json:"clause"` // the source of the rule; "profile §N" is docs/wire.md
	Run     string   `json:"run"`    // "directory TestName" that runs it here
	Rule    string   `json:"rule"`   // label of the rule that refuses
	Control string   `json:"control"`
	Attack  Document `json:"attack"`
}

// Document is what a reader is given, and what it expects. A vector and its control differ in what
// the vector's title says.
type Document struct {
	At     int64             `json:"at,omitempty"` // read at; zero is the world's time
	Expect Expect            `json:"expect,omitzero"`
	Prior  []string          `json:"prior,omitempty"`  // tokens read before, which are accepted
	Token  string            `json:"token,omitempty"`  // compact token, or hostile bytes in its place
	Bytes  string            `json:"bytes,omitempty"`  // instead of Token: base64 of bytes that are no text
	Keys   json.RawMessage   `json:"keys,omitempty"`   // JWK set the token is read with, instead of the world
	Chain  []string          `json:"chain,omitempty"`  // statements, leaf first, read instead of a token
	Served map[string]string `json:"served,omitempty"` // answers that differ from the world's
	Steps  []Step            `json:"steps,omitempty"`  // an exchange with a gateway
	Status string            `json:"status,omitempty"` // statuslist+jwt that the permit in Token is judged with
	Log    *Evidence         `json:"log,omitempty"`    // evidence that Token is in a log
	Unseal []SealingSeed     `json:"unseal,omitempty"` // the reader's keys: the body is opened after the message was read
}

// Evidence is what a receipt says of the log its message is in (docs/wire.md §4), and the log it must be.
type Evidence struct {
	Salt   string   `json:"salt"`
	Leaf   string   `json:"leaf"`
	Proof  string   `json:"proof"`
	Origin string   `json:"origin"`
	VKeys  []string `json:"vkeys"`
}

// SealingSeed is a private key of the reader, in a world where there is nothing to hide.
type SealingSeed struct {
	Alg  string `json:"alg"`
	Seed string `json:"seed"` // 32 octets in base64url
}

// Expect is what the reader of a token is ready to accept.
type Expect struct {
	Typ         string   `json:"typ,omitempty"`
	Audience    string   `json:"audience,omitempty"`
	Purpose     string   `json:"purpose,omitempty"`      // "exchange" or "permits": whose keys count
	MaxLifetime int64    `json:"max_lifetime,omitempty"` // seconds
	NoExpiry    bool     `json:"no_expiry,omitempty"`
	MaxToken    int      `json:"max_token,omitempty"` // bytes
	Marks       []string `json:"marks,omitempty"`     // one of them must be active
	Algs        []string `json:"algs,omitempty"`      // beyond those of the default profile
	// Policy is the signature policy toward an entity: classical, hybrid or post-quantum.
	Policy map[string]string `json:"policy,omitempty"`
}

// In is the world with the answers of the group.
func (s Suite) In(w World) World {
	served := maps.Clone(w.Served)
	maps.Copy(served, s.Served)
	w.Served = served
	return w
}

// Step is one delivery to a gateway and what it must answer.
type Step struct {
	At    int64           `json:"at"`
	Keys  json.RawMessage `json:"keys"` // JWK set the sender publishes at that time
	Token string          `json:"token"`
	// Want is the status of the receipt, followed by the code of its problem when it is REJECTED;
	// REFUSED is an answer without a receipt.
	Want string `json:"want"`
	// Repeats is the step, counted from 1, whose receipt a DUPLICATE must carry.
	Repeats int `json:"repeats,omitempty"`
	// Effects is how many messages have had an effect after the step.
	Effects int64 `json:"effects"`
}

// Load reads every suite and the world. An error means that the embedded files are damaged.
func Load() (World, []Suite, error) {
	var w World
	if err := read(worldFile, &w); err != nil {
		return w, nil, err
	}
	names, err := fs.Glob(files, "hostile/*.json")
	if err != nil {
		return w, nil, fmt.Errorf("vectors: %w", err)
	}
	var suites []Suite
	for _, name := range names {
		if name == worldFile {
			continue
		}
		var s Suite
		if err := read(name, &s); err != nil {
			return w, nil, err
		}
		suites = append(suites, s)
	}
	return w, suites, nil
}

// File is one file as embedded, for the test that makes it again.
func File(name string) ([]byte, error) { return files.ReadFile(path.Join("hostile", name)) }

func read(name string, into any) error {
	raw, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("vectors: %w", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("vectors: %s: %w", name, err)
	}
	return nil
}
