package main

import (
	"encoding/json"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func applicationWithdrawCommand() *cli.Command {
	return &cli.Command{
		Name: "withdraw", Usage: "withdraw an application from another nation's hub", ArgsUsage: "CASE",
		Description: "Example:\n  ehdsgw application withdraw nat:FR:6a70b4d104db074a00fd0001 --reason 'no longer needed' -c hub/ehdsgw.yaml",
		Flags:       socketFlags(&cli.StringFlag{Name: "reason", Usage: "`TEXT` of the reason"}),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			a.Do, a.Text = "withdraw", c.String("reason")
			return nil
		}),
	}
}

func hdabFlag() cli.Flag {
	return &cli.StringFlag{Name: "hdab", Usage: "`ENTITY` of the body, where several deal with the application"}
}

func applicationAnswerCommand() *cli.Command {
	return &cli.Command{
		Name: "answer", Usage: "answer a decision of another nation's body", ArgsUsage: "CASE ANSWER",
		Description: "ANSWER is accept or reject of a positive decision, accept or appeal of a negative one.\n\n" +
			"Example:\n  ehdsgw application answer nat:FR:6a70b4d104db074a00fd0001 accept -c hub/ehdsgw.yaml",
		Flags: socketFlags(hdabFlag()),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			word, err := oneOf("answer", c.Args().Get(1), string(ehds.AnswerAccept), string(ehds.AnswerReject), string(ehds.AnswerAppeal))
			a.Do, a.HDAB, a.Answer = "answer", c.String("hdab"), ehds.Answer(word)
			return err
		}, "the answer"),
	}
}

func applicationInfoCommand() *cli.Command {
	return &cli.Command{
		Name: "info", Usage: "send what another nation's body asked for", ArgsUsage: "CASE FILE",
		Description: "FILE is a JSON array of sections, such as [{\"number\": 2, \"fields\": {\"projectLeader\": \"Prof. Example\"}}];\n" +
			"section 6 names its country. What is asked for stands in 'application show'. - is standard input.\n\n" +
			"Example:\n  ehdsgw application info nat:FR:6a70b4d104db074a00fd0001 answer.json --attach plan.pdf -c hub/ehdsgw.yaml",
		Flags: socketFlags(hdabFlag(), attachFlag()),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			raw, err := readFile(c, c.Args().Get(1), maxApplication)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(raw, &a.Sections); err != nil {
				return usage("%s: an array of sections is wanted: %w", c.Args().Get(1), err)
			}
			a.Do, a.HDAB = "info", c.String("hdab")
			return nil
		}, "the file"),
	}
}

func applicationAppealCommand() *cli.Command {
	return &cli.Command{
		Name: "appeal", Usage: "appeal against a refusal of another nation's body", ArgsUsage: "CASE FILE",
		Description: "FILE is the text of the appeal; - is standard input.\n\n" +
			"Example:\n  ehdsgw application appeal nat:FR:6a70b4d104db074a00fd0001 grounds.txt --attach opinion.pdf -c hub/ehdsgw.yaml",
		Flags: socketFlags(hdabFlag(), attachFlag()),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			text, err := readFile(c, c.Args().Get(1), maxApplication)
			a.Do, a.HDAB, a.Text = "appeal", c.String("hdab"), string(text)
			return err
		}, "the file"),
	}
}

func applicationShareCommand() *cli.Command {
	return &cli.Command{
		Name: "share", Usage: "show a peer what a body of ours decided on the same application, with its permit (Art. 68(5))", ArgsUsage: "CASE",
		Description: "CASE is the application as it was filed with the other nation's hub, --of the case in which our body decided. The other\n" +
			"hub proves the permit and, as its configuration says, leaves it to staff, proposes it to them, or takes it over;\n" +
			"a refusal is never taken over.\n\n" +
			"Example:\n  ehdsgw application share nat:FR:6a70b4d104db074a00fd0001 --of app:8c8b496186c66a516c9777c2 -c hub/ehdsgw.yaml",
		Flags: socketFlags(&cli.StringFlag{Name: "of", Usage: "`CASE` in which our body decided (required)"}, hdabFlag()),
		Action: acting(func(c *cli.Context, a *gateway.FilingAct) error {
			if a.Do, a.HDAB, a.Of = "share", c.String("hdab"), c.String("of"); a.Of == "" {
				return usage("--of is missing: the case in which our body decided")
			}
			return nil
		}),
	}
}

// acting is a command that does one thing about the case it is given; read fills in what.
func acting(read func(*cli.Context, *gateway.FilingAct) error, more ...string) cli.ActionFunc {
	return func(c *cli.Context) error {
		p, err := printer(c)
		if err != nil {
			return err
		}
		if err := exactly(c, append([]string{"the case"}, more...)...); err != nil {
			return err
		}
		act := gateway.FilingAct{Case: c.Args().First()}
		if err := read(c, &act); err != nil {
			return err
		}
		client, err := gatewayOf(c)
		if err != nil {
			return err
		}
		row, err := client.Act(c.Context, act, c.StringSlice("attach"))
		if err != nil {
			return answered(err)
		}
		return p.Print(row, filingLines(row))
	}
}
