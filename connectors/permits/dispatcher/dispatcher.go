package dispatcher

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// System is a national system that may call.
type System struct {
	Name string // [a-z0-9-]; named in keys and logs
	// Bodies are the entity identifiers of the bodies whose tracks it sees; none means every body.
	Bodies []string
	Rate   int // requests a second, on average; 0 means DefaultRate
	// Push is where notices are announced to it; without a URL it polls.
	Push webhook.Target
}

// Placement says where the ZIP of an application has its attachments.
type Placement string

// The placements. Observed is as the sample has it: what a field of the form names is beside the
// metadata, what section 9 names and everything else within the nested ZIP.
const (
	PlaceObserved Placement = "observed"
	PlaceNested   Placement = "nested"
)

// Members of the metadata that TEHDAS2 D6.4 has and nobody has seen on the wire; see Options.Emit.
const (
	EmitUser       = "user"
	EmitLanguage   = "language"
	EmitProvenance = "provenance"
	EmitDateAdded  = "date_added"
)

// Emittable lists the members that may be asked for.
func Emittable() []string {
	return []string{EmitUser, EmitLanguage, EmitProvenance, EmitDateAdded}
}

// DefaultRate is how many requests a second a system may make.
const DefaultRate = 20

// Options configure the driver.
type Options struct {
	Country string // ISO 3166-1 alpha-2, of the nation: names its measures and reports
	Systems []System
	Emit    []string  // members beyond those observed
	Place   Placement // empty means PlaceObserved
	// SPEOperator and SPETools are those of the secure processing environment, where neither a decision
	// nor the form names them (Art. 68(10)(f)).
	SPEOperator string
	SPETools    []string
	// Fees are told where a decision names none (Art. 68(10)(g)); nil leaves them to the decision.
	Fees *ehds.Fees
}

// Driver is the interface for national systems. It is safe for concurrent use.
type Driver struct {
	host    connectors.Host
	o       Options
	systems map[string]*system
	nudge   chan struct{}
	uploads chan struct{} // requests with documents that are read at once
	failed  *rate.Limiter // answers to keys that are none, and lines of the log about them
	mu      sync.Mutex    // one change at a time: numbers are read, then written
}

// system is a System with what it has used up.
type system struct {
	System
	limit *rate.Limiter
}

var (
	_ connectors.Permits = (*Driver)(nil)
	_ connectors.Served  = (*Driver)(nil)
)

// ErrOptions is wrapped by the errors of New.
var ErrOptions = errors.New("dispatcher")

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// New opens the driver.
func New(host connectors.Host, o Options) (*Driver, error) {
	if host.Mailbox == nil || host.Clock == nil || host.Rand == nil {
		return nil, fmt.Errorf("%w: the host lends no mailbox, clock or randomness", ErrOptions)
	}
	if host.Logger == nil {
		host.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Place == "" {
		o.Place = PlaceObserved
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	d := &Driver{host: host, o: o, systems: map[string]*system{}, nudge: make(chan struct{}, 1),
		failed: rate.NewLimiter(failuresPerSecond, failureBurst), uploads: make(chan struct{}, uploadsAtOnce)}
	for _, s := range o.Systems {
		if s.Rate <= 0 {
			s.Rate = DefaultRate
		}
		d.systems[s.Name] = &system{s, rate.NewLimiter(rate.Limit(s.Rate), 4*s.Rate)}
	}
	return d, nil
}

// Check says what keeps options from being used. It asks nothing of the outside.
func (o Options) Check() error {
	if o.Place != "" && o.Place != PlaceObserved && o.Place != PlaceNested {
		return fmt.Errorf("%w: attachments are placed as %s or %s", ErrOptions, PlaceObserved, PlaceNested)
	}
	for _, e := range o.Emit {
		if !slices.Contains(Emittable(), e) {
			return fmt.Errorf("%w: only %v may be emitted beyond what was observed", ErrOptions, Emittable())
		}
	}
	names := map[string]bool{}
	for _, s := range o.Systems {
		if !nameForm.MatchString(s.Name) || names[s.Name] {
			return fmt.Errorf("%w: a system has a name of its own, of a-z, 0-9 and hyphens", ErrOptions)
		}
		names[s.Name] = true
		if err := s.Push.Check(); err != nil {
			return fmt.Errorf("%w: system %s: %w", ErrOptions, s.Name, err)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: no system is configured", ErrOptions)
	}
	return nil
}

// limited says whether there are bodies the system may know nothing of.
func (s *system) limited() bool { return len(s.Bodies) > 0 }

// sees says whether a system may know of a body's tracks.
func (s *system) sees(body string) bool {
	return !s.limited() || slices.Contains(s.Bodies, body)
}
