package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

func enrollFlags() []cli.Flag {
	return []cli.Flag{
		dirFlag(),
		&cli.StringFlag{Name: "request", Usage: "enrollment `FILE` of a gateway: its entity, keys, marks and bodies"},
		&cli.StringFlag{Name: "jwks", Usage: "`FILE` with the entity's federation keys (JWK set)"},
		&cli.StringFlag{Name: "thumbprint", Usage: "`THUMBPRINT` (RFC 7638) of a key that must have signed its configuration, which is fetched"},
		&cli.BoolFlag{Name: "replace", Usage: "the entity is enrolled: put this in place, as after it rotated its keys"},
		&cli.StringFlag{Name: "country", Usage: "`CODE` of its country, ISO 3166-1 alpha-2; EU for the centre"},
		&cli.StringFlag{Name: "hdab-code", Usage: "`CODE` of a body within its country"},
		&cli.StringSliceFlag{Name: "type", Usage: "entity `TYPE`: ehds_gateway (the usual one) or ehds_hdab; repeatable"},
		&cli.BoolFlag{Name: "intermediate", Usage: "it has subordinates of its own"},
		&cli.BoolFlag{Name: "marks-only", Usage: "it stands under another superior: it gets marks and no statement"},
		&cli.StringSliceFlag{Name: "mark", Usage: "`NAME` of a role mark it gets, such as ncp, or its type; repeatable"},
		&cli.StringSliceFlag{Name: "issues", Usage: "`NAME` of a role mark it may issue to those below it; repeatable"},
		&cli.StringFlag{Name: "policy", Usage: "`FILE` with a metadata policy to state (JSON)"},
		&cli.StringFlag{Name: "metadata", Usage: "`FILE` with metadata to state, by entity type (JSON)"},
		&cli.IntFlag{Name: "max-path-length", Value: -1, Usage: "at most `N` intermediates below it"},
		&cli.StringSliceFlag{Name: "permit-name", Usage: "`HOST` or .domain that names below it may have; repeatable"},
		&cli.StringSliceFlag{Name: "exclude-name", Usage: "`HOST` or .domain that names below it may not have; repeatable"},
		&cli.StringSliceFlag{Name: "allow-type", Usage: "entity `TYPE` that may stand below it; repeatable"},
		caFlag(), networkFlag(), outputFlag(),
	}
}

func anchorEnroll(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	d, err := openAnchor(c)
	if err != nil {
		return err
	}
	defer d.close()
	var o egressOptions
	if err := o.read(c); err != nil {
		return err
	}
	s, resolver, err := d.superior(o, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	var subs []superior.Subordinate
	if c.String("request") != "" {
		subs, err = d.requested(c)
	} else {
		subs, err = d.described(c, resolver)
	}
	if err != nil {
		return err
	}
	rows := []subordinateRow{}
	for _, sub := range subs {
		if err := s.Enrol(sub, c.Bool("replace")); err != nil {
			return enrolRefused(sub.Entity, err)
		}
		now, err := d.registry.Get(sub.Entity)
		if err != nil {
			return err
		}
		rows = append(rows, rowOf(now))
	}
	return p.Print(rows, gridOf(rows))
}

// enrolRefused says how to mend what the register refuses.
func enrolRefused(entity string, err error) error {
	switch {
	case errors.Is(err, superior.ErrEnrolled):
		return negative("%s: %w; use --replace to put new keys in place", entity, err)
	case errors.Is(err, superior.ErrUnknown):
		return negative("%s: %w; leave out --replace to enrol it", entity, err)
	case errors.Is(err, superior.ErrKeyTaken), errors.Is(err, superior.ErrLoop), errors.Is(err, superior.ErrUnfit):
		return negative("%s: %w", entity, err)
	}
	return err
}

// markTypes are the types that names mean.
func (d *anchorDir) markTypes(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if !strings.Contains(n, "://") {
			out[i] = federation.MarkType(d.file.markAnchor(), n)
		}
	}
	return out
}

func (d *anchorDir) marks(names []string) map[string]time.Time {
	out := map[string]time.Time{}
	for _, t := range d.markTypes(names) {
		out[t] = time.Time{}
	}
	return out
}

// requested is a gateway and its bodies, from the file that ehdsgw init made. The bodies stand under
// the gateway's contact point: from us they get their marks.
func (d *anchorDir) requested(c *cli.Context) ([]superior.Subordinate, error) {
	if err := exactly(c); err != nil {
		return nil, err
	}
	name := c.String("request")
	raw, err := readFile(c, name, maxTrustFile)
	if err != nil {
		return nil, err
	}
	var e enrollment
	if err := jose.DecodeStrict(raw, &e); err != nil {
		return nil, usage("%s: %w", name, err)
	}
	if e.Version != 1 {
		return nil, usage("%s: version %d is not known to this program", name, e.Version)
	}
	sub := superior.Subordinate{
		Entity: e.Entity, Types: []string{federation.TypeGateway}, Intermediate: len(e.HDABs) > 0, Country: e.Country, Keys: e.JWKS, Marks: d.marks(e.Marks),
	}
	if err := d.stated(c, &sub); err != nil {
		return nil, err
	}
	out := []superior.Subordinate{sub}
	for _, h := range e.HDABs {
		out = append(out, superior.Subordinate{Entity: h.Entity, MarksOnly: true, Types: []string{federation.TypeHDAB}, Marks: d.marks(h.Marks)})
	}
	return out, nil
}

// described is one entity, from the flags.
func (d *anchorDir) described(c *cli.Context, r *federation.Resolver) ([]superior.Subordinate, error) {
	if err := exactly(c, "the entity"); err != nil {
		return nil, err
	}
	sub := superior.Subordinate{
		Entity: c.Args().First(), Types: c.StringSlice("type"), Intermediate: c.Bool("intermediate"), MarksOnly: c.Bool("marks-only"),
		Country: c.String("country"), HDABCode: c.String("hdab-code"), Marks: d.marks(c.StringSlice("mark")), Issues: d.markTypes(c.StringSlice("issues")),
	}
	if len(sub.Types) == 0 && !sub.Intermediate && !sub.MarksOnly {
		sub.Types = []string{federation.TypeGateway}
	}
	if err := checkEntityURL(sub.Entity, d.file.Development); err != nil {
		return nil, err
	}
	if err := d.stated(c, &sub); err != nil {
		return nil, err
	}
	var err error
	switch file, thumbprint := c.String("jwks"), c.String("thumbprint"); {
	case file != "" && thumbprint != "":
		return nil, usage("--jwks and --thumbprint exclude each other")
	case file != "":
		sub.Keys, err = readKeySet(c, file)
	case thumbprint != "":
		sub.Keys, err = d.pinned(c, r, sub.Entity, thumbprint)
	case !sub.MarksOnly:
		err = usage("its keys are missing: --jwks, --thumbprint or --request")
	}
	return []superior.Subordinate{sub}, err
}

// pinned fetches an entity's configuration and takes its keys, if the key with the thumbprint signed it
// and it names us as a superior.
func (d *anchorDir) pinned(c *cli.Context, r *federation.Resolver, entity, thumbprint string) (jose.KeySet, error) {
	config, err := r.Configuration(c.Context, entity)
	if errors.Is(err, federation.ErrUnavailable) {
		return jose.KeySet{}, cannotTell("%w; enrol it with --jwks if it does not serve yet", err)
	}
	if err != nil {
		return jose.KeySet{}, negative("%w", err)
	}
	set, err := superior.PinFrom(config, thumbprint)
	if err != nil {
		return jose.KeySet{}, negative("%w", err)
	}
	if !slices.Contains(config.AuthorityHints, d.file.Entity) {
		return jose.KeySet{}, negative("%s does not name %s in its authority_hints: have it name it as a superior first", output.Safe(entity), d.file.Entity)
	}
	return set, nil
}

// stated reads policy, metadata and constraints.
func (d *anchorDir) stated(c *cli.Context, sub *superior.Subordinate) error {
	if name := c.String("policy"); name != "" {
		raw, err := readFile(c, name, maxTrustFile)
		if err != nil {
			return err
		}
		sub.Policy = raw
		if _, err := federation.ParseMetadataPolicy(raw, d.file.Entity); err != nil {
			return usage("%s: %w", name, err)
		}
	}
	if name := c.String("metadata"); name != "" {
		raw, err := readFile(c, name, maxTrustFile)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &sub.Metadata); err != nil {
			return usage("%s: metadata by entity type is wanted: %w", name, err)
		}
	}
	limits := federation.Constraints{}
	limited := false
	if n := c.Int("max-path-length"); n >= 0 {
		limits.MaxPathLength, limited = &n, true
	}
	permit, exclude := c.StringSlice("permit-name"), c.StringSlice("exclude-name")
	if len(permit)+len(exclude) > 0 {
		limits.NamingConstraints, limited = &federation.NamingConstraints{Permitted: permit, Excluded: exclude}, true
		if len(permit) == 0 {
			limits.NamingConstraints.Permitted = nil
		}
	}
	if types := c.StringSlice("allow-type"); len(types) > 0 {
		limits.AllowedEntityTypes, limited = types, true
	}
	if limited {
		sub.Constraints = &limits
	}
	return nil
}
