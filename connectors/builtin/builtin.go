// Package builtin is the explicit list of the drivers in this program, by family and name. It is the
// only importer of all drivers: nothing registers itself.
package builtin

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/central/https"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
)

// PermitSettings configure a permit driver.
type PermitSettings struct {
	Rules      []byte       // desk: the rules file
	FourEyes   bool         // desk: two persons decide
	Gate       gate.Options // desk: what national law adds to what is asked of an application
	Dispatcher dispatcher.Options
	REMS       rems.Options
}

// CentralSettings configure a central driver.
type CentralSettings struct {
	Timeout time.Duration
}

// Registry makes drivers by name.
type Registry struct {
	Catalogue map[string]func(connectors.Host, CatalogueSettings) (connectors.Catalogue, error)
	Permits   map[string]func(connectors.Host, PermitSettings) (connectors.Permits, error)
	Central   map[string]func(connectors.Host, CentralSettings) (connectors.Central, error)
}

// Drivers is the list.
func Drivers() Registry {
	return Registry{
		Catalogue: map[string]func(connectors.Host, CatalogueSettings) (connectors.Catalogue, error){
			"ckan":    openCKAN,
			"fdp":     openFDP,
			"ingest":  openIngest,
			"oaipmh":  openOAIPMH,
			"piveau":  openPiveau,
			"rdffile": openRDFFile,
		},
		Permits: map[string]func(connectors.Host, PermitSettings) (connectors.Permits, error){
			"desk": func(h connectors.Host, s PermitSettings) (connectors.Permits, error) {
				return desk.New(h, desk.Options{Rules: s.Rules, FourEyes: s.FourEyes, Gate: s.Gate})
			},
			"rems": func(h connectors.Host, s PermitSettings) (connectors.Permits, error) { return rems.New(h, s.REMS) },
			"dispatcher": func(h connectors.Host, s PermitSettings) (connectors.Permits, error) {
				return dispatcher.New(h, s.Dispatcher)
			},
		},
		Central: map[string]func(connectors.Host, CentralSettings) (connectors.Central, error){
			"https": func(h connectors.Host, s CentralSettings) (connectors.Central, error) {
				return https.New(https.Options{HTTP: h.HTTP, Timeout: s.Timeout}), nil
			},
		},
	}
}

// Find picks a driver of one family, or says which there are.
func Find[F any](family map[string]F, kind, name string) (F, error) {
	f, ok := family[name]
	if ok {
		return f, nil
	}
	names := make([]string, 0, len(family))
	for n := range family {
		names = append(names, n)
	}
	sort.Strings(names)
	return f, fmt.Errorf("there is no %s driver %q; this program has: %s", kind, name, strings.Join(names, ", "))
}
