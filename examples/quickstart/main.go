// Command quickstart shows the first calls of a program: it lists companies, creates a deal, reads
// it back and requests a deal that does not exist.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and creates a deal there. Without
// that variable, it runs against a fake portal inside this process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

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

// run makes all calls and writes the results to w.
func run(ctx context.Context, w io.Writer, webhookURL string) error {
	var opts []b24.Option
	if webhookURL == "" {
		portal, err := fakePortal() //nolint:contextcheck // it ends with Close
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

	for _, step := range []func(context.Context, io.Writer, b24.Client) error{listCompanies, createDeal, missingDeal} {
		if err := step(ctx, w, hook); err != nil {
			return err
		}
	}
	return nil
}

// fakePortal starts a portal with three companies.
func fakePortal() (*b24test.Portal, error) {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		return nil, err
	}
	portal.Seed("crm.company",
		b24.Params{"ID": 1, "TITLE": "Alpha"},
		b24.Params{"ID": 2, "TITLE": "Beta & Sons"},
		b24.Params{"ID": 3, "TITLE": "Gamma"},
	)
	return portal, nil
}

// listCompanies shows the newest companies of the portal.
func listCompanies(ctx context.Context, w io.Writer, c b24.Client) error {
	page, err := c.CallMethod(ctx, "crm.company.list", b24.Params{
		"select": []string{"ID", "TITLE"},
		"order":  b24.Params{"ID": "DESC"},
	})
	if err != nil {
		return err
	}
	companies, err := b24.Decode[[]struct {
		ID    b24.ID `json:"ID"`
		Title string `json:"TITLE"`
	}](page)
	if err != nil {
		return err
	}
	total, _ := page.Total()
	var text strings.Builder
	fmt.Fprintf(&text, "%d companies, the newest first:\n", total)
	for _, company := range companies[:min(len(companies), 5)] {
		fmt.Fprintf(&text, "  %s  %s\n", company.ID, company.Title)
	}
	return say(w, text.String())
}

// deal has the fields this program needs. The portal sends all of them as text.
type deal struct {
	ID       b24.ID       `json:"ID"`
	Title    string       `json:"TITLE"`
	Amount   b24.Float    `json:"OPPORTUNITY"`
	Currency string       `json:"CURRENCY_ID"`
	Opened   b24.Bool     `json:"OPENED"`
	Closes   b24.Date     `json:"CLOSEDATE"`
	Created  b24.DateTime `json:"DATE_CREATE"`
}

// createDeal creates a deal and reads it back.
func createDeal(ctx context.Context, w io.Writer, c b24.Client) error {
	id, err := b24.Call[b24.ID](ctx, c, "crm.deal.add", b24.Params{"fields": b24.Params{
		"TITLE":       "Created by the quickstart of b24",
		"OPPORTUNITY": 1500.50,
		"CURRENCY_ID": "EUR",
		"OPENED":      b24.Bool(true),
		"CLOSEDATE":   b24.Date{Year: 2030, Month: time.December, Day: 31},
	}})
	if err != nil {
		if b24.MayHaveExecuted(err) {
			err = fmt.Errorf("%w: look for the deal before you create it again", err)
		}
		return err
	}
	d, err := b24.Call[deal](ctx, c, "crm.deal.get", b24.Params{"id": id})
	if err != nil {
		return err
	}
	return say(w, fmt.Sprintf("created deal %s: %q, %.2f %s, opened: %t, closes on %s, has a time of creation: %t\n",
		d.ID, d.Title, float64(d.Amount), d.Currency, bool(d.Opened), d.Closes, !d.Created.IsZero()))
}

// missingDeal shows how to distinguish one error from all others.
func missingDeal(ctx context.Context, w io.Writer, c b24.Client) error {
	const id = 999999999
	_, err := c.CallMethod(ctx, "crm.deal.get", b24.Params{"id": id})
	switch {
	case errors.Is(err, b24.ErrNotFound):
		return say(w, fmt.Sprintf("deal %d: there is no such deal\n", id))
	case err != nil:
		return err
	default:
		return say(w, fmt.Sprintf("deal %d: it exists, of all things\n", id))
	}
}

func say(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
