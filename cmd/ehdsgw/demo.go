package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/demo"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "walk through the main job: two nations, the centre and an anchor, in one process",
		Description: "Everything runs on loopback, over TLS, in a temporary folder; nothing needs to be configured.\n" +
			"Seventeen steps; exit 0 only when all hold, 1 otherwise.\n\n" +
			"   ehdsgw demo\n   ehdsgw demo --json\n   ehdsgw demo --catalogue ./my-catalogue --keep",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: "print one JSON document instead of lines"},
			&cli.StringFlag{Name: "catalogue", Usage: "use the descriptions in `PATH` (file or folder) instead of the French catalogue"},
			&cli.BoolFlag{Name: "keep", Usage: "stay up afterwards, until interrupted"},
			&cli.StringFlag{Name: "dir", Usage: "work in `FOLDER` and leave it; must be absent or empty"},
			&cli.StringFlag{Name: "log", Usage: "write the parties' log to `FILE`"},
		},
		Action: runDemo,
	}
}

func runDemo(c *cli.Context) error {
	if err := exactly(c); err != nil {
		return err
	}
	if path := c.String("catalogue"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return usage("--catalogue: %w", err)
		}
	}
	if dir := c.String("dir"); dir != "" {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return usage("--dir: %s is not empty", dir)
		}
	}
	logger, closeLog, err := demoLogger(c.String("log"))
	if err != nil {
		return err
	}
	defer closeLog()
	lines := c.App.Writer
	if c.Bool("json") {
		lines = c.App.ErrWriter
	}
	report, err := demo.Run(c.Context, demo.Options{
		Dir: c.String("dir"), Catalogue: c.String("catalogue"), Keep: c.Bool("keep"),
		Progress: &demo.Progress{Out: lines, Terminal: terminal(lines)}, Logger: logger, Clock: time.Now, Rand: rand.Reader,
		Up: func(r demo.Report) { printDemo(c, r) },
	})
	if err != nil {
		return err
	}
	if !report.OK() {
		return said(exitNegative)
	}
	return nil
}

// printDemo writes the outcome, before the parties stay up with --keep.
func printDemo(c *cli.Context, r demo.Report) {
	if c.Bool("json") {
		_ = r.WriteJSON(c.App.Writer) // a closed pipe: nothing to mend
		return
	}
	r.WriteText(c.App.Writer)
}

func demoLogger(path string) (*slog.Logger, func(), error) {
	if path == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, usage("--log: %w", err)
	}
	logger, err := gateway.NewLogger(f, "debug", "text")
	if err != nil {
		return nil, nil, fmt.Errorf("--log: %w", err)
	}
	return logger, func() { _ = f.Close() }, nil
}

// terminal says whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
