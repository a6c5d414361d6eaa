package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of what is handed to the YAML parser, whose time grows with the square
// of keys and of nesting. A configuration stays far below them.
const (
	maxTokens     = 12_000
	maxLineTokens = 512
	maxDepth      = 16
)

// refusedTokens are the parts of YAML a configuration has no use for. They are
// refused before parsing, so no alias is ever expanded.
var refusedTokens = map[token.Type]string{
	token.AnchorType:     "anchors are not allowed",
	token.AliasType:      "aliases are not allowed",
	token.TagType:        "tags are not allowed",
	token.MergeKeyType:   "merge keys are not allowed",
	token.DirectiveType:  "directives are not allowed",
	token.MappingKeyType: "complex keys (?) are not allowed",
}

// scan checks the bytes and the tokens and returns the one mapping of the file.
func (b *builder) scan(src []byte) (*ast.MappingNode, bool) {
	start := position{file: b.file, line: 1, col: 1}
	switch {
	case tooLarge(src, MaxBytes):
		b.fail(start, "", "file is larger than %d bytes", MaxBytes)
		return nil, false
	case !utf8.Valid(src):
		b.fail(start, "", "file is not valid UTF-8")
		return nil, false
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if i := bytes.IndexFunc(src, isControl); i >= 0 {
		p := position{file: b.file, line: 1 + bytes.Count(src[:i], []byte("\n"))}
		p.col = 1 + utf8.RuneCount(src[bytes.LastIndexByte(src[:i], '\n')+1:i])
		b.fail(p, "", "control character is not allowed")
		return nil, false
	}
	tokens := lexer.Tokenize(string(src))
	if !b.scanTokens(tokens) {
		return nil, false
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		b.syntax(err)
		return nil, false
	}
	return b.document(file, start)
}

// isControl matches what has no place in a text file; a lone carriage return is
// left to the parser, which reads it as a line end.
func isControl(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r >= 0x80 && r < 0xa0
}

// scanTokens applies the bounds and refuses what a configuration may not hold.
func (b *builder) scanTokens(tokens token.Tokens) bool {
	start := position{file: b.file, line: 1, col: 1}
	if len(tokens) > maxTokens {
		b.fail(start, "", "file holds more than %d YAML tokens", maxTokens)
		return false
	}
	ok, depth, line, onLine, entries := true, 0, 0, 0, 0
	for _, t := range tokens {
		p := b.tokenPosition(t)
		if p.line != line {
			line, onLine, entries = p.line, 0, 0
		}
		onLine++
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			entries++
		}
		if depth > maxDepth || entries > maxDepth || onLine > maxLineTokens {
			b.fail(p, "", "nested too deep or too much on one line")
			return false
		}
		if why, refused := refusedTokens[t.Type]; refused {
			b.fail(p, "", "%s", why)
			ok = false
		}
	}
	return ok
}

// document returns the mapping of the only document.
func (b *builder) document(file *ast.File, start position) (*ast.MappingNode, bool) {
	if len(file.Docs) > 1 {
		p := start
		if t := file.Docs[1].Start; t != nil {
			p = b.tokenPosition(t)
		}
		b.fail(p, "", "file holds more than one YAML document")
		return nil, false
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		b.fail(start, "", "file is empty")
		return nil, false
	}
	switch n := file.Docs[0].Body.(type) {
	case *ast.MappingNode:
		return n, true
	case *ast.CommentGroupNode, *ast.NullNode:
		b.fail(start, "", "file is empty")
	default:
		b.fail(b.nodePosition(n), "", "expected keys and values, found %s", describe(n))
	}
	return nil, false
}

// syntax reports the parser's error with its place and without its excerpt of
// the source, which may hold a secret.
func (b *builder) syntax(err error) {
	p := position{file: b.file, line: 1, col: 1}
	var ye yaml.Error
	if !errors.As(err, &ye) {
		b.fail(p, "", "not valid YAML")
		return
	}
	if t := ye.GetToken(); t != nil {
		p = b.tokenPosition(t)
	}
	message := strings.Trim(fmt.Sprintf("%q", ye.GetMessage()), `"`)
	switch {
	case strings.HasPrefix(message, "mapping value is not allowed in this context"):
		message += `; quote a value that holds ": " or ends with ":"`
	case strings.Contains(message, `\t`):
		message = "a tab cannot start a value; indent with spaces"
	}
	b.fail(p, "", "not valid YAML: %s", message)
}

func (b *builder) tokenPosition(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{file: b.file, line: 1, col: 1}
	}
	return position{file: b.file, line: t.Position.Line, col: t.Position.Column}
}

// nodePosition is where a node starts; a block mapping starts at its first key.
func (b *builder) nodePosition(n ast.Node) position {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return b.tokenPosition(m.Values[0].Key.GetToken())
	}
	return b.tokenPosition(n.GetToken())
}
