package forge

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// DecodeExact reads a JSON object into a struct and refuses members the struct does not name,
// letter for letter: encoding/json alone would take "Iss" for "iss". Members of types that keep raw
// JSON, maps and types with a reader of their own are not looked into.
func DecodeExact(raw []byte, into any) error {
	v, err := ParseJSON(raw)
	if err != nil {
		return err
	}
	if _, ok := v.(map[string]any); !ok {
		return fmt.Errorf("%w: not an object", ErrJSON)
	}
	if err := exact(v, reflect.TypeOf(into).Elem(), true); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: a member has another type", ErrJSON)
	}
	return nil
}

// DecodeKnown reads like DecodeExact but lets further members pass, as long as they do not differ
// from a known one in case only.
func DecodeKnown(raw []byte, into any) error {
	v, err := ParseJSON(raw)
	if err != nil {
		return err
	}
	if _, ok := v.(map[string]any); !ok {
		return fmt.Errorf("%w: not an object", ErrJSON)
	}
	if err := exact(v, reflect.TypeOf(into).Elem(), false); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: a member has another type", ErrJSON)
	}
	return nil
}

// ownReader is implemented by types that read JSON themselves.
var ownReader = reflect.TypeFor[json.Unmarshaler]()

func exact(v any, t reflect.Type, closed bool) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Implements(ownReader) || reflect.PointerTo(t).Implements(ownReader) {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		members, ok := v.(map[string]any)
		if !ok {
			return nil // json.Unmarshal reports the type
		}
		return exactMembers(members, t, closed)
	case reflect.Slice:
		list, _ := v.([]any)
		for _, e := range list {
			if err := exact(e, t.Elem(), closed); err != nil {
				return err
			}
		}
	}
	return nil
}

func exactMembers(members map[string]any, t reflect.Type, closed bool) error {
	fields := map[string]reflect.Type{}
	jsonFields(t, fields)
	for name, v := range members {
		field, known := fields[name]
		if known {
			if err := exact(v, field, closed); err != nil {
				return err
			}
			continue
		}
		if closed {
			return fmt.Errorf("%w: unknown member", ErrJSON)
		}
		for other := range fields {
			if strings.EqualFold(name, other) {
				return fmt.Errorf("%w: a member in another case", ErrJSON)
			}
		}
	}
	return nil
}

func jsonFields(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && f.Anonymous:
			jsonFields(f.Type, into)
		case name != "" && name != "-":
			into[name] = f.Type
		}
	}
}
