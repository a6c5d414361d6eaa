package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Value: string(output.Table), Usage: "`FORMAT` of what is printed: table or json"}
}

// printer prints as the output flag asks.
func printer(c *cli.Context) (output.Printer, error) {
	f, err := output.ParseFormat(c.String("output"))
	if err != nil {
		return output.Printer{}, usage("--output: %w", err)
	}
	return output.Printer{W: c.App.Writer, Format: f}, nil
}

// readFile reads a whole file of at most limit bytes; "-" is standard input.
func readFile(c *cli.Context, name string, limit int64) ([]byte, error) {
	src := c.App.Reader
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("%w", err)
		}
		defer f.Close()
		src = f
	}
	raw, err := io.ReadAll(io.LimitReader(src, limit+1))
	switch {
	case err != nil:
		return nil, usage("%s: %w", name, err)
	case int64(len(raw)) > limit:
		return nil, usage("%s: longer than the %d bytes such a file may have", name, limit)
	}
	return raw, nil
}

// writeNew writes a file that must not exist, readable by its owner only.
func writeNew(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	return f.Close()
}

// pairs reads repeated NAME=VALUE flags.
func pairs(flag string, list []string) (map[string]string, error) {
	out := make(map[string]string, len(list))
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usage("--%s %q: PATH=VALUE is wanted, such as log.level=debug", flag, s)
		}
		out[name] = value
	}
	return out, nil
}
