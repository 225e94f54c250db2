package b24_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

// All rows of a list, however many, decoded one by one.
func Example_list() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"OPPORTUNITY": "10.00", "STAGE_ID": "WON"} })
	ctx := context.Background()

	total := 0.0
	for deal, err := range b24.List[Deal](ctx, hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{"STAGE_ID": "WON"},
		"select": []string{"ID", "OPPORTUNITY"},
	}) {
		if err != nil {
			fmt.Println(err) // the rows so far are certain, further ones are missing
			return
		}
		total += float64(deal.Amount)
	}
	fmt.Println(total)
	// Output: 1200
}

// A reading that can be taken up again where it ended.
func ExampleWithResume() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	portal.Fault("batch", b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"no"}`))
	ctx := context.Background()

	var stored b24.Cursor // in a file or a table
	read := func() (rows int, err error) {
		for page, err := range hook.FetchListMethod(ctx, "crm.deal.list", nil,
			b24.WithResume(stored), b24.WithCheckpoint(func(c b24.Cursor) { stored = c })) {
			if err != nil {
				return rows, err
			}
			rows += len(page)
		}
		return rows, nil
	}

	rows, err := read()
	fmt.Println(rows, errors.Is(err, b24.ErrAccessDenied))
	rows, err = read()
	fmt.Println(rows, err)
	// Output:
	// 50 true
	// 70 <nil>
}

// Typed commands in one request; later ones use what earlier ones created.
func ExampleQueue() {
	portal, hook := inMemory()
	defer portal.Close()
	ctx := context.Background()

	var batch b24.Batch
	company := b24.Queue[b24.ID](&batch, "crm.company.add", b24.Params{"fields": b24.Params{"TITLE": "Acme"}})
	b24.Queue[b24.ID](&batch, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "First", "COMPANY_ID": company.Ref()}})
	title := b24.Queue[string](&batch, "crm.company.get", b24.Params{"id": company.Ref()}, "TITLE")
	if _, err := hook.CallBatch(ctx, &batch); err != nil {
		fmt.Println(err) // which command failed, and which did not run
		return
	}
	name, err := title.Get()

	fmt.Println(name, err, len(portal.HTTPRequests()), "request")
	// Output: Acme <nil> 1 request
}

// Any number of writes, with the truth about each.
func ExampleStreamBatch() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	ctx := context.Background()
	commands := make([]b24.Command, 121)
	for i := range commands {
		commands[i] = b24.Command{Method: "crm.deal.update", Params: b24.Params{"id": i + 1, "fields": b24.Params{"STAGE_ID": "WON"}}}
	}

	line := 0
	for _, err := range b24.StreamBatch(ctx, hook, slices.Values(commands), b24.WithHaltOnError(false)) {
		line++
		switch {
		case err == nil:
		case b24.MayHaveExecuted(err):
			fmt.Println("line", line, "is uncertain:", err)
		default:
			fmt.Println("line", line, "was not done")
		}
	}

	fmt.Println(portal.Calls("batch"), "requests")
	// Output:
	// line 121 was not done
	// 3 requests
}

// REST 3.0 is the same client. A write whose answer is lost is executed once.
func ExampleHook_V3() {
	portal, hook := inMemory(b24.WithRetry(b24.RetryPolicy{MaxDelay: 1}))
	defer portal.Close()
	portal.SeedV3("tasks.task")
	portal.Fault("tasks.task.add", b24test.ResetAfter()) // executed, and the answer lost
	ctx := context.Background()

	rest3 := hook.V3()
	_, err := rest3.CallMethod(ctx, "tasks.task.add", b24.Params{
		"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1},
	}, b24.WithIdempotencyKey("order-17"))
	if err != nil {
		fmt.Println(err)
		return
	}
	tasks, err := b24.Collect(b24.List[map[string]any](ctx, rest3, "tasks.task.list", b24.Params{
		"filter": filter.Gt("id", 0),
		"select": []string{"id", "title"},
	}))

	fmt.Println(len(tasks), err, portal.Calls("tasks.task.add"), "requests")
	// Output: 1 <nil> 2 requests
}
