package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/inproc"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/cases"
	"github.com/ehdsgw/ehdsgw/conformance/driver"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/report"
)

func conformanceRunCommand() *cli.Command {
	return &cli.Command{
		Name: "run", Usage: "run the cases against a gateway", ArgsUsage: "--exec -- COMMAND…|--inproc",
		Description: "Starts COMMAND as the gateway to judge, with EHDS_CONFORMANCE=1 and a bootstrap in JSON on its standard input, and\n" +
			"plays everybody around it: the trust anchor, the centre, a neighbouring hub and the national systems. All on this\n" +
			"machine. The verdict is the tester's own: self-declared, no certificate.\n\n" +
			"Exit codes: 0 conformant, 1 not, 2 usage or a pattern that matches nothing, 3 inconclusive or nothing ran, 4 partial.\n" +
			"With --expect it is 0 when exactly the listed cases fail, and 1 otherwise.\n\n" +
			"Examples:\n" +
			"  ehdsgw conformance run --exec -- ehdsgw serve\n" +
			"  ehdsgw conformance run --inproc --profile permit\n" +
			"  ehdsgw conformance run --case JOSE --report report.json --exec -- ./their-gateway --test",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "exec", Usage: "start the command after -- as the target"},
			&cli.BoolFlag{Name: "inproc", Usage: "judge this program's own gateway, inside this process and on a clock that can be moved"},
			&cli.StringSliceFlag{Name: "case", Usage: "only cases that match `PATTERN`, a group or an id with wildcards; repeatable"},
			profileFlag(),
			&cli.StringFlag{Name: "report", Usage: "write the report to this new `FILE`, as JSON"},
			&cli.StringFlag{Name: "attest", Usage: "sign what was found, as an in-toto test result in a JWS, into this new `FILE`; the key's public half goes to FILE.jwks.json"},
			&cli.StringFlag{Name: "expect", Usage: "`FILE` with known failures: [{id, reason, until}]; strict both ways"},
			&cli.IntFlag{Name: "parallel", Value: 4, Usage: "`N` cases at a time"},
			&cli.Float64Flag{Name: "patience", Value: 1, Usage: "multiply every wait by `FACTOR`, for slow targets"},
			&cli.StringFlag{Name: "dir", Usage: "keep what the run wrote in this new `DIR`; a temporary one is removed"},
			outputFlag(),
		}, formFlags()...),
		Action: conformanceRun,
	}
}

func conformanceRun(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.Bool("inproc") == c.Bool("exec") || c.Bool("exec") != (c.NArg() > 0) {
		return usage("what to judge is missing, or said twice: --exec -- COMMAND…, or --inproc")
	}
	if c.Float64("patience") <= 0 || c.Int("parallel") < 1 {
		return usage("--patience and --parallel: above zero")
	}
	picked, err := conformance.Pick(cases.All(), c.StringSlice("case"), c.StringSlice("profile"))
	if err != nil {
		return usage("%w", err)
	}
	expected, err := expectations(c)
	if err != nil {
		return err
	}
	dir, done, err := runDir(c.String("dir"))
	if err != nil {
		return err
	}
	defer done()
	found, err := judge(c.Context, c, picked, dir)
	if err != nil {
		return cannotTell("nothing was judged: %w", err)
	}
	if err := writeReport(c, found); err != nil {
		return err
	}
	if err := p.Print(found, reportLines(found)); err != nil {
		return err
	}
	return verdictExit(found, expected, c.String("expect") != "")
}

// writeReport writes the report and the forms and the attestation asked for.
func writeReport(c *cli.Context, r conformance.Report) error {
	if name := c.String("report"); name != "" {
		raw, err := json.MarshalIndent(r, "", " ")
		if err != nil {
			return err
		}
		if err := writeNew(name, raw); err != nil {
			return negative("%w", err)
		}
	}
	if err := writeForms(c, r); err != nil {
		return err
	}
	return attest(c.String("attest"), r)
}

// attest signs with a key that is made for this one run and forgotten.
func attest(name string, r conformance.Report) error {
	if name == "" {
		return nil
	}
	key, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		return err
	}
	token, err := report.Attest(r, key)
	if err != nil {
		return negative("%w", err)
	}
	public, err := json.Marshal(forge.NewJWKS(key))
	if err != nil {
		return err
	}
	for file, content := range map[string][]byte{name: []byte(token), name + ".jwks.json": public} {
		if err := writeNew(file, content); err != nil {
			return negative("%w", err)
		}
	}
	return nil
}

// judge runs the cases and makes the report.
func judge(ctx context.Context, c *cli.Context, picked []conformance.Case, dir string) (conformance.Report, error) {
	id, err := runID()
	if err != nil {
		return conformance.Report{}, err
	}
	all := cases.All()
	r := conformance.Report{
		RunID: id, Began: time.Now().UTC(), Attestable: true,
		Suite:  conformance.Suite{Version: buildVersion().Version, Manifest: conformance.Manifest(all), Cases: len(all)},
		Target: conformance.Target{Driver: "exec"},
	}
	if len(picked) < len(all) {
		r.Attestable, r.Why = false, append(r.Why, fmt.Sprintf("%d cases were asked for, not all", len(picked)))
	}
	if c.String("expect") != "" {
		r.Attestable, r.Why = false, append(r.Why, "failures were expected")
	}
	began := time.Now()
	o := conformance.Options{
		Cases: picked, Now: time.Now, Dir: dir, RunID: id,
		Parallel: c.Int("parallel"), Patience: c.Float64("patience"),
		Progress: func(done, of int, res conformance.Result) {
			_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(progressLine(done, of, res))) // a closed pipe: nothing to mend
		},
	}
	if c.Bool("inproc") {
		clock := driver.NewShifted(time.Now, time.After)
		o.Driver, o.Clock, r.Target.Driver = inproc.Driver{Clock: clock, Rand: rand.Reader, About: implementation()}, clock, "inproc"
	} else if o.Driver, err = driver.NewExec(c.Args().Slice()); err != nil {
		return r, err
	}
	ran, err := conformance.Run(ctx, o)
	if err != nil {
		return r, err
	}
	r.Results, r.Took = ran.Results, time.Since(began)
	r.Target.Entity, r.Target.About = ran.About.Entity, ran.About.About
	r.Conclude()
	leaks, err := r.Leaks(ran.Secrets)
	if err == nil && leaks > 0 {
		err = fmt.Errorf("the report holds %d texts that it must not hold; nothing is written", leaks)
	}
	return r, err
}

func progressLine(done, of int, r conformance.Result) string {
	line := fmt.Sprintf("%4d/%d  %-5s  %s  %s", done, of, r.Outcome, r.ID, r.Title)
	if r.Reason != "" {
		line += ": " + r.Reason
	}
	return line
}

// runID names a run: what the target has to show, and what all that the run makes carries.
func runID() (string, error) {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return "run-" + hex.EncodeToString(b[:]), nil
}

// runDir is where a run writes, and what removes it.
func runDir(name string) (dir string, done func(), err error) {
	if name == "" {
		dir, err = os.MkdirTemp("", "ehdsgw-conformance-")
		return dir, func() { _ = os.RemoveAll(dir) }, err // what is left is in the system's temporary folder
	}
	if err := claim(name); err != nil {
		return "", nil, err
	}
	dir, err = filepath.Abs(name)
	return dir, func() {}, err
}

func expectations(c *cli.Context) ([]conformance.Expectation, error) {
	name := c.String("expect")
	if name == "" {
		return nil, nil
	}
	raw, err := readFile(c, name, 1<<20)
	if err != nil {
		return nil, err
	}
	expected, err := conformance.ParseExpectations(raw, cases.All(), time.Now())
	if err != nil {
		return nil, usage("--expect %s: %w", name, err)
	}
	return expected, nil
}

// verdictExit is the exit of a run: by its verdict, or by what was expected of it.
func verdictExit(r conformance.Report, expected []conformance.Expectation, strict bool) error {
	if strict {
		if wrong := conformance.Unexpected(expected, r.Results); len(wrong) > 0 {
			return negative("not as expected: %s", wrong[0])
		}
		return nil
	}
	if code := r.Verdict.ExitCode(); code != 0 {
		return &exitError{code: code}
	}
	return nil
}
