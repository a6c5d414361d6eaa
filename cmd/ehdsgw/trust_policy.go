package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxPolicyFile bounds a policy or metadata file, in bytes: what fits into a statement.
const maxPolicyFile = 1 << 20

func trustPolicyCommand() *cli.Command {
	return &cli.Command{
		Name: "policy", Usage: "merge metadata policies and apply them, offline",
		Description: "Each --superior holds the policy of one superior for one entity type, the most superior first:\n" +
			"{\"parameter\": {\"operator\": value}}. --metadata holds what an entity of that type says of itself.\n" +
			"With --entity-type they hold whole metadata_policy and metadata claims, of which that type counts.\n" +
			"Exit 0: the metadata passes; 1: a policy does not hold (invalid_policy), or the metadata does not\n" +
			"pass it (invalid_metadata).\n\n" +
			"Example: ehdsgw trust policy --superior anchor.json --superior ncp.json --metadata entity.json",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "superior", Usage: "`FILE` with a superior's policy; repeatable, most superior first (required)"},
			&cli.StringFlag{Name: "metadata", Usage: "`FILE` with the entity's metadata (required)"},
			&cli.StringFlag{Name: "entity-type", Usage: "read whole claims and judge this `TYPE`, such as ehds_gateway"},
			outputFlag(),
		},
		Action: trustPolicy,
	}
}

// resolvedMetadata is what trust policy prints as JSON when the metadata passes.
type resolvedMetadata struct {
	Resolved map[string]json.RawMessage `json:"resolved"`
}

// refusedPolicy is what it prints when they do not go together.
type refusedPolicy struct {
	Error     string `json:"error"` // invalid_policy or invalid_metadata
	Parameter string `json:"parameter,omitempty"`
	Operator  string `json:"operator,omitempty"`
	By        string `json:"policy_of,omitempty"`
	Reason    string `json:"error_description"`
}

func trustPolicy(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	files, metadataFile := c.StringSlice("superior"), c.String("metadata")
	if len(files) == 0 || metadataFile == "" {
		return usage("--superior and --metadata are required; see '%s --help'", c.Command.HelpName)
	}
	metadata, err := readMetadataFile(c, metadataFile)
	if err != nil {
		return err
	}
	policies := make([][]byte, len(files))
	for i, name := range files {
		if policies[i], err = readFile(c, name, maxPolicyFile); err != nil {
			return err
		}
	}
	resolved, effects, err := underPolicies(policies, files, c.String("entity-type"), metadata)
	var refused *federation.PolicyError
	switch {
	case errors.As(err, &refused):
		r := refusalOf(refused)
		if err := p.Print(r, refusedFields(r)); err != nil {
			return err
		}
		return said(exitNegative)
	case err != nil:
		return err
	}
	return p.Print(resolvedMetadata{resolved}, output.Fields{{Name: "result", Value: "resolved"}}, output.Lines{""}, parameterFields(resolved), output.Lines{""}, effectLines(effects))
}

// underPolicies merges the policies and applies them.
func underPolicies(policies [][]byte, files []string, entityType string, metadata map[string]json.RawMessage) (map[string]json.RawMessage, []federation.Effect, error) {
	parsed := make([]federation.Policy, len(policies))
	for i, raw := range policies {
		var err error
		if parsed[i], err = onePolicy(raw, files[i], entityType); err != nil {
			return nil, nil, err
		}
	}
	merged, err := federation.MergePolicies(parsed...)
	if err != nil {
		return nil, nil, err
	}
	return merged.Apply(metadata)
}

func onePolicy(raw []byte, file, entityType string) (federation.Policy, error) {
	if entityType == "" {
		return federation.ParsePolicy(raw, file)
	}
	all, err := federation.ParseMetadataPolicy(raw, file)
	return all[entityType], err
}

// readMetadataFile reads metadata of the one entity type that is judged.
func readMetadataFile(c *cli.Context, name string) (map[string]json.RawMessage, error) {
	raw, err := readFile(c, name, maxPolicyFile)
	if err != nil {
		return nil, err
	}
	out, err := jsonObject(raw)
	if entityType := c.String("entity-type"); err == nil && entityType != "" {
		one, ok := out[entityType]
		if !ok {
			return nil, usage("%s: there is no metadata for the entity type %q", name, entityType)
		}
		out, err = jsonObject(one)
	}
	if err != nil {
		return nil, usage("%s: %w; a JSON object of metadata is wanted", name, err)
	}
	return out, nil
}

// jsonObject reads one JSON object strictly.
func jsonObject(raw []byte) (map[string]json.RawMessage, error) {
	if err := jose.CheckJSON(raw, jose.DefaultMaxDepth); err != nil {
		return nil, err
	}
	var out map[string]json.RawMessage
	return out, json.Unmarshal(raw, &out)
}

func refusalOf(e *federation.PolicyError) refusedPolicy {
	r := refusedPolicy{Error: "invalid_metadata", Parameter: e.Parameter, Operator: e.Operator, By: e.By, Reason: e.Reason}
	if errors.Is(e, federation.ErrInvalidPolicy) {
		r.Error = "invalid_policy"
	}
	return r
}

func refusedFields(r refusedPolicy) output.Fields {
	return output.Fields{
		{Name: "result", Value: r.Error}, {Name: "parameter", Value: r.Parameter}, {Name: "operator", Value: r.Operator},
		{Name: "policy of", Value: r.By}, {Name: "reason", Value: r.Reason},
	}
}

func parameterFields(metadata map[string]json.RawMessage) output.Fields {
	var f output.Fields
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		f = append(f, output.Field{Name: name, Value: string(metadata[name])})
	}
	return f
}
