// Command tasks3 shows REST 3.0: it creates a task exactly once although the answer is lost, reads
// tasks together with related records, and follows the event log.
//
//	tasks3 -state log.json
//
// A state file keeps the place in the event log. The first run reads the log to its end and counts;
// each further run prints the events since then. An event is printed at least once: twice only if
// the program is stopped in the middle of a page.
//
// It runs against the portal whose webhook is in B24_WEBHOOK_URL, and creates a task there, by and
// for the user 1; the log needs the webhook of an administrator. Without that variable, it runs
// against a fake portal inside this process, which drops the answer to the first attempt, and
// follows its log twice.
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
	flags := flag.NewFlagSet("tasks3", flag.ContinueOnError)
	flags.SetOutput(w)
	file := flags.String("state", "tasks3.state", "the `file` that keeps the place in the event log")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() > 0:
		return fmt.Errorf("what is %q for? Every argument has a flag", flags.Arg(0))
	}
	if webhookURL == "" {
		return demo(ctx, w)
	}
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil

	return show(ctx, w, hook, *file)
}

// show creates a task, lists tasks and follows the log on one portal.
func show(ctx context.Context, w io.Writer, hook *b24.Hook, file string) error {
	rest3 := hook.V3()
	if err := createTask(ctx, w, rest3); err != nil {
		return err
	}
	if err := listTasks(ctx, w, rest3); err != nil {
		return err
	}
	return followLog(ctx, w, rest3, place{file: file, Portal: hook.TargetOrigin()})
}

// demo does the same on a fake portal, and follows the log once more after new events.
func demo(ctx context.Context, w io.Writer) error {
	portal, err := fakePortal() //nolint:contextcheck // it ends with Close
	if err != nil {
		return err
	}
	defer portal.Close()
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()),
		b24.WithRetry(b24.RetryPolicy{LongestCall: time.Second})) // no call to this portal takes longer
	if err != nil {
		return err
	}
	defer func() { _ = hook.Close() }() // always nil
	dir, err := os.MkdirTemp("", "tasks3")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory

	file := filepath.Join(dir, "state")
	if err := show(ctx, w, hook, file); err != nil {
		return err
	}
	portal.V3().Seed("main.eventlog",
		b24.Params{"auditTypeId": "TASK_UPDATE", "userId": 2},
		b24.Params{"auditTypeId": "USER_LOGOUT", "userId": 1},
	)
	return followLog(ctx, w, hook.V3(), place{file: file, Portal: hook.TargetOrigin()})
}

// fakePortal starts a portal with users, tasks and a log of three events. It loses the answer to
// the first task that is created.
func fakePortal() (*b24test.Portal, error) {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		return nil, err
	}
	portal.V3().Seed("user", b24.Params{"id": 1, "name": "Ann"}, b24.Params{"id": 2, "name": "Bob"})
	portal.V3().Seed("tasks.task",
		b24.Params{"id": 1, "title": "Send the offer", "creatorId": 1, "responsibleId": 2},
		b24.Params{"id": 2, "title": "Call back", "creatorId": 2, "responsibleId": 9, "parentId": 1}, // user 9 does not exist
	)
	portal.V3().SeedN("main.eventlog", 3, func(i int) b24.Params {
		return b24.Params{"auditTypeId": []string{"USER_AUTHORIZE", "TASK_ADD", "TASK_ADD"}[i], "userId": 1}
	})
	portal.Fault("tasks.task.add", b24test.ResetAfter())
	return portal, nil
}
