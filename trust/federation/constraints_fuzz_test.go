package federation

import (
	"net/url"
	"strings"
	"testing"
)

func FuzzNamingConstraints(f *testing.F) {
	f.Add("https://ncp.fr.test/hdab/hdh", ".fr.test")
	f.Add("https://user@NCP.fr.test.:8443", "ncp.fr.test")
	f.Add("https://[::1]", ".test")
	f.Fuzz(func(t *testing.T, entity, name string) {
		only := &NamingConstraints{Permitted: []string{name}}
		if (&Constraints{NamingConstraints: only}).check() != nil {
			return
		}
		without := &NamingConstraints{Excluded: []string{name}}
		neither := &NamingConstraints{}
		switch {
		case (&NamingConstraints{Permitted: []string{name}, Excluded: []string{name}}).allow(entity):
			t.Errorf("%q is permitted although %q is excluded", entity, name)
		case only.allow(entity) && without.allow(entity):
			t.Errorf("%q is inside %q and outside", entity, name)
		case neither.allow(entity) != (only.allow(entity) || without.allow(entity)):
			t.Errorf("%q is neither inside %q nor outside", entity, name)
		}
		if !only.allow(entity) {
			return
		}
		u, err := url.Parse(entity)
		host := strings.ToLower(u.Hostname())
		if err != nil || !strings.HasSuffix(host, strings.ToLower(name)) || host == "" || strings.HasSuffix(host, ".") {
			t.Errorf("%q is permitted by %q", entity, name)
		}
	})
}
