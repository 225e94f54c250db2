// Command linked creates a company, a contact and a deal that belong together, in one request: each
// command uses the id that an earlier one returned.
//
//	linked
//
// A batch is not a transaction: if the portal refuses one of the three, those before it stay, and
// those after it are not created. The outcome of each is printed, including an unknown one if the
// answer was lost. Each run creates three more records.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and creates the records there.
// Without that variable, it runs against a fake portal inside this process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Getenv("B24_WEBHOOK_URL"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run creates the three records and writes their ids to w, or those of the records that exist.
func run(ctx context.Context, w io.Writer, webhookURL string) error {
	var opts []b24.Option
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
	return link(ctx, w, hook)
}

func link(ctx context.Context, w io.Writer, c b24.Client) error {
	var batch b24.Batch
	company := b24.Queue[b24.ID](&batch, "crm.company.add", b24.Params{"fields": b24.Params{"TITLE": "Acme"}})
	contact := b24.Queue[b24.ID](&batch, "crm.contact.add", b24.Params{"fields": b24.Params{
		"NAME": "Ann", "LAST_NAME": "Miller", "COMPANY_ID": company.Ref(),
	}})
	deal := b24.Queue[b24.ID](&batch, "crm.deal.add", b24.Params{"fields": b24.Params{
		"TITLE": "First order", "COMPANY_ID": company.Ref(), "CONTACT_ID": contact.Ref(),
	}})
	_, failure := c.CallBatch(ctx, &batch)
	for _, made := range []struct {
		name string
		*b24.Pending[b24.ID]
	}{{"company", company}, {"contact", contact}, {"deal", deal}} {
		if err := tell(w, made.name, made.Pending); err != nil {
			return errors.Join(failure, err)
		}
	}
	return failure
}

// tell writes the outcome of one command.
func tell(w io.Writer, name string, made *b24.Pending[b24.ID]) error {
	id, err := made.Get()
	text := fmt.Sprintf("%s %s\n", name, id)
	switch {
	case err == nil:
	case errors.Is(err, b24.ErrNotExecuted), b24.OutcomeOf(err) == b24.OutcomeNotSent: // after a refused command, or the whole request was not sent
		text = name + ": not created\n"
	case b24.MayHaveExecuted(err):
		text = name + ": may have been created, look for it\n"
	default:
		text = name + ": refused\n"
	}
	_, err = io.WriteString(w, text)
	return err
}
