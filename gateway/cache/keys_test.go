package cache_test

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

var keyForm = regexp.MustCompile(`^ehdsgw:[0-9a-f]{16}:[a-z]+:[A-Za-z0-9_-]{43}$`)

func TestKeys(t *testing.T) {
	secret := []byte("secret")
	one := cache.NewKeys("https://ncp.fr.example", secret)
	other := cache.NewKeys("https://ncp.de.example", secret)
	unlike := cache.NewKeys("https://ncp.fr.example", []byte("another"))
	token := sha256.Sum256([]byte("token"))
	build := map[string]func(cache.Keys) string{
		"receipt":       func(k cache.Keys) string { return k.Receipt(token) },
		"chain":         func(k cache.Keys) string { return k.Chain("https://a.example", "https://b.example") },
		"chain swapped": func(k cache.Keys) string { return k.Chain("https://b.example", "https://a.example") },
		"chain shifted": func(k cache.Keys) string { return k.Chain("https://a.exampleh", "ttps://b.example") },
		"statement":     func(k cache.Keys) string { return k.Statement("https://a.example/x") },
		"jwks":          func(k cache.Keys) string { return k.JWKS("https://a.example", "ehds_gateway") },
		"mark":          func(k cache.Keys) string { return k.Mark("https://a.example", "ehds_gateway") },
		"rate":          func(k cache.Keys) string { return k.Rate("inbound", "Jana Nováková <jana@example.org> 192.0.2.7") },
		"rate empty":    func(k cache.Keys) string { return k.Rate("", "") },
		"snapshot":      func(k cache.Keys) string { return k.Snapshot("catalogue", "7") },
	}
	seen := map[string]string{}
	for name, f := range build {
		for who, keys := range map[string]cache.Keys{"one": one, "other": other, "unlike": unlike} {
			key := f(keys)
			if !keyForm.MatchString(key) || !strings.HasPrefix(key, keys.Prefix()) || cache.CheckKey(key) != nil {
				t.Errorf("%s: %q is not a key", name, key)
			}
			if before, twice := seen[key]; twice {
				t.Errorf("%s of %s has the key of %s", name, who, before)
			}
			seen[key] = name + " of " + who
			if f(keys) != key {
				t.Errorf("%s changes from call to call", name)
			}
		}
	}
	if one.Prefix() == other.Prefix() || one.Prefix() != unlike.Prefix() {
		t.Error("the prefix must depend on the entity alone")
	}
}

// TestKeysCopyTheSecret: a caller may wipe it.
func TestKeysCopyTheSecret(t *testing.T) {
	secret := []byte("secret")
	keys := cache.NewKeys("https://ncp.fr.example", secret)
	before := keys.Rate("a", "b")
	clear(secret)
	if keys.Rate("a", "b") != before {
		t.Error("keys change with the caller's slice")
	}
}
