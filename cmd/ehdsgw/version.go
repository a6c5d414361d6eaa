package main

import (
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

// version is set by the linker for releases.
var version = ""

// build says what this program was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Dirty   bool   `json:"dirty,omitempty"` // built from sources with changes that are not in Commit
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func buildVersion() build {
	b := build{Version: version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok {
		if b.Version == "" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.modified":
				b.Dirty = s.Value == "true"
			}
		}
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "development"
	}
	return b
}

func versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print the version", Description: "Example: ehdsgw version --output json",
		Flags: []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			p, err := printer(c)
			if err != nil {
				return err
			}
			if err := exactly(c); err != nil {
				return err
			}
			b := buildVersion()
			fields := output.Fields{
				{Name: "version", Value: b.Version}, {Name: "go", Value: b.Go}, {Name: "platform", Value: b.OS + "/" + b.Arch},
			}
			if b.Commit != "" {
				fields = append(fields, output.Field{Name: "commit", Value: b.Commit})
			}
			return p.Print(b, fields)
		},
	}
}
