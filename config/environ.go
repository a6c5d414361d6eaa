package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// envSteps finds the path that a variable's name (without its prefix) means.
// Keys hold underscores themselves, so every key that fits is tried.
func envSteps(name string, t reflect.Type) ([]step, bool) {
	if _, ok := scalarOf(t); ok {
		return nil, name == ""
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			key := t.Field(i).Tag.Get("yaml")
			rest, ok := cutName(name, strings.ToUpper(key))
			if !ok {
				continue
			}
			if steps, ok := envSteps(rest, t.Field(i).Type); ok {
				return append([]step{{key, -1}}, steps...), true
			}
		}
	case reflect.Slice:
		if _, ok := scalarOf(t.Elem()); ok {
			return nil, name == ""
		}
		digits, rest, ok := strings.Cut(name, "_")
		n, err := strconv.Atoi(digits)
		if !ok || err != nil || n < 0 || n > 9999 || strconv.Itoa(n) != digits {
			return nil, false
		}
		steps, ok := envSteps(rest, t.Elem())
		return append([]step{{"", n}}, steps...), ok
	case reflect.Map:
		if name == "" {
			return nil, false
		}
		return []step{{strings.ReplaceAll(strings.ToLower(name), "_", "-"), -1}}, true
	}
	return nil, false
}

// cutName removes a leading key and the "_" behind it.
func cutName(name, key string) (string, bool) {
	rest, ok := strings.CutPrefix(name, key)
	if !ok || rest == "" {
		return rest, ok
	}
	return strings.CutPrefix(rest, "_")
}

// envNames lists the variables below a type, for suggestions. List entries are
// shown with index 0 and language maps with EN.
func envNames(prefix string, t reflect.Type) []string {
	if _, ok := scalarOf(t); ok {
		return []string{prefix}
	}
	var names []string
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			names = append(names, envNames(prefix+"_"+strings.ToUpper(f.Tag.Get("yaml")), f.Type)...)
		}
	case reflect.Slice:
		if _, ok := scalarOf(t.Elem()); ok {
			return []string{prefix}
		}
		return envNames(fmt.Sprintf("%s_0", prefix), t.Elem())
	case reflect.Map:
		return []string{prefix + "_EN"}
	}
	return names
}
