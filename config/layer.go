package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// envPrefix starts the name of every environment variable that is configuration.
const envPrefix = "EHDSGW_"

// serviceLink matches the variables Kubernetes sets in every container for a
// Service whose name starts with "ehdsgw"; they are not configuration.
var serviceLink = regexp.MustCompile(`^EHDSGW_(.+_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_.*)?)?)$`)

// step is one part of a path: a key, or the index of a list entry.
type step struct {
	key   string
	index int // -1 for a key
}

// setting is one value from outside the file.
type setting struct {
	from  string // what Finding.File says
	path  string
	steps []step
	value string
}

// applyEnviron sets every EHDSGW_ variable. The name is the path in capitals
// with "_" between its parts, as in EHDSGW_LOG_LEVEL or EHDSGW_HDABS_0_CODE. An
// empty variable counts as not set.
func (b *builder) applyEnviron(root reflect.Value) {
	var settings []setting
	for _, line := range b.options.Environ {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || value == "" ||
			slices.Contains(b.options.IgnoreEnv, name) {
			continue
		}
		steps, ok := envSteps(strings.TrimPrefix(name, envPrefix), root.Type())
		if ok {
			settings = append(settings, setting{name, pathOf(steps), steps, value})
		} else if !serviceLink.MatchString(name) {
			b.fail(position{file: name}, "", "unknown variable; the nearest known one is %s",
				nearest(name, envNames(envPrefix[:len(envPrefix)-1], root.Type())))
		}
	}
	b.apply(root, settings)
}

// applyOverrides sets the values given as flags.
func (b *builder) applyOverrides(root reflect.Value) {
	var settings []setting
	for _, path := range slices.Sorted(maps.Keys(b.options.Overrides)) {
		steps, ok := parsePath(path)
		if !ok {
			b.fail(position{file: "override"}, "", "%s is not a path such as log.level", quote(path))
			continue
		}
		settings = append(settings, setting{"override", path, steps, b.options.Overrides[path]})
	}
	b.apply(root, settings)
}

// apply sets the values in the order of their paths, so that hdabs[0] comes
// before hdabs[1] and may add the entry the other follows.
func (b *builder) apply(root reflect.Value, settings []setting) {
	slices.SortStableFunc(settings, func(x, y setting) int {
		return slices.CompareFunc(x.steps, y.steps, func(s, t step) int {
			return cmp.Or(cmp.Compare(s.index, t.index), cmp.Compare(s.key, t.key))
		})
	})
	for _, s := range settings {
		if err := set(root, s.steps, s.value); err != nil {
			b.fail(position{file: s.from}, s.path, "%s", err)
			continue
		}
		b.settled(s)
	}
}

// settled makes a value from outside count as the only one: its place replaces
// the file's, and what was wrong with the file's value no longer matters.
func (b *builder) settled(s setting) {
	b.positions[s.path] = position{file: s.from}
	if b.bad[s.path] {
		delete(b.bad, s.path)
		b.findings = slices.DeleteFunc(b.findings, func(f Finding) bool {
			return f.Path == s.path && !strings.HasPrefix(f.Message, "key is given twice")
		})
	}
}

// set writes text at steps below v.
func set(v reflect.Value, steps []step, text string) error {
	if len(steps) == 0 {
		return setLeaf(v, text)
	}
	head, rest := steps[0], steps[1:]
	switch {
	case head.index < 0 && v.Kind() == reflect.Map:
		if len(rest) > 0 {
			return fmt.Errorf("no key below %s", quote(head.key))
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		v.SetMapIndex(reflect.ValueOf(head.key), reflect.ValueOf(text))
		return nil
	case head.index < 0 && v.Kind() == reflect.Struct && scalars[v.Type()].set == nil:
		i, ok := fieldByKey(v.Type(), head.key)
		if !ok {
			return fmt.Errorf("unknown key; the nearest known key is %q", nearest(head.key, keysOf(v.Type())))
		}
		return set(v.Field(i), rest, text)
	case head.index >= 0 && v.Kind() == reflect.Slice:
		if head.index > v.Len() {
			return fmt.Errorf("no entry %d: the list has %d", head.index, v.Len())
		}
		grown := head.index == v.Len()
		list := v
		if grown {
			list = reflect.Append(v, newElement(v.Type().Elem()))
		}
		if err := set(list.Index(head.index), rest, text); err != nil {
			return err
		}
		v.Set(list)
		return nil
	}
	return fmt.Errorf("there is nothing below this key")
}

// setLeaf writes a scalar or a list of scalars separated by commas.
func setLeaf(v reflect.Value, text string) error {
	if s, ok := scalarOf(v.Type()); ok {
		return s.set(v, text)
	}
	if v.Kind() != reflect.Slice {
		return fmt.Errorf("this key holds others; name one of them")
	}
	s, ok := scalarOf(v.Type().Elem())
	if !ok {
		return fmt.Errorf("this list holds keys; name an entry and a key, as in [0].%s", keysOf(v.Type().Elem())[0])
	}
	out := reflect.MakeSlice(v.Type(), 0, 1)
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := s.set(e, part); err != nil {
			return err
		}
		out = reflect.Append(out, e)
	}
	v.Set(out)
	return nil
}

// pathForm is the spelling of a path: keys and list indices.
var pathForm = regexp.MustCompile(`^([A-Za-z0-9_-]{1,64})((?:\[[0-9]{1,4}\])*)(?:\.|$)`)

// parsePath splits a.b[0].c.
func parsePath(path string) ([]step, bool) {
	var steps []step
	rest := path
	for rest != "" {
		m := pathForm.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		steps = append(steps, step{m[1], -1})
		for _, digits := range strings.FieldsFunc(m[2], func(r rune) bool { return r == '[' || r == ']' }) {
			n, _ := strconv.Atoi(digits)
			steps = append(steps, step{"", n})
		}
		rest = rest[len(m[0]):]
	}
	return steps, len(steps) > 0 && !strings.HasSuffix(path, ".")
}

// pathOf is the inverse of parsePath.
func pathOf(steps []step) string {
	path := ""
	for _, s := range steps {
		if s.index >= 0 {
			path += fmt.Sprintf("[%d]", s.index)
		} else {
			path = join(path, s.key)
		}
	}
	return path
}
