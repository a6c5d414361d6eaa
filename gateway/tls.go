package gateway

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// openTLS reads the configured files; in development the public listener may use a certificate of an
// authority of its own.
func (g *Gateway) openTLS(context.Context) error {
	files := g.cfg.Listen.TLS
	if !files.Enabled() {
		if err := g.openDevelopmentCA(); err != nil {
			return err
		}
		files.Cert, files.Key = g.devCA.CertFile(), g.devCA.KeyFile()
	}
	var err error
	if g.tls, err = g.reloader(publicListener, files); err != nil {
		return err
	}
	if t := g.cfg.Admin.TLS; t.Enabled() {
		if g.adminTLS, err = g.reloader(adminListener, t); err != nil {
			return fmt.Errorf("admin: %w", err)
		}
	}
	return nil
}

func (g *Gateway) openDevelopmentCA() error {
	u, err := url.Parse(g.cfg.Entity)
	if err != nil {
		return err
	}
	names := []string{"localhost", "127.0.0.1"}
	if h := u.Hostname(); h != "localhost" && h != "127.0.0.1" {
		names = append(names, h)
	}
	g.devCA, err = pki.DevelopmentCA(filepath.Join(g.cfg.DataDir, "pki"), pki.Options{Clock: g.o.Clock, Rand: g.o.Rand, Names: names})
	return err
}

// reloader follows the files of one listener and logs what becomes of changed ones.
func (g *Gateway) reloader(listener string, t config.TLS) (*pki.Reloader, error) {
	return pki.NewReloader(pki.Files{
		Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA, Clock: g.o.Clock,
		OnReload: func(err error) {
			if err != nil {
				g.log.Error("renewed TLS files do not fit; the former ones stay in use", "listener", listener, "error", err)
				return
			}
			g.log.Info("TLS files reloaded", "listener", listener)
		},
	})
}

// keepTLS renews the development certificate and follows changed files.
func (g *Gateway) keepTLS(ctx context.Context) {
	if g.devCA != nil {
		if _, err := g.devCA.Renew(); err != nil {
			g.log.ErrorContext(ctx, "the development certificate cannot be renewed", "error", err)
		}
	}
	for _, r := range []*pki.Reloader{g.tls, g.adminTLS} {
		if r != nil {
			_, _ = r.Refresh() // OnReload has told
		}
	}
}
