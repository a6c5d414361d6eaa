package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxChainFile bounds a file with a chain, in bytes.
const maxChainFile = 4 << 20

func trustResolveCommand() *cli.Command {
	return &cli.Command{
		Name: "resolve", Usage: "show the trust chain of an entity, up to a pinned anchor", ArgsUsage: "ENTITY",
		Description: "Prints a tree from the entity to the anchor: keys, expiry, marks, and what each superior changed in\n" +
			"its metadata. Anchors come from --trust, or from the configuration. Statements are fetched from the\n" +
			"entity and its superiors, or read from --chain: a JSON array of statements, the entity's own first.\n" +
			"Exit 0: the chain holds; 1: it is refused, and by which rule; 3: a statement cannot be fetched now.\n\n" +
			"Example: ehdsgw trust resolve https://ncp.example --trust trust.json",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "trust", Usage: "trust `FILE` with the pinned anchors, instead of a configuration"},
			&cli.StringFlag{Name: "chain", Usage: "`FILE` with the statements; nothing is fetched"},
			&cli.StringFlag{Name: "at", Usage: "judge the statements of --chain at `TIME`, RFC 3339, instead of now"},
			&cli.BoolFlag{Name: "development", Usage: "allow http and entities on this machine"},
			outputFlag(),
		}, egressFlags()...),
		Action: trustResolve,
	}
}

func trustResolve(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the entity"); err != nil {
		return err
	}
	entity, at := c.Args().First(), time.Now()
	if s := c.String("at"); s != "" {
		if at, err = time.Parse(time.RFC3339, s); err != nil {
			return usage("--at %q: a time such as 2027-03-31T12:00:00Z is wanted", s)
		}
		if c.String("chain") == "" {
			return usage("--at goes with --chain: what is fetched is judged now")
		}
	}
	anchors, guard, err := trustSources(c)
	if err != nil {
		return err
	}
	var found *federation.Resolution
	if name := c.String("chain"); name != "" {
		found, err = resolveFile(c, name, entity, anchors, at)
	} else {
		found, err = resolveOnline(c, entity, anchors, guard)
	}
	var ours *exitError
	switch {
	case errors.As(err, &ours):
		return err
	case err != nil:
		return refusedChain(p, entity, err)
	}
	view := chainViewOf(found, at, c.String("chain") == "")
	return p.Print(view, view.summary(), output.Lines{""}, view.tree())
}

// resolveFile judges the statements of a file.
func resolveFile(c *cli.Context, name, entity string, anchors []federation.Anchor, at time.Time) (*federation.Resolution, error) {
	raw, err := readFile(c, name, maxChainFile)
	if err != nil {
		return nil, err
	}
	var tokens []string
	if err := json.Unmarshal(raw, &tokens); err != nil {
		return nil, usage("%s: a JSON array of statements is wanted, the entity's own first", name)
	}
	found, err := federation.ResolveChain(tokens, anchors, at)
	if err == nil && found.Entity.ID != entity {
		return nil, usage("%s: the chain is about %s", name, output.Safe(found.Entity.ID))
	}
	return found, err
}

// resolveOnline fetches the chain with the guarded client.
func resolveOnline(c *cli.Context, entity string, anchors []federation.Anchor, o egressOptions) (*federation.Resolution, error) {
	client, err := o.client()
	if err != nil {
		return nil, usage("%w", err)
	}
	if err := client.Check(entity); err != nil {
		return nil, usage("%s: %w; an entity is an https URL on a public address, or on one that --allow-network names", output.Safe(entity), err)
	}
	r := federation.NewResolver(federation.Options{
		Anchors: anchors, HTTP: client.HTTP(), Clock: time.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	return r.Discover(c.Context, entity)
}

// refusal is what trust resolve prints when the chain does not hold.
type refusal struct {
	Entity string `json:"entity"`
	Rule   string `json:"rule"`
	// Within is the rule of the token reader, where the statement is no good token.
	Within string `json:"within,omitempty"`
	Error  string `json:"error"`
}

func refusedChain(p output.Printer, entity string, err error) error {
	r := refusal{Entity: entity, Rule: federation.Rule(err), Within: jose.Rule(err), Error: err.Error()}
	code, verdict := exitNegative, "refused"
	if errors.Is(err, federation.ErrUnavailable) {
		code, verdict = exitCannotTell, "cannot tell: a statement cannot be fetched now"
	}
	rule := r.Rule
	if r.Within != "" {
		rule += " (" + r.Within + ")"
	}
	if err := p.Print(r, output.Fields{
		{Name: "verdict", Value: verdict}, {Name: "entity", Value: entity}, {Name: "rule", Value: rule}, {Name: "reason", Value: r.Error},
	}); err != nil {
		return err
	}
	return said(code)
}
