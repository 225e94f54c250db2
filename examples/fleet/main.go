// Command fleet exports and imports deals in jobs that any worker continues: any number of processes
// share the work, and each of them may be killed at any time.
//
//	fleet -database postgres://localhost/fleet -export
//	fleet -database postgres://localhost/fleet -import orders.csv
//	fleet -database postgres://localhost/fleet -workers 4
//
// The first two commands queue a job, the third works until Ctrl-C. The queue is river, in the same
// PostgreSQL as the exported rows and the ledger of the import; all tables are in a schema, fleet.
//
// An export stores the rows of a page and the place after them in one transaction. An import records
// each line as sent before it goes out. If a worker dies, the outcome of these lines is unknown: they
// are looked for at the portal by their ORIGIN_ID, and sent again if they are not there.
//
// The file of an import is CSV. The first line names the columns: ORIGIN_ID, and fields of crm.item.add
// as in ORIGIN_ID,title,opportunity. An ORIGIN_ID is imported once; a line that the portal refused may
// be imported again.
//
// Workers use the portal whose webhook is in B24_WEBHOOK_URL, or in the file that B24_WEBHOOK_FILE
// names. Without both, the program exports and imports deals of a fake portal inside this process.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills the program
	webhookURL, err := webhook(os.Getenv("B24_WEBHOOK_URL"), os.Getenv("B24_WEBHOOK_FILE"))
	if err == nil {
		err = run(ctx, os.Stdout, os.Args[1:], webhookURL)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// webhook returns the webhook's address, from a file if there is one. A file that everybody can read
// keeps no secret. Windows has no such bits.
func webhook(address, file string) (string, error) {
	if address != "" || file == "" {
		return address, nil
	}
	info, err := os.Stat(filepath.Clean(file)) //nolint:gosec // the administrator named it
	if err != nil {
		return "", err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
		return "", fmt.Errorf("%s is open to all users: chmod 600 it", file)
	}
	text, err := os.ReadFile(filepath.Clean(file)) //nolint:gosec // as above
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = fmt.Errorf("%s is empty", file)
	}
	return strings.TrimSpace(string(text)), err
}

// settings are the flags.
type settings struct {
	database, schema, file string
	export                 bool
	workers                int
}

func parse(w io.Writer, args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("fleet", flag.ContinueOnError)
	flags.SetOutput(w)
	flags.StringVar(&s.database, "database", "", "the `address` of the PostgreSQL database")
	flags.StringVar(&s.schema, "schema", "fleet", "the `schema` of the tables")
	flags.BoolVar(&s.export, "export", false, "queue an export of all deals and end")
	flags.StringVar(&s.file, "import", "", "queue an import of a CSV `file` and end")
	flags.IntVar(&s.workers, "workers", 2, "how many `jobs` to work on at once")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	case s.database == "":
		return s, errors.New("-database is missing")
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
	case webhookURL == "" && !s.export && s.file == "":
		return demo(ctx, w, s)
	}
	db, err := open(ctx, s.database, s.schema)
	if err != nil {
		return err
	}
	defer db.Close()
	if s.export || s.file != "" {
		return queue(ctx, w, db, s)
	}
	store, err := budget(ctx, db)
	if err != nil {
		return err
	}
	hook, err := b24.FromWebhookURL(webhookURL, b24.WithStore(store))
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	jobs, err := newQueue(ctx, db, hook, s.workers, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	if err := jobs.Start(ctx); err != nil {
		return err
	}
	<-jobs.Stopped()
	return nil
}

// queue queues the jobs of the flags.
func queue(ctx context.Context, w io.Writer, db *pgxpool.Pool, s settings) error {
	jobs, err := river.NewClient(riverpgxv5.New(db), &river.Config{}) // without workers it only queues
	if err != nil {
		return err
	}
	if s.export {
		id, err := queueExport(ctx, db, jobs)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "export %d is queued\n", id); err != nil {
			return err
		}
	}
	if s.file == "" {
		return nil
	}
	id, lines, err := queueImport(ctx, db, jobs, s.file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "import %d is queued: %d lines\n", id, lines)
	return err
}

func queueExport(ctx context.Context, db *pgxpool.Pool, jobs *river.Client[pgx.Tx]) (id int64, err error) {
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "insert into exports default values returning id").Scan(&id); err != nil {
			return err
		}
		_, err := jobs.InsertTx(ctx, tx, exportJob{Export: id}, nil)
		return err
	})
	return id, err
}

// demo runs an export and an import on a fake portal, in a schema that it drops.
func demo(ctx context.Context, w io.Writer, s settings) error {
	portal, err := b24test.Start(b24test.WithMemory()) //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer portal.Close()
	portal.SeedN("crm.deal", 1000, func(i int) b24.Params { return b24.Params{"ID": i + 1, "TITLE": fmt.Sprint("Deal ", i+1)} })
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	s.schema = "fleet_demo_" + strings.ToLower(rand.Text()[:8])
	db, err := open(ctx, s.database, s.schema)
	if err != nil {
		return err
	}
	defer db.Close()
	defer func() { _, _ = db.Exec(context.WithoutCancel(ctx), "drop schema "+s.schema+" cascade") }() // a demonstration
	return demoJobs(ctx, w, db, hook)
}

func demoJobs(ctx context.Context, w io.Writer, db *pgxpool.Pool, hook *b24.Hook) error {
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	file := filepath.Join(dir, "orders.csv")
	if err := writeOrders(file, 120); err != nil {
		return err
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	jobs, err := newQueue(working, db, hook, 1, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ended, unsubscribe := jobs.Subscribe(river.EventKindJobCompleted)
	defer unsubscribe()
	if err := queue(ctx, w, db, settings{export: true, file: file}); err != nil {
		return err
	}
	if err := jobs.Start(working); err != nil {
		return err
	}
	for range 2 {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	stop()
	<-jobs.Stopped()
	if err := ctx.Err(); err != nil {
		return err
	}
	return summary(ctx, w, db)
}

// summary writes what the tables say.
func summary(ctx context.Context, w io.Writer, db *pgxpool.Pool) error {
	var rows, deals, done, lines int
	err := db.QueryRow(ctx, `select (select sum(rows) from exports), (select count(*) from deals),
		(select count(*) from lines where state = 'done'), (select count(*) from lines)`).Scan(&rows, &deals, &done, &lines)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d rows read, %d deals stored\n%d of %d lines imported\n", rows, deals, done, lines)
	return err
}
