// Command attach puts a file into a field of a deal and attaches it to a task, and then downloads all
// files of a folder of Drive.
//
//	attach -file contract.pdf -deal 7 -field ufCrmContract -task 12 -folder 8930 -dir contracts
//
// The field is a custom field for one file, under the name that crm.item.fields gives it; the file in
// it is replaced. The task gets the file through the folder, to which it is uploaded. An upload whose
// answer was lost is looked for and not repeated. A file of the directory has its name only if it is
// whole; it replaces an older one. What cannot be downloaded is reported at the end.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL. Without that variable, it ignores
// the flags and runs against a fake portal inside this process.
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
	err := run(ctx, os.Stdout, os.Args[1:], os.Getenv("B24_WEBHOOK_URL"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	file, field, dir   string
	deal, task, folder b24.ID
}

func parse(w io.Writer, args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("attach", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&s.file, "file", "", "the `path` of the file to attach")
	flags.StringVar(&s.field, "field", "", "the `name` of the deal's field, such as ufCrmContract")
	flags.StringVar(&s.dir, "dir", ".", "the `directory` to download to")
	flags.StringVar((*string)(&s.deal), "deal", "", "the `id` of the deal")
	flags.StringVar((*string)(&s.task), "task", "", "the `id` of the task")
	flags.StringVar((*string)(&s.folder), "folder", "", "the `id` of the folder of Drive")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if s.file == "" || s.field == "" || s.deal == "" || s.task == "" || s.folder == "" || flags.NArg() > 0 {
		return s, errors.New("-file, -field, -deal, -task and -folder are required, and there are no arguments without a flag")
	}
	return s, nil
}

// run does what the arguments say and writes what it did to w.
func run(ctx context.Context, w io.Writer, args []string, webhookURL string) error {
	if webhookURL == "" {
		return demo(ctx, w)
	}
	s, err := parse(w, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	return attach(ctx, w, hook, s)
}

// demo runs against a fake portal.
func demo(ctx context.Context, w io.Writer) error {
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
	dir, err := os.MkdirTemp("", "attach")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	s := seed(portal)
	s.file, s.dir = filepath.Join(dir, "contract.txt"), dir
	if err := os.WriteFile(s.file, []byte("signed"), 0o600); err != nil {
		return err
	}
	return attach(ctx, w, hook, s)
}

// seed puts a deal with a field, a task, and a folder with a file into a fake portal.
func seed(portal *b24test.Portal) settings {
	portal.Define("crm.deal", b24test.Field{Name: "UF_CRM_CONTRACT", Type: "file"})
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order"})
	portal.Seed("tasks.task", b24.Params{"id": 12, "title": "Read the contract", "responsibleId": 1})
	folder := portal.SeedFolder("Contracts")
	portal.SeedFile(b24test.File{Folder: folder, Name: "terms.pdf", Size: 300 << 10})
	return settings{field: "ufCrmContract", deal: "7", task: "12", folder: b24.IDOf(folder)}
}
