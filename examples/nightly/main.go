// Command nightly writes the deals that changed since its last run to a CSV file, with the phones of
// their contacts, and marks each exported deal.
//
//	nightly -dir /var/lib/nightly -deadline 30m
//
// The mark is a checksum of what was exported, in the custom field UF_CRM_EXPORTED of the deal. A
// deal is exported if its content differs from its mark. Writing the mark moves the time of the last
// change, so the deal is read once more by the next run, and not exported again. A deal that changed
// only in fields that are not exported is not exported again either, nor one of whose contacts only
// a phone changed.
//
// Each state of a deal that a run reads is in exactly one file, however a run ends: the complete
// rows are stored first, then the state that names them and the marks that are due, then the rows
// get their name. The next run finishes what is left, marks included. If the state file is lost, what
// was exported and not yet marked is exported again. Readers of the directory see complete .csv
// files only.
//
// The exit status is 0 if everything was exported and marked, 1 if something failed and the next run
// continues, 2 if the arguments or the settings must be changed first, and 3 if another run is in
// progress. nightly.state.lock in the directory keeps a second run out; the operating system releases
// it when the program ends, however it ends.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, or in the file that
// B24_WEBHOOK_FILE names. Without both, it runs two nights against a fake portal inside this process.
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
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	webhookURL, err := webhook(os.Getenv("B24_WEBHOOK_URL"), os.Getenv("B24_WEBHOOK_FILE"))
	if err == nil {
		err = run(ctx, os.Stdout, os.Args[1:], webhookURL)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status(err))
}

var (
	errSettings = errors.New("nothing was read")
	errBusy     = errors.New("another run is in progress")
)

// status returns the exit status for an error.
func status(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errBusy):
		return 3
	case errors.Is(err, errSettings):
		return 2
	}
	return 1
}

// webhook returns the webhook's address, from a file if there is one. A file that everybody can read
// keeps no secret. Windows has no such bits.
func webhook(address, file string) (string, error) {
	if address != "" || file == "" {
		return address, nil
	}
	info, err := os.Stat(filepath.Clean(file)) //nolint:gosec // the administrator named it
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSettings, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("%w: %s is open to all users: chmod 600 it", errSettings, file)
	}
	text, err := os.ReadFile(filepath.Clean(file)) //nolint:gosec // as above
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = fmt.Errorf("%s is empty", file)
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSettings, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// settings are the flags.
type settings struct {
	dir                      string
	since, overlap, deadline time.Duration
}

func parse(w io.Writer, args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("nightly", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&s.dir, "dir", ".", "the `directory` of the CSV files and of the state")
	flags.DurationVar(&s.since, "since", 24*time.Hour, "how far the first run looks back")
	flags.DurationVar(&s.overlap, "overlap", 5*time.Minute, "how far to read back from the newest change of the last run")
	flags.DurationVar(&s.deadline, "deadline", 30*time.Minute, "after this time the run fails")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return s, err
	case err != nil:
		return s, fmt.Errorf("%w: %w", errSettings, err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("%w: what is %q for? Every argument has a flag", errSettings, flags.Arg(0))
	case min(s.since, s.overlap) < 0 || s.deadline <= 0:
		return s, fmt.Errorf("%w: a duration is negative, or -deadline is 0", errSettings)
	}
	return s, nil
}

// run does what the arguments say and writes the results to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	s, err := parse(w, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case webhookURL == "":
		return demo(ctx, w, s)
	}
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return fmt.Errorf("%w: %w", errSettings, err)
	}
	defer func() { _ = hook.Close() }() // always nil
	return night(ctx, w, hook, s)
}

// demo runs two nights on a fake portal. A deal changes in between.
func demo(ctx context.Context, w io.Writer, s settings) error {
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
	dir, err := os.MkdirTemp("", "nightly")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory

	s.dir = dir
	seed(portal)
	for range 2 {
		if err := night(ctx, w, hook, s); err != nil {
			return err
		}
		change := b24.Params{"entityTypeId": dealType, "id": 2, "fields": b24.Params{"stageId": "WON"}}
		if _, err := hook.CallMethod(ctx, "crm.item.update", change); err != nil {
			return err
		}
	}
	return nil
}

// seed puts two deals of one contact, and the field of the mark, into a fake portal.
func seed(portal *b24test.Portal) {
	now := b24.DateTimeOf(time.Now())
	portal.Seed("crm.contact", b24.Params{"ID": 5, "NAME": "Ann", "PHONE": []string{"+493012345", "+491701234"}})
	portal.Seed("crm.deal",
		b24.Params{"ID": 1, "TITLE": "Order 1", "STAGE_ID": "NEW", "DATE_MODIFY": now, "CONTACT_IDS": []int{5}, markStored: ""},
		b24.Params{"ID": 2, "TITLE": "Order 2", "STAGE_ID": "NEW", "DATE_MODIFY": now, "CONTACT_IDS": []int{5}, markStored: ""})
}
