package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
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

// export hands all deals to write, page by page, from a place in the list on. It
// returns the place it came to: store it, and start there next time.
func export(ctx context.Context, c b24.Client, from b24.Cursor, write func(rows []json.RawMessage) error) (b24.Cursor, error) {
	place := from
	for page, err := range c.FetchListMethod(ctx, "crm.deal.list", b24.Params{"select": []string{"ID", "TITLE", "STAGE_ID"}},
		b24.WithResume(from),
		b24.WithCheckpoint(func(c b24.Cursor) { place = c })) {
		if err == nil {
			err = write(page)
		}
		if err != nil {
			return place, err
		}
	}
	return place, nil
}

// A reading that can be taken up again where it ended.
func ExampleWithResume() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	portal.Fault("batch", b24test.Pass(), b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"no"}`))
	ctx := context.Background()
	rows := 0
	count := func(page []json.RawMessage) error {
		rows += len(page)
		return nil
	}

	place, err := export(ctx, hook, "", count)
	fmt.Println(rows, errors.Is(err, b24.ErrAccessDenied))
	_, err = export(ctx, hook, place, count)
	fmt.Println(rows, err)
	// Output:
	// 50 true
	// 120 <nil>
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

// winAll sets the stage of deals, and returns those of which it is not certain
// that it was set: look at them before you repeat anything.
func winAll(ctx context.Context, c b24.Client, deals []int) (uncertain []int, err error) {
	commands := func(yield func(b24.Command) bool) {
		for _, id := range deals {
			update := b24.Params{"id": id, "fields": b24.Params{"STAGE_ID": "WON"}}
			if !yield(b24.Command{Method: "crm.deal.update", Params: update}) {
				return
			}
		}
	}
	done := 0 // answers come in the order of the commands, one for each
	for _, err := range b24.StreamBatch(ctx, c, commands, b24.WithHaltOnError(false)) {
		id := deals[done]
		done++
		switch {
		case err == nil:
		case b24.MayHaveExecuted(err):
			uncertain = append(uncertain, id)
		default:
			fmt.Println("deal", id, "was not changed:", errors.Is(err, b24.ErrNotFound))
		}
	}
	if done < len(deals) {
		err = fmt.Errorf("%d deals were not sent", len(deals)-done)
	}
	return uncertain, errors.Join(err, ctx.Err())
}

// Any number of writes, with the truth about each.
func ExampleStreamBatch() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	deals := make([]int, 121)
	for i := range deals {
		deals[i] = i + 1
	}

	uncertain, err := winAll(context.Background(), hook, deals)
	fmt.Println(len(uncertain), "uncertain,", portal.Calls("batch"), "requests,", err)
	// Output:
	// deal 121 was not changed: true
	// 0 uncertain, 3 requests, <nil>
}
