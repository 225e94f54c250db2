// Command bulkupdate updates records of a portal from a CSV file, in batches.
//
//	bulkupdate -file deals.csv -method crm.deal.update -concurrency 2
//	bulkupdate -file deals.csv -generate 5000
//
// The first line of the file names the columns: ID and fields of the portal, as in
// ID,TITLE,STAGE_ID. Each further line is an update; an empty cell empties the field, any other is
// sent unchanged. Failed lines are listed in a report next to the file, deals.csv.report.csv: line,
// id, outcome and reason. The line is the line number in the file, the first one if a cell has line
// breaks.
//
// The file is UTF-8, with or without a byte order mark, and separates cells by commas, semicolons
// or tabs, like the "CSV UTF-8" format of Excel. Any other file is refused before anything is sent.
//
// With a state file next to it, a restart continues where the program was stopped, by Ctrl-C, by a
// crash or by a portal that refuses everything. The state is valid only for the same portal, file
// and method. If the outcome of a line is unknown, because the answer was lost or the program was
// killed meanwhile, the report lists the line as "unknown" and the line is not sent again: check
// it. After a kill there are at most 200 such lines for each of the -concurrency batches. During a
// run, deals.csv.state.lock prevents a second run. A killed run leaves it behind: the next run
// reports that, and which file to remove.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and changes the records there.
// Without that variable, it updates 5,000 deals of a fake portal inside this process.
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

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills the program
	err := run(ctx, os.Stdout, os.Args[1:], os.Getenv("B24_WEBHOOK_URL"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	file, method          string
	concurrency, generate int
}

func parse(w io.Writer, args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bulkupdate", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&s.file, "file", "", "the CSV `file`")
	flags.StringVar(&s.method, "method", "crm.deal.update", "the `method` that takes id and fields")
	flags.IntVar(&s.concurrency, "concurrency", 2, "`batches` under way at once")
	flags.IntVar(&s.generate, "generate", 0, "write a file with so many `lines` and end")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	}
	return s, nil
}

// demoLines is the number of deals updated on the fake portal.
const demoLines = 5000

// run does what the arguments say and writes the results to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	s, err := parse(w, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case s.file == "" && (webhookURL != "" || s.generate > 0):
		return errors.New("-file is missing")
	case s.generate > 0:
		return generate(s.file, s.generate)
	case webhookURL == "":
		return demo(ctx, w, s)
	}
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	return update(ctx, w, s, hook, hook.TargetOrigin())
}

// demo updates the deals of a fake portal, from a file made for it if none is given.
func demo(ctx context.Context, w io.Writer, s settings) error {
	portal, err := b24test.Start(b24test.WithMemory()) //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer portal.Close()
	portal.SeedN("crm.deal", demoLines, func(i int) b24.Params { return b24.Params{"ID": i + 1, "STAGE_ID": "NEW"} })
	if s.file == "" {
		dir, err := os.MkdirTemp("", "bulkupdate")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
		s.file = filepath.Join(dir, "deals.csv")
		if err := generate(s.file, demoLines); err != nil {
			return err
		}
	}
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }()               // always nil
	return update(ctx, w, s, hook, "the fake portal") // the address differs in each run
}

// update updates the records of a portal; portal is its name in the state.
func update(ctx context.Context, w io.Writer, s settings, c b24.Client, portal string) error {
	u, err := newUpdater(w, s, portal)
	if err != nil {
		return err
	}
	return errors.Join(u.run(ctx, c, s.concurrency), u.close())
}
