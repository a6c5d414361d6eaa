package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

func catalogueCommand() *cli.Command {
	return &cli.Command{
		Name: "catalogue", Usage: "dataset descriptions",
		Subcommands: []*cli.Command{
			{
				Name: "validate", Usage: "check descriptions by a release of HealthDCAT-AP or the legal minimum, without a gateway", ArgsUsage: "FILE|DIR...",
				Description: "Reads RDF in every form (.ttl, .trig, .nt, .nq, .rdf, .jsonld) and judges each dataset at the level of\n" +
					"its own access rights, as publishing does; all arguments count as one catalogue. Exit 0: everything\n" +
					"may be published; 1: something may not. With several --profile, the verdicts stand side by side, and a\n" +
					"finding that not all of them have says whose it is. See 'ehdsgw catalogue profiles'.\n\n" +
					"With --shapes, judges any RDF by any SHACL shapes (Core); all arguments count as one graph. Exit 0: no\n" +
					"violation; 1: violations, or a malformed file. With --strict, exit 0 only when there is no result at all.\n\n" +
					"Examples:\n  ehdsgw catalogue validate hub/catalogue\n  ehdsgw catalogue validate --profile r8 --profile legal-minimum --lang fi hub/catalogue\n  ehdsgw catalogue validate --shapes shapes.ttl --lang fr data.ttl",
				Flags: append(shapesFlags(), &cli.StringFlag{Name: "lang", Value: "en", Usage: "`LANGUAGE` of messages: " + strings.Join(shacl.Languages(), ", ") + "; de only with --shapes"},
					&cli.StringSliceFlag{Name: "profile", Value: cli.NewStringSlice(profile.Release), Usage: "judge by the rule set called `NAME`; repeatable"}, outputFlag()),
				Action: catalogueValidate,
			},
			catalogueProfilesCommand(),
			catalogueMigrateCommand(),
			catalogueConvertCommand(),
			{
				Name: "publish", Usage: "make the running gateway publish its sources now",
				Description: "Waits until messages are queued, not until the centre has answered. Exit 1 when a source was held\n" +
					"back by the guard or could not be read, or when none of its datasets may be published.\n\n" +
					"Examples:\n  ehdsgw catalogue publish --dry-run -c hub/ehdsgw.yaml\n  ehdsgw catalogue publish --source national --force --data-dir hub/data",
				Flags: socketFlags(
					&cli.StringFlag{Name: "source", Usage: "only the source called `NAME`"},
					&cli.BoolFlag{Name: "dry-run", Usage: "say what would be sent and send nothing"},
					&cli.BoolFlag{Name: "force", Usage: "let removals and invalid records pass the guard: you have looked"},
				),
				Action: cataloguePublish,
			},
			catalogueSearchCommand(),
			catalogueShowCommand(),
			catalogueStatusCommand(),
			catalogueHistoryCommand(),
			catalogueReviewCommand(),
			catalogueReconcileCommand(),
			catalogueVerifyCommand(),
		},
	}
}
