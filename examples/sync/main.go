// Command sync prints the deals that were created or changed since its last run.
//
//	sync -state deals.state -overlap 5m
//
// A state file keeps what must be known of the last run. It is stored after all changes were
// printed, and is valid for one portal. Each run starts a little before that point, so that no
// change is lost because of equal times or writes that were in progress during the read. A change
// is printed at least once: twice only if a run is stopped before it stored the state, or if two
// run at once. If a deal changed twice between two runs, the last change is printed.
//
// Deletions are not printed, because a list does not contain them: have the portal send the event
// OnCrmDealDelete, or compare all ids now and then.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and only reads there. Without
// that variable, it runs twice against a fake portal inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Args[1:], os.Getenv("B24_WEBHOOK_URL"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run does what the arguments say and writes the results to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	flags := flag.NewFlagSet("sync", flag.ContinueOnError)
	flags.SetOutput(w)
	file := flags.String("state", "sync.state", "the `file` that keeps what the next run must know")
	overlap := flags.Duration("overlap", 5*time.Minute, "how far to read back from the last run")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	case *overlap < 0:
		return fmt.Errorf("-overlap: %v is negative", *overlap)
	}
	if webhookURL == "" {
		return demo(ctx, w, *overlap)
	}
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil

	return sync(ctx, w, hook, *file, *overlap)
}

// demo runs twice on a fake portal whose deals change in between.
func demo(ctx context.Context, w io.Writer, overlap time.Duration) error {
	portal, err := b24test.Start(b24test.WithMemory()) //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer portal.Close()
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	dir, err := os.MkdirTemp("", "sync")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory

	file := filepath.Join(dir, "state")
	seed := func(id int, stage, at string) {
		portal.Seed("crm.deal", b24.Params{
			"ID": id, "TITLE": fmt.Sprintf("Order %d", id), "STAGE_ID": stage, "DATE_MODIFY": "2030-01-31T" + at + "+00:00",
		})
	}
	for _, change := range []func(){
		func() { seed(1, "NEW", "09:30:00"); seed(2, "NEW", "09:31:00"); seed(3, "NEW", "09:31:00") },
		func() { seed(2, "WON", "09:31:00"); seed(4, "NEW", "09:40:00") }, // the first in the same second as before
	} {
		change()
		if err := sync(ctx, w, hook, file, overlap); err != nil {
			return err
		}
	}
	return nil
}
