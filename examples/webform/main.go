// Command webform serves a form and creates a lead of each submission, once.
//
//	webform -addr localhost:8080
//
// Each page has an id of its own, which the lead gets as ORIGIN_ID. Sent twice, by a double click or
// because the first answer did not come, the form finds its lead and creates no second one. If the
// portal's answer is lost, the program looks whether the lead exists before it reports a failure.
// The phone and the e-mail are looked up first: a person with an open lead gets no further one, and
// the lead of a known contact or company belongs to it.
//
// Submissions are handled one at a time, so that two at once see each other's lead. That holds for one
// process: run one per portal. A portal that is still busy with a lead whose answer was lost may
// create it after the program looked; the same form sent again then finds it.
//
// The answer is 200 if the lead exists, 400 if the form is not complete, and 503 with a Retry-After if
// the portal does not do it in time; the page then still holds what was entered, and its id. The log
// has the id of the form and the error, no names and no secret.
//
// It works at the portal whose webhook is in B24_WEBHOOK_URL. Without that variable, it uses a fake
// portal inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
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

// run serves the form until ctx ends. It writes the address and the log to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	flags := flag.NewFlagSet("webform", flag.ContinueOnError)
	flags.SetOutput(w)
	addr := flags.String("addr", "localhost:8080", "the `address` to listen at")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	}
	opts := []b24.Option{b24.WithTimeout(attempt)}
	if webhookURL == "" {
		portal, err := b24test.Start(b24test.WithMemory()) //nolint:contextcheck // it ends with Close
		if err != nil {
			return err
		}
		defer portal.Close()
		webhookURL, opts = portal.WebhookURL(), append(opts, b24.WithHTTPClient(portal.HTTPClient()))
	}
	hook, err := b24.FromWebhookURL(webhookURL, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	f, err := newForm(hook, slog.New(slog.NewTextHandler(w, nil)))
	if err != nil {
		return err
	}
	return serve(ctx, w, *addr, f)
}

// serve serves h until ctx ends, and then what is in progress.
func serve(ctx context.Context, w io.Writer, addr string, h http.Handler) error {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 2 * (patience + lookup)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	if _, err := fmt.Fprintf(w, "http://%s/\n", l.Addr()); err != nil {
		return errors.Join(err, server.Close(), l.Close())
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience+lookup)
	defer cancel()
	return server.Shutdown(ending)
}
