package roles

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// configurationLife is how long an entity configuration lives (wire profile §1: at most a day).
const configurationLife = 12 * time.Hour

// markSpare is how much life a mark must have left to be shown again.
const markSpare = 24 * time.Hour

// Entity is one entity as it shows itself: its configuration with metadata and role marks. It is safe
// for concurrent use.
type Entity struct {
	ID       string
	Key      *forge.Key // federation key
	Gateway  func() GatewayMetadata
	Superior forge.FederationMetadata // endpoints, when the entity vouches for others; zero otherwise
	Roles    []ehds.Mark              // asked for at the anchor
	Resolver *Resolver

	mu    sync.Mutex
	marks []shownMark
}

type shownMark struct {
	entry   forge.MarkEntry
	name    ehds.Mark
	expires time.Time
}

// Configuration signs the entity configuration (OpenID Federation 1.1 §9). Marks that cannot be had
// from the anchor now are left out: everybody can see then that the entity may do nothing.
func (e *Entity) Configuration(ctx context.Context) (string, error) {
	gateway, err := json.Marshal(e.Gateway())
	if err != nil {
		return "", err
	}
	superior, err := json.Marshal(e.Superior)
	if err != nil {
		return "", err
	}
	now := e.Resolver.Clock()
	return forge.Sign(e.Key, forge.TypStatement, forge.Statement{
		Iss: e.ID, Sub: e.ID, Iat: now.Unix(), Exp: now.Add(configurationLife).Unix(),
		JWKS: forge.NewJWKS(e.Key), AuthorityHints: []string{e.Resolver.Anchor.Entity},
		Metadata:   map[string]json.RawMessage{TypeGateway: gateway, TypeFederation: superior},
		TrustMarks: e.currentMarks(ctx, now),
	})
}

// Ready says whether every role mark is at hand, fetching those that are not.
func (e *Entity) Ready(ctx context.Context) bool {
	return len(e.currentMarks(ctx, e.Resolver.Clock())) == len(e.Roles)
}

func (e *Entity) currentMarks(ctx context.Context, now time.Time) []forge.MarkEntry {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.marks = slices.DeleteFunc(e.marks, func(m shownMark) bool { return m.expires.Sub(now) < markSpare })
	var out []forge.MarkEntry
	for _, name := range e.Roles {
		i := slices.IndexFunc(e.marks, func(m shownMark) bool { return m.name == name })
		if i < 0 {
			entry, m, err := e.Resolver.FetchMark(ctx, string(name), e.ID)
			if err != nil {
				e.Resolver.Logger.WarnContext(ctx, "a role mark cannot be had now", "mark", name, "error", err)
				continue
			}
			i, e.marks = len(e.marks), append(e.marks, shownMark{entry, name, time.Unix(m.Exp, 0)})
		}
		out = append(out, e.marks[i].entry)
	}
	return out
}

// ServeConfiguration answers GET /.well-known/openid-federation.
func (e *Entity) ServeConfiguration(w http.ResponseWriter, r *http.Request) {
	token, err := e.Configuration(r.Context())
	if err != nil {
		e.Resolver.Logger.ErrorContext(r.Context(), "the entity configuration cannot be made", "error", err)
		FederationError(w, http.StatusInternalServerError, "server_error", "the configuration cannot be made now")
		return
	}
	WriteToken(w, http.StatusOK, MediaStatement, token)
}
