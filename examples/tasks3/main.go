// Command tasks3 shows REST 3.0: it creates a task once although the answer is
// lost, reads tasks with what belongs to them, and follows the event log.
//
// It runs against the portal whose webhook stands in B24_WEBHOOK_URL, and creates a
// task there. Without it, it runs against a fake portal inside this process, which
// drops the answer to the first attempt.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
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

// run does all of it and tells w about it.
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
	defer func() { _ = hook.Close() }() // it is always nil

	rest3 := hook.V3()
	for _, step := range []func(context.Context, io.Writer, *b24.V3) error{createTask, listTasks, followLog} {
		if err := step(ctx, w, rest3); err != nil {
			return err
		}
	}
	return nil
}

// fakePortal starts a portal with a log of three events that loses the answer to the
// first task.
func fakePortal() (*b24test.Portal, error) {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		return nil, err
	}
	portal.SeedV3("tasks.task")
	portal.SeedNV3("main.eventlog", 3, func(i int) b24.Params {
		return b24.Params{"auditTypeId": []string{"USER_AUTHORIZE", "TASK_ADD", "USER_LOGOUT"}[i]}
	})
	portal.Fault("tasks.task.add", b24test.ResetAfter())
	return portal, nil
}

// createTask creates one task. Its key makes every attempt the same write.
func createTask(ctx context.Context, w io.Writer, c *b24.V3) error {
	r, err := c.CallMethod(ctx, "tasks.task.add", b24.Params{"fields": b24.Params{
		"title": "Created by the example tasks3 of b24", "creatorId": 1, "responsibleId": 1,
	}})
	if err != nil {
		return err
	}
	task, err := b24.Decode[struct {
		ID b24.ID `json:"id"`
	}](r, "item")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "created task %s, its answer was lost at first: %t\n", task.ID, r.Replayed())
	return err
}

// listTasks reads tasks, with a field of what belongs to them in the same call.
func listTasks(ctx context.Context, w io.Writer, c *b24.V3) error {
	var text strings.Builder
	for task, err := range b24.List[struct {
		ID    b24.ID `json:"id"`
		Title string `json:"title"`
	}](ctx, c, "tasks.task.list", b24.Params{
		"filter": filter.Gt("id", 0),
		"select": []string{"id", "title", "responsible.name"},
	}, b24.WithLimit(5)) {
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "  %s  %s\n", task.ID, task.Title)
	}
	_, err := io.WriteString(w, "tasks:\n"+text.String())
	return err
}

// followLog reads the event log by its own cursor. To go on later, store the cursor
// that WithCheckpoint tells.
func followLog(ctx context.Context, w io.Writer, c *b24.V3) error {
	rows := 0
	for page, err := range c.FetchTail(ctx, "main.eventlog.tail", b24.Params{"select": []string{"id", "auditTypeId"}}, b24.WithLimit(100)) {
		if err != nil {
			return err
		}
		rows += len(page)
	}
	_, err := fmt.Fprintf(w, "%d events in the log\n", rows)
	return err
}
