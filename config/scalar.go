package config

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// nodeKind is the kind of YAML value a scalar is written as.
type nodeKind int

const (
	textKind nodeKind = iota
	integerKind
	numberKind
	boolKind
)

// scalar says how one Go type is written and read.
type scalar struct {
	kind nodeKind
	// name completes "expected …".
	name string
	set  func(v reflect.Value, text string) error
}

var (
	errNotBool     = errors.New("expected true or false")
	errNotInteger  = errors.New("expected a whole number")
	errNotNumber   = errors.New("expected a number")
	errNotDuration = errors.New("not a duration such as 5m, 30s or 24h")
	errNotPrefix   = errors.New("not a network such as 10.0.0.0/8 or fd00::/8")
)

// integerForm leaves out octal, hexadecimal and underscores: 010 would be a guess.
var integerForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})$`)

// numberForm is decimal notation without exponent.
var numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,17})?(\.[0-9]{1,18})?$`)

// scalars are the types of values a configuration holds.
var scalars = map[reflect.Type]scalar{
	reflect.TypeFor[string]():        {textKind, "text", setText},
	reflect.TypeFor[bool]():          {boolKind, "true or false", setBool},
	reflect.TypeFor[int]():           {integerKind, "a whole number", setInteger},
	reflect.TypeFor[float64]():       {numberKind, "a number", setNumber},
	reflect.TypeFor[time.Duration](): {textKind, "a duration such as 5m", setDuration},
	reflect.TypeFor[ByteSize]():      {textKind, "a size such as 512MiB", setSize},
	reflect.TypeFor[netip.Prefix]():  {textKind, "a network such as 10.0.0.0/8", setPrefix},
	reflect.TypeFor[Secret]():        {textKind, "text", setSecret},
}

func scalarOf(t reflect.Type) (scalar, bool) {
	s, ok := scalars[t]
	return s, ok
}

func setText(v reflect.Value, text string) error {
	v.SetString(text)
	return nil
}

func setSecret(v reflect.Value, text string) error {
	v.Set(reflect.ValueOf(NewSecret(text)))
	return nil
}

func setBool(v reflect.Value, text string) error {
	if text != "true" && text != "false" {
		return errNotBool
	}
	v.SetBool(text == "true")
	return nil
}

func setInteger(v reflect.Value, text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !integerForm.MatchString(text) {
		return errNotInteger
	}
	v.SetInt(n)
	return nil
}

func setNumber(v reflect.Value, text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !numberForm.MatchString(text) {
		return errNotNumber
	}
	v.SetFloat(n)
	return nil
}

func setDuration(v reflect.Value, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil {
		return errNotDuration
	}
	v.SetInt(int64(d))
	return nil
}

func setSize(v reflect.Value, text string) error {
	n, err := ParseByteSize(text)
	if err != nil {
		return err
	}
	v.SetInt(int64(n))
	return nil
}

func setPrefix(v reflect.Value, text string) error {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return errNotPrefix
	}
	if p != p.Masked() {
		return fmt.Errorf("network has bits set behind its length; write %s", p.Masked())
	}
	v.Set(reflect.ValueOf(p))
	return nil
}

// scalarText returns the text of a scalar node when it is of the wanted kind.
func scalarText(n ast.Node, kind nodeKind) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, kind == textKind
	case *ast.LiteralNode:
		return n.Value.Value, kind == textKind
	case *ast.BoolNode:
		return n.GetToken().Value, kind == boolKind
	case *ast.IntegerNode:
		return n.GetToken().Value, kind == integerKind || kind == numberKind
	case *ast.FloatNode:
		return n.GetToken().Value, kind == numberKind
	}
	return "", false
}

// describe names the kind of a node for a message, never its value.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	}
	return "something else"
}
