package config

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
)

// resolve makes relative paths absolute to the file's directory and replaces
// the references of secrets by their values.
func (b *builder) resolve(path string, v reflect.Value, as string) {
	switch {
	case v.Type() == reflect.TypeFor[Secret]():
		b.resolveSecret(path, v)
	case v.Kind() == reflect.String:
		if text := v.String(); as == "path" || as == "location" && !isURL(text) {
			v.SetString(b.absolute(text))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			b.resolve(fmt.Sprintf("%s[%d]", path, i), v.Index(i), as)
		}
	case v.Kind() == reflect.Struct && scalars[v.Type()].set == nil:
		for i := range v.NumField() {
			tag := v.Type().Field(i).Tag
			b.resolve(join(path, tag.Get("yaml")), v.Field(i), tag.Get("as"))
		}
	}
}

func (b *builder) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(b.dir, path)
}

// resolveSecret reads file:PATH and env:NAME; anything else is the value itself.
func (b *builder) resolveSecret(path string, v reflect.Value) {
	text := v.Interface().(Secret).Reveal()
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		value, found := lookup(b.options.Environ, name)
		if !found || value == "" {
			b.refuse(path, "environment variable of the secret is not set")
			return
		}
		v.Set(reflect.ValueOf(NewSecret(value)))
		return
	}
	name, ok := strings.CutPrefix(text, "file:")
	if !ok {
		return
	}
	content, err := b.options.read(b.absolute(name), maxSecretBytes)
	switch value := trimSecret(content); {
	case err != nil:
		b.refuse(path, "cannot read the secret: %s", reason(err))
	case tooLarge(content, maxSecretBytes):
		b.refuse(path, "file of the secret is larger than %d bytes", maxSecretBytes)
	case value == "":
		b.refuse(path, "file of the secret is empty")
	default:
		v.Set(reflect.ValueOf(NewSecret(value)))
	}
}

// reason names why a file could not be read, without repeating its name: what
// was meant as a secret itself may have been read as one.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	}
	return "the file is not readable"
}

func lookup(environ []string, name string) (string, bool) {
	for _, line := range environ {
		if k, v, ok := strings.Cut(line, "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}
