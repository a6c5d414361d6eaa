package redis

import (
	"crypto/tls"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goredis "github.com/redis/go-redis/v9"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

func parseText(raw string) (*goredis.UniversalOptions, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	return parse(u, Options{})
}

func TestParse(t *testing.T) {
	type view struct {
		Addrs                      []string
		Master, User, Password     string
		SentinelUser, SentinelPass string
		DB, Pool                   int
		Cluster, TLS               bool
	}
	for _, c := range []struct {
		url  string
		want view
	}{
		{"redis://cache.example", view{Addrs: []string{"cache.example:6379"}, Pool: 16}},
		{"redis://[::1]:7000/2", view{Addrs: []string{"[::1]:7000"}, DB: 2, Pool: 16}},
		{"redis://[::1]", view{Addrs: []string{"[::1]:6379"}, Pool: 16}},
		{"rediss://u:p%40ss@cache.example:6380/0?pool_size=3",
			view{Addrs: []string{"cache.example:6380"}, User: "u", Password: "p@ss", Pool: 3, TLS: true}},
		{"redis+sentinel://:pw@a.example:26379,c.example,b.example:1/main/4?sentinel_user=su&sentinel_password=sp&tls=true",
			view{Addrs: []string{"a.example:26379", "c.example:26379", "b.example:1"}, Master: "main", Password: "pw",
				SentinelUser: "su", SentinelPass: "sp", DB: 4, Pool: 16, TLS: true}},
		{"redis+sentinel://a.example:26379/main", view{Addrs: []string{"a.example:26379"}, Master: "main", Pool: 16}},
		{"redis+cluster://a.example:7000,b.example:7001?tls=false",
			view{Addrs: []string{"a.example:7000", "b.example:7001"}, Cluster: true, Pool: 16}},
	} {
		t.Run(c.url, func(t *testing.T) {
			o, err := parseText(c.url)
			if err != nil {
				t.Fatal(err)
			}
			got := view{o.Addrs, o.MasterName, o.Username, o.Password, o.SentinelUsername, o.SentinelPassword,
				o.DB, o.PoolSize, o.IsClusterMode, o.TLSConfig != nil}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			if !o.ContextTimeoutEnabled || o.MaxRetries != -1 || o.DialerRetries != 1 || o.MaxActiveConns != o.PoolSize {
				t.Errorf("unbounded client: %+v", o)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, raw := range []string{
		"redis://", "redis://:hunter2@", "redis://:hunter2@a,b", "redis://:hunter2@a:0", "redis://:hunter2@a/x", "redis://:hunter2@a/1/2",
		"redis://:hunter2@a?tls=true", "redis://:hunter2@a?hunter2=1", "redis://:hunter2@a?pool_size=0", "redis://:hunter2@a?pool_size=1&pool_size=2",
		"redis://:hunter2@a#hunter2", "redis+cluster://:hunter2@a,b:1/1", "redis+cluster://:hunter2@a?tls=hunter2",
		"redis+sentinel://:hunter2@a:1", "redis+sentinel://:hunter2@a:1/m/x", "redis+sentinel://:hunter2@a,,b:1/m",
		"redis+cluster://a?sentinel_user=hunter2", "memory:", "redis://a?x=%25zz%zz",
	} {
		t.Run(raw, func(t *testing.T) {
			o, err := parseText(raw)
			if o != nil || !errors.Is(err, cache.ErrURL) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("parse = %v, %v", o, err)
			}
		})
	}
}

func TestTLSConfigKeepsTheHigherVersion(t *testing.T) {
	given := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: "x"}
	if got := tlsConfig(given); got.MinVersion != tls.VersionTLS13 || got.ServerName != "x" || got == given {
		t.Errorf("config = %+v", got)
	}
	if got := tlsConfig(&tls.Config{MinVersion: tls.VersionTLS10}); got.MinVersion != tls.VersionTLS12 {
		t.Errorf("oldest version = %x", got.MinVersion)
	}
}
