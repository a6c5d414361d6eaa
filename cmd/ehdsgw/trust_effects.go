package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// effectLines say what superiors changed, one operator a line: where, by what, by whom, before → after.
func effectLines(effects []federation.Effect) output.Lines {
	lines := make(output.Lines, 0, len(effects))
	for _, e := range effects {
		where, change := e.EntityType+"."+e.Parameter, valueOf(e.Before)+" → "+valueOf(e.After)
		if e.Parameter == "" { // allowed_entity_types takes whole types away
			where, change = e.EntityType, "taken away"
		}
		lines = append(lines, strings.TrimPrefix(where, ".")+": "+e.Operator+" ("+strings.Join(e.By, ", ")+"): "+change)
	}
	return lines
}

// valueOf is a value in short: key sets and long lists are for JSON.
func valueOf(raw json.RawMessage) string {
	const most = 200
	var compact bytes.Buffer
	if raw == nil || json.Compact(&compact, raw) != nil {
		return "absent"
	}
	text := compact.String()
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
