// Command export writes all rows of a list method to a file, as JSON lines or CSV.
//
//	export -out deals.csv -method crm.deal.list -select ID,TITLE,STAGE_ID -filter '{">ID": 100}'
//
// After Ctrl-C, a crash or an error, the same command continues where it stopped: the file then has
// the rows of both runs, each once. The place is kept in a state file, deals.csv.state, which is
// removed when the export is complete. It is valid only for the same portal, file, method, filter
// and fields; any other run is refused and overwrites nothing. To start over, remove the state file
// and the output.
//
// During a run, deals.csv.state.lock prevents a second run. A killed run leaves it behind: the next
// run reports that, and which file to remove.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and only reads there. Without
// that variable, it exports 12,000 deals of a fake portal inside this process.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
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
	method, out, resume, format string
	params                      b24.Params
	columns                     []string
	concurrency                 int
}

func parse(w io.Writer, args []string) (settings, error) {
	s := settings{params: b24.Params{}}
	flags := flag.NewFlagSet("export", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&s.method, "method", "crm.deal.list", "the list `method`")
	flags.StringVar(&s.out, "out", "", "the `file` to write")
	flags.StringVar(&s.resume, "resume", "", "the `file` that keeps the place (default: that of -out with .state behind it)")
	flags.StringVar(&s.format, "format", "", "jsonl or csv (default: csv if -out ends in .csv)")
	flags.IntVar(&s.concurrency, "concurrency", 1, "`ranges` of ids read at once; with more than 1 the rows come unordered")
	flags.Func("params", "further parameters of the method, `JSON`: {\"entityTypeId\": 2}", func(text string) error {
		return json.Unmarshal([]byte(text), &s.params)
	})
	filter := flags.String("filter", "", "the filter, `JSON`: {\">ID\": 100}")
	fields := flags.String("select", "", "the `fields`, by commas; those of the first row are the columns of CSV otherwise")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	}
	return s, s.complete(*filter, *fields)
}

// complete sets what follows from the flags.
func (s *settings) complete(filter, fields string) error {
	if filter != "" {
		if !json.Valid([]byte(filter)) {
			return errors.New("-filter: it is no JSON")
		}
		s.params["filter"] = json.RawMessage(filter) // keeps the order of its keys
	}
	if fields != "" {
		s.columns = strings.Split(fields, ",")
		s.params["select"] = s.columns
	}
	if s.resume == "" {
		s.resume = s.out + ".state"
	}
	if s.format == "" {
		s.format = formatJSON
		if strings.HasSuffix(s.out, ".csv") {
			s.format = formatCSV
		}
	}
	if s.format != formatJSON && s.format != formatCSV {
		return fmt.Errorf("-format: %q is neither %s nor %s", s.format, formatJSON, formatCSV)
	}
	switch {
	case s.out == "":
		return errors.New("-out is missing")
	case filepath.Clean(s.resume) == filepath.Clean(s.out):
		return errors.New("-resume: it must be another file than -out")
	}
	return nil
}

// run does what the arguments say and writes the results to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	s, err := parse(w, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	var opts []b24.Option
	source := "" // a portal is known by its address, but the fake one has another each time
	if webhookURL == "" {
		portal, err := fakePortal() //nolint:contextcheck // it ends with Close
		if err != nil {
			return err
		}
		defer portal.Close()
		webhookURL, opts = portal.WebhookURL(), append(opts, b24.WithHTTPClient(portal.HTTPClient()))
		source = "the fake portal"
	}
	hook, err := b24.FromWebhookURL(webhookURL, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil

	e, err := newExport(w, s, cmp.Or(source, hook.TargetOrigin()))
	if err != nil {
		return err
	}
	return errors.Join(e.run(ctx, hook), e.close())
}

// fakePortal starts a portal with deals.
func fakePortal() (*b24test.Portal, error) {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		return nil, err
	}
	portal.SeedN("crm.deal", 12_000, func(i int) b24.Params {
		return b24.Params{"TITLE": fmt.Sprintf("Order %d", i+1), "OPPORTUNITY": "1500.50", "STAGE_ID": "NEW"}
	})
	return portal, nil
}
