// Command ehdsgw is the EHDS national gateway: it publishes dataset descriptions, receives data access
// applications, has them decided, and proves every step. It is for the operators of a national contact
// point. Exit codes: 0 fine, 1 negative result, 2 usage or configuration, 3 cannot tell.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
