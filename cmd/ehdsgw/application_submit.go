package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func applicationSubmitCommand() *cli.Command {
	return &cli.Command{
		Name: "submit", Usage: "file an application that concerns other nations", ArgsUsage: "FILE",
		Description: "FILE is application_metadata.json, the body of application.submit, or the ZIP a dispatcher answers with;\n" +
			"- is standard input. The running gateway stamps it with its own time and gives it an id where it has none.\n" +
			"Without --to it is filed with this nation and forwarded to the centre, which passes it on to every nation whose\n" +
			"datasets are asked for (profile ext-1, Art. 67(3)); only a centre that lists application.forward takes it. With --to\n" +
			"it goes to a hub listed under peers, directly and sealed for that hub alone (profile peer-1, no part of\n" +
			"HealthData@EU). Before anything leaves it is examined as by 'application check': what would be refused is not sent.\n\n" +
			"Examples:\n" +
			"  ehdsgw application submit application.json -c hub/ehdsgw.yaml\n" +
			"  ehdsgw application submit application.json --to https://ncp.fi.example -c hub/ehdsgw.yaml\n" +
			"  ehdsgw application submit application.zip --to https://ncp.fi.example --attach plan.pdf --strict --data-dir hub/data",
		Flags:  socketFlags(append(fileFlags(), &cli.StringFlag{Name: "to", Usage: "`ENTITY` of a hub to file with directly; without it the application is forwarded to the centre"})...),
		Action: applicationSubmit,
	}
}

// fileFlags are those of a command that files an application from a file.
func fileFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "language", Usage: "`TAG` of the form's language, such as fi, where the file does not state it, as application_metadata.json does not"},
		&cli.StringFlag{Name: "kind", Usage: "file it as this `KIND`, whatever the file states: access or request"},
		attachFlag(),
		&cli.BoolFlag{Name: "strict", Usage: "do not send what completion would be asked for either"},
	}
}

func attachFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "attach", Usage: "`FILE` that goes with it; repeatable"}
}

func applicationSubmit(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the file"); err != nil {
		return err
	}
	f, err := readyToLeave(c, c.Args().First())
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	row, err := client.File(c.Context, gateway.FilingRequest{To: c.String("to"), Application: f.body}, c.StringSlice("attach"))
	if err != nil {
		return answered(err)
	}
	way := fmt.Sprintf("%s is on its way to %s, sealed (%s, no part of HealthData@EU)", row.Case, row.Filing.To, row.Profile)
	if row.Profile == ehds.ProfileExt1 {
		way = fmt.Sprintf("%s is on its way to the centre %s, for every nation it concerns (%s, Art. 67(3))", row.Case, row.Filing.To, row.Profile)
	}
	return p.Print(row, output.Lines{
		way,
		"follow it with: ehdsgw application watch " + row.Case,
	})
}

// readyToLeave reads an application that is to be sent, and examines it.
func readyToLeave(c *cli.Context, name string) (applicationFile, error) {
	f, err := readApplicationFile(c, name)
	if err != nil {
		return f, err
	}
	if err := f.judgeAs(c.String("kind")); err != nil {
		return f, err
	}
	if f.body.Language = cmp.Or(f.body.Language, c.String("language")); f.body.Language == "" {
		return f, usage("%s does not state the form's language; say it with --language, such as --language fi", f.name)
	}
	return f, f.fit(c, c.Bool("strict"))
}

// fit examines an application before it leaves. What it says goes to standard error, as it may be long.
func (f applicationFile) fit(c *cli.Context, strict bool) error {
	e := examination{File: f.name, Findings: gate.Check(f.body, gate.Options{Today: time.Now().UTC().Truncate(24 * time.Hour)})}
	verdict := gate.Judge(e.Findings)
	if verdict == gate.Complete {
		return nil
	}
	for i, finding := range e.Findings {
		e.Findings[i].Pointer = f.place(finding.Pointer)
	}
	for _, line := range e.lines() {
		_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(line))
	}
	if verdict == gate.Refused {
		return negative("%s: not sent: the other hub would not validate it", f.name)
	}
	if strict {
		return negative("%s: not sent (--strict): completion would be asked for", f.name)
	}
	return nil
}
