package fdp

import (
	"slices"
	"strings"
)

// maxLinks bounds the links read off one answer.
const maxLinks = 64

// webLink is one link of a Link header.
type webLink struct {
	target string
	rels   []string // lower case
}

func (l webLink) is(rel string) bool { return slices.Contains(l.rels, rel) }

// parseLinks reads Link headers (RFC 8288 §3). A link that does not follow the grammar ends the reading of
// its header: what cannot be read is not followed.
func parseLinks(headers []string) []webLink {
	var out []webLink
	for _, h := range headers {
		for len(out) < maxLinks {
			h = strings.TrimLeft(h, " \t,")
			if !strings.HasPrefix(h, "<") {
				break
			}
			target, rest, ok := strings.Cut(h[1:], ">")
			if !ok {
				break
			}
			l := webLink{target: target}
			if h, ok = l.params(rest); !ok {
				break
			}
			out = append(out, l)
		}
	}
	return out
}

// params reads the parameters after a target up to the next link. The first rel counts (§3.3).
func (l *webLink) params(s string) (rest string, ok bool) {
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] == ',' {
			return s, true
		}
		if s[0] != ';' {
			return "", false
		}
		s = strings.TrimLeft(s[1:], " \t")
		end := strings.IndexAny(s, "=;,")
		if end < 0 || s[end] != '=' { // a parameter without a value
			if end < 0 {
				return "", true
			}
			s = s[end:]
			continue
		}
		name, value := strings.ToLower(strings.TrimRight(s[:end], " \t")), ""
		if value, s, ok = paramValue(strings.TrimLeft(s[end+1:], " \t")); !ok {
			return "", false
		}
		if name == "rel" && l.rels == nil {
			l.rels = strings.Fields(strings.ToLower(value))
		}
	}
}

// paramValue reads a token or a quoted string (RFC 9110 §5.6.4).
func paramValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return strings.TrimRight(s[:end], " \t"), s[end:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
