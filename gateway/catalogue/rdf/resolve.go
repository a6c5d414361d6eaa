package rdf

import "strings"

// reference is an IRI reference in its five parts (RFC 3986 §3). A part's
// flag tells an absent part from an empty one.
type reference struct {
	scheme, authority, path, query, fragment string
	hasAuthority, hasQuery, hasFragment      bool
}

// schemeLength returns the length of the scheme that s starts with, without
// the colon, or 0 when s has none and so is relative.
func schemeLength[T string | []byte](s T) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case charClass[c]&classStart != 0:
		case i > 0 && (charClass[c]&classDigit != 0 || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

// colonFirst reports whether the first path segment of a reference without
// scheme holds a colon, which RFC 3986 §4.2 forbids: most likely something
// that was to be a scheme is none.
func colonFirst(ref string) bool {
	i := strings.IndexAny(ref, ":/?#")
	return i >= 0 && ref[i] == ':'
}

// splitReference takes a reference apart as RFC 3986 appendix B does.
func splitReference(s string) (r reference) {
	if n := schemeLength(s); n > 0 {
		r.scheme, s = s[:n], s[n+1:]
	}
	s, r.fragment, r.hasFragment = strings.Cut(s, "#")
	s, r.query, r.hasQuery = strings.Cut(s, "?")
	if rest, ok := strings.CutPrefix(s, "//"); ok {
		r.hasAuthority = true
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		r.authority, s = rest[:end], rest[end:]
	}
	r.path = s
	return r
}

// String puts the reference together again (RFC 3986 §5.3).
func (r reference) String() string {
	var b strings.Builder
	if r.scheme != "" {
		b.WriteString(r.scheme)
		b.WriteByte(':')
	}
	if r.hasAuthority {
		b.WriteString("//")
		b.WriteString(r.authority)
	}
	b.WriteString(r.path)
	if r.hasQuery {
		b.WriteByte('?')
		b.WriteString(r.query)
	}
	if r.hasFragment {
		b.WriteByte('#')
		b.WriteString(r.fragment)
	}
	return b.String()
}

// resolve applies the relative reference ref to the base (RFC 3986 §5.2.2).
// IRIs that are already absolute are not resolved and so keep dot segments.
func (base reference) resolve(ref string) string {
	r := splitReference(ref)
	t := reference{scheme: base.scheme, fragment: r.fragment, hasFragment: r.hasFragment}
	t.query, t.hasQuery = r.query, r.hasQuery
	switch {
	case r.hasAuthority:
		t.authority, t.hasAuthority = r.authority, true
		t.path = removeDots(r.path)
		return t.String()
	case r.path == "":
		t.path = base.path
		if !r.hasQuery {
			t.query, t.hasQuery = base.query, base.hasQuery
		}
	case r.path[0] == '/':
		t.path = removeDots(r.path)
	default:
		t.path = removeDots(base.merge(r.path))
	}
	t.authority, t.hasAuthority = base.authority, base.hasAuthority
	return t.String()
}

// merge puts a relative path in the place of the base path's last segment
// (RFC 3986 §5.2.3).
func (base reference) merge(path string) string {
	if base.hasAuthority && base.path == "" {
		return "/" + path
	}
	return base.path[:strings.LastIndexByte(base.path, '/')+1] + path
}

// removeDots removes the segments "." and ".." (RFC 3986 §5.2.4).
func removeDots(path string) string {
	if !strings.Contains(path, ".") {
		return path
	}
	in := path
	out := make([]byte, 0, len(path))
	for in != "" {
		switch {
		case strings.HasPrefix(in, "../"):
			in = in[3:]
		case strings.HasPrefix(in, "./"), strings.HasPrefix(in, "/./"):
			in = in[2:]
		case in == "/.":
			in = "/"
		case strings.HasPrefix(in, "/../"):
			in = in[3:]
			out = dropSegment(out)
		case in == "/..":
			in = "/"
			out = dropSegment(out)
		case in == ".", in == "..":
			in = ""
		default:
			end := strings.IndexByte(in[1:], '/') + 1
			if end == 0 {
				end = len(in)
			}
			out = append(out, in[:end]...)
			in = in[end:]
		}
	}
	return string(out)
}

// dropSegment removes the last segment and the slash before it.
func dropSegment(out []byte) []byte {
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == '/' {
			return out[:i]
		}
	}
	return out[:0]
}
