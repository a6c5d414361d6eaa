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
		where := strings.Trim(e.EntityType+"."+e.Parameter, ".")
		lines = append(lines, where+": "+e.Operator+" ("+strings.Join(e.By, ", ")+"): "+valueOf(e, e.Before)+" → "+valueOf(e, e.After))
	}
	return lines
}

// valueOf is a value in short: key sets and long lists are for JSON.
func valueOf(e federation.Effect, raw json.RawMessage) string {
	const most = 200
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		compact.Reset()
	}
	switch text := compact.String(); {
	case raw == nil && e.Parameter == "":
		return "the type"
	case raw == nil:
		return "absent"
	case len(text) > most:
		return strings.ToValidUTF8(text[:most], "") + "…"
	default:
		return text
	}
}
