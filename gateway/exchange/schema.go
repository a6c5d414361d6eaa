package exchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Schemas are the compiled body schemas of every message type.
type Schemas struct {
	byType map[ehds.MessageType]*jsonschema.Schema
	names  map[ehds.MessageType]map[string]json.RawMessage // members of the body
	titles map[ehds.MessageType]string                     // with the articles and tables they stand on
}

// CompileSchemas compiles the embedded schemas of gateway/ehds. It reads nothing from outside.
func CompileSchemas() (*Schemas, error) {
	s := &Schemas{byType: map[ehds.MessageType]*jsonschema.Schema{}, names: map[ehds.MessageType]map[string]json.RawMessage{}, titles: map[ehds.MessageType]string{}}
	for _, rule := range ehds.TypeRules() {
		types := []ehds.MessageType{rule.Type}
		if rule.Answered {
			types = append(types, rule.Type.Response())
		}
		for _, t := range types {
			compiled, err := compileSchema(t)
			if err != nil {
				return nil, fmt.Errorf("schema of %s: %w", t, err)
			}
			s.byType[t] = compiled
			var doc struct {
				Title      string                     `json:"title"`
				Properties map[string]json.RawMessage `json:"properties"`
			}
			raw, _ := ehds.Schema(t) // compiled a moment ago
			if err := json.Unmarshal(raw, &doc); err != nil {
				return nil, fmt.Errorf("schema of %s: %w", t, err)
			}
			s.names[t], s.titles[t] = doc.Properties, doc.Title
		}
	}
	return s, nil
}

func compileSchema(t ehds.MessageType) (*jsonschema.Schema, error) {
	raw, ok := ehds.Schema(t)
	if !ok {
		return nil, errors.New("missing")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	url := "urn:ehdsgw:schema:" + string(t)
	if err := c.AddResource(url, doc); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// Check validates a body at receipt level. The fault points at the first offending member, names the
// articles the schema stands on, and never repeats a value.
func (s *Schemas) Check(t ehds.MessageType, body json.RawMessage) *fault.Error {
	schema, ok := s.byType[t]
	if !ok {
		return invalid("unknown-type", "/type", "this message type is not part of the profile")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fault.Wrap(err, fault.Malformed, "body-json", "the body is not readable JSON").At("/body")
	}
	err = schema.Validate(doc)
	if err == nil {
		return nil
	}
	f := invalid("schema", "/body", "the body does not match the schema of its type: "+s.titles[t])
	var ve *jsonschema.ValidationError
	if errors.As(err, &ve) {
		f = f.At("/body" + deepestPointer(ve))
	}
	return f
}

// CheckOutgoing validates the body of a message of ours before it is queued.
func (s *Schemas) CheckOutgoing(m store.Outgoing) *fault.Error {
	var env ehds.Envelope
	if err := json.Unmarshal(m.Payload, &env); err != nil {
		return fault.Wrap(err, fault.Internal, "outgoing-unreadable", "a message of our own cannot be read back")
	}
	return s.Check(env.Type, env.Body)
}

// Remarks tells a sender that members of its body are not known here: they are kept and have no effect
// (wire profile §3). Their names are the sender's text and are not repeated.
func (s *Schemas) Remarks(t ehds.MessageType, body json.RawMessage) []ehds.Finding {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return nil
	}
	for name := range members {
		if _, known := s.names[t][name]; !known {
			return []ehds.Finding{{
				Pointer: "/body", Code: "unknown-member", Severity: "info",
				Message: "the body has members that are not known here; they are kept and ignored",
			}}
		}
	}
	return nil
}

// deepestPointer follows the first cause down to the member that failed, or that is missing. It stops at a member whose
// name is the sender's own and not the schema's: such a name is input, and may be anything.
func deepestPointer(v *jsonschema.ValidationError) string {
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	var b strings.Builder
	depth := 0
	for _, seg := range v.InstanceLocation {
		_, notIndex := strconv.Atoi(seg)
		if !strings.Contains(v.SchemaURL+"/", "/properties/"+seg+"/") && (notIndex != nil || !strings.Contains(v.SchemaURL, "/items")) {
			break
		}
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(seg))
		depth++
	}
	if r, ok := v.ErrorKind.(*kind.Required); ok && depth == len(v.InstanceLocation) && len(r.Missing) > 0 {
		b.WriteString("/" + r.Missing[0]) // a name of the schema's
	}
	return b.String()
}
