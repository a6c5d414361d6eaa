package redis

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

// The schemes of the URL:
//
//	redis://[user:password@]host[:6379][/db]
//	rediss://…                                        the same with TLS
//	redis+sentinel://[user:password@]host:26379,host:26379/master[/db]
//	redis+cluster://[user:password@]host:6379,host:6379
//
// A list of hosts ends with one that has a port.
// Parameters: pool_size=16 (all) · tls=true (sentinel, cluster) ·
// sentinel_user, sentinel_password (sentinel).
const (
	schemePlain    = "redis"
	schemeTLS      = "rediss"
	schemeSentinel = "redis+sentinel"
	schemeCluster  = "redis+cluster"
)

// Bounds of the client.
const (
	defaultPool = 16
	maxPool     = 1024
	// patience bounds dialling, reading, writing and waiting for a connection
	// when the caller's context allows more.
	patience = time.Second
)

// Options are what a URL cannot say.
type Options struct {
	// TLS is the client's configuration for rediss and tls=true: roots and, where
	// the server asks for one, a certificate. Nil means the system's roots.
	TLS *tls.Config
}

// parse turns the URL into the library's options. Messages never hold input.
func parse(u *url.URL, o Options) (*goredis.UniversalOptions, error) {
	opts := base(u)
	var port string
	var withTLS bool
	switch u.Scheme {
	case schemePlain, schemeCluster:
		port = "6379"
	case schemeTLS:
		port, withTLS = "6379", true
	case schemeSentinel:
		port = "26379"
	default:
		return nil, refuse("unknown scheme")
	}
	many := u.Scheme == schemeSentinel || u.Scheme == schemeCluster
	var err error
	if opts.Addrs, err = addresses(u.Host, port, many); err != nil {
		return nil, err
	}
	opts.IsClusterMode = u.Scheme == schemeCluster
	if err := path(u, opts); err != nil {
		return nil, err
	}
	asked, err := parameters(u, opts)
	if err != nil {
		return nil, err
	}
	if withTLS || asked {
		opts.TLSConfig = tlsConfig(o.TLS)
	}
	return opts, nil
}

// base is what every client has in common.
func base(u *url.URL) *goredis.UniversalOptions {
	opts := &goredis.UniversalOptions{
		Protocol:              2,
		Username:              u.User.Username(),
		ContextTimeoutEnabled: true,
		MaxRetries:            -1,
		DialerRetries:         1,
		DialTimeout:           patience,
		ReadTimeout:           patience,
		WriteTimeout:          patience,
		PoolTimeout:           patience,
		PoolSize:              defaultPool,
		MaxActiveConns:        defaultPool,
		PipelinePoolSize:      -1,
		DisableIdentity:       true,
	}
	opts.Password, _ = u.User.Password()
	return opts
}

// addresses splits host[:port],host[:port].
func addresses(hosts, port string, many bool) ([]string, error) {
	var out []string
	for host := range strings.SplitSeq(hosts, ",") {
		name, given, err := net.SplitHostPort(host)
		if err != nil {
			name, given = strings.Trim(host, "[]"), port
		}
		if n, err := strconv.ParseUint(given, 10, 16); err != nil || n == 0 || name == "" {
			return nil, refuse("a host is missing or its port is wrong")
		}
		out = append(out, net.JoinHostPort(name, given))
	}
	if len(out) > 1 && !many {
		return nil, refuse("several hosts need redis+sentinel or redis+cluster")
	}
	return out, nil
}

// path reads /db, or /master and /db for Sentinel.
func path(u *url.URL, opts *goredis.UniversalOptions) error {
	parts := strings.Split(strings.TrimPrefix(strings.TrimSuffix(u.Path, "/"), "/"), "/")
	if u.Scheme == schemeSentinel {
		if parts[0] == "" {
			return refuse("the master's name is missing")
		}
		opts.MasterName, parts = parts[0], parts[1:]
	}
	if len(parts) == 0 || len(parts) == 1 && parts[0] == "" {
		return nil
	}
	n, err := strconv.ParseUint(parts[0], 10, 16)
	switch {
	case len(parts) > 1 || err != nil:
		return refuse("the database is not a number")
	case n > 0 && u.Scheme == schemeCluster:
		return refuse("a cluster has only database 0")
	}
	opts.DB = int(n)
	return nil
}

// parameters reads the query and tells whether it asks for TLS.
func parameters(u *url.URL, opts *goredis.UniversalOptions) (withTLS bool, err error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Fragment != "" {
		return false, refuse("malformed parameters")
	}
	many := u.Scheme == schemeSentinel || u.Scheme == schemeCluster
	for name, values := range query {
		value := values[0]
		switch {
		case len(values) > 1:
			return false, refuse("a parameter is given twice")
		case name == "pool_size":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxPool {
				return false, refuse("pool_size is not a number from 1 to 1024")
			}
			opts.PoolSize, opts.MaxActiveConns = n, n
		case name == "tls" && many:
			if value != "true" && value != "false" {
				return false, refuse("tls is neither true nor false")
			}
			withTLS = value == "true"
		case name == "sentinel_user" && u.Scheme == schemeSentinel:
			opts.SentinelUsername = value
		case name == "sentinel_password" && u.Scheme == schemeSentinel:
			opts.SentinelPassword = value
		default:
			return false, refuse("unknown parameter")
		}
	}
	return withTLS, nil
}

// tlsConfig copies the given configuration and raises its oldest version to 1.2.
func tlsConfig(given *tls.Config) *tls.Config {
	if given == nil {
		return &tls.Config{MinVersion: tls.VersionTLS12}
	}
	c := given.Clone()
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	return c
}

func refuse(why string) error { return fmt.Errorf("%w: %s", cache.ErrURL, why) }
