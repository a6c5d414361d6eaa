package main

import (
	"cmp"
	"encoding/json"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
)

func applicationAmendCommand() *cli.Command {
	return &cli.Command{
		Name: "amend", Usage: "file a new version of an application with another nation's hub", ArgsUsage: "CASE FILE",
		Description: "FILE is the whole application, in a form that 'application submit' reads; - is standard input. The case stays the\n" +
			"same, and so do its id and kind. The version is that of --number, else the one FILE states, else the next; it must be\n" +
			"higher than those filed before, and the other hub must have answered them. A decided or withdrawn application takes no\n" +
			"new version. When the other hub does not validate the new one, the version before stays in force.\n\n" +
			"Examples:\n" +
			"  ehdsgw application amend nat:FR:6a70b4d104db074a00fd0001 application.json -c hub/ehdsgw.yaml\n" +
			"  ehdsgw application amend nat:FR:6a70b4d104db074a00fd0001 application.zip --number 3 --attach plan.pdf --data-dir hub/data",
		Flags: socketFlags(append(fileFlags(),
			&cli.IntFlag{Name: "number", Usage: "`N` of the version, whatever the file states"})...),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			if c.IsSet("number") && c.Int("number") < 1 {
				return usage("--number: versions count from 1")
			}
			f, err := readyToLeave(c, c.Args().Get(1))
			if err != nil {
				return err
			}
			f.body.Version = cmp.Or(c.Int("number"), f.statedVersion())
			a.Do, a.Application = "amend", &f.body
			return nil
		}, "the file"),
	}
}

// statedVersion is the version the file gives itself, or zero. A dispatcher shows it in its list only.
func (f applicationFile) statedVersion() int {
	var stated struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(f.raw, &stated) != nil {
		return 0
	}
	return stated.Version
}
