package b24_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

// Up to 50 calls in one request, in their order.
func ExampleHook_CallBatch() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Gamma"})
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"})
	ctx := context.Background()

	r, err := hook.CallBatch(ctx, b24.Commands{
		{Method: "crm.company.get", Params: b24.Params{"id": 3}},
		{Method: "crm.deal.get", Params: b24.Params{"id": 7}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for position, row := range r.All() {
		title, err := b24.Decode[string](row, "TITLE")
		fmt.Println(position, title, err)
	}
	fmt.Println(portal.Calls("batch"), "request")
	// Output:
	// 0 Gamma <nil>
	// 1 Order 17 <nil>
	// 1 request
}

// BatchDeal is a row of a list of deals.
type BatchDeal struct {
	ID      b24.ID       `json:"ID"`
	Title   string       `json:"TITLE"`
	Created b24.DateTime `json:"DATE_CREATE"`
}

// Results are found by the names of the commands, and decoded into one's own types.
func ExampleNamedCommands() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal",
		b24.Params{"ID": 7, "TITLE": "Order 17", "STAGE_ID": "NEW", "DATE_CREATE": "2030-01-31T09:30:00+02:00"},
		b24.Params{"ID": 8, "TITLE": "Order 18", "STAGE_ID": "NEW", "DATE_CREATE": "2030-02-01T10:00:00+02:00"},
		b24.Params{"ID": 9, "TITLE": "Order 19", "STAGE_ID": "WON", "DATE_CREATE": "2030-02-02T11:45:00+02:00"},
	)
	stage := func(id string) b24.Command {
		return b24.Command{Method: "crm.deal.list", Params: b24.Params{
			"filter": b24.Params{"STAGE_ID": id},
			"select": []string{"ID", "TITLE", "DATE_CREATE"},
		}}
	}

	r, err := hook.CallBatch(context.Background(), b24.NamedCommands{"new": stage("NEW"), "won": stage("WON")})
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, row := range r.All() {
		deals, err := b24.Decode[[]BatchDeal](row)
		if err != nil {
			fmt.Println(name, err)
			return
		}
		for _, deal := range deals {
			fmt.Println(name, deal.ID, deal.Title, deal.Created.Format("2 Jan 2006 15:04"))
		}
	}
	won, found := r.Get("won")
	total, _ := won.Total()
	fmt.Println(found, total)
	// Output:
	// new 7 Order 17 31 Jan 2030 09:30
	// new 8 Order 18 1 Feb 2030 10:00
	// won 9 Order 19 2 Feb 2030 11:45
	// true 1
}

// A company, a contact of it and a deal with both, created in one request.
func ExamplePending_Ref() {
	portal, hook := inMemory()
	defer portal.Close()

	var batch b24.Batch
	company := b24.Queue[b24.ID](&batch, "crm.company.add", b24.Params{"fields": b24.Params{"TITLE": "Acme"}})
	contact := b24.Queue[b24.ID](&batch, "crm.contact.add", b24.Params{"fields": b24.Params{
		"NAME": "Ann", "COMPANY_ID": company.Ref(),
	}})
	deal := b24.Queue[b24.ID](&batch, "crm.deal.add", b24.Params{"fields": b24.Params{
		"TITLE": "Order 17", "COMPANY_ID": company.Ref(), "CONTACT_ID": contact.Ref(),
	}})
	if _, err := hook.CallBatch(context.Background(), &batch); err != nil {
		fmt.Println(err) // the batch stopped at the first failure
		return
	}
	id, err := deal.Get()

	row := portal.Rows("crm.deal")[0]
	fmt.Println(id, err, row["TITLE"], "company", row["COMPANY_ID"], "contact", row["CONTACT_ID"])
	// Output:
	// 1 <nil> Order 17 company 1 contact 1
}

// Before the batch ran, and where it stopped before the command, there is no result.
func ExamplePending_Get() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"})

	var batch b24.Batch
	title := b24.Queue[string](&batch, "crm.deal.get", b24.Params{"id": 7}, "TITLE")
	_, err := title.Get()
	fmt.Println(errors.Is(err, b24.ErrNotExecuted))

	_, err = hook.CallBatch(context.Background(), &batch)
	fmt.Println(err)
	fmt.Println(title.Get())
	// Output:
	// true
	// <nil>
	// Order 17 <nil>
}

// Any number of calls: 120 of them take three requests. Results come in the order
// of the commands.
func ExampleHook_CallBatchByChunk() {
	portal, hook := inMemory()
	defer portal.Close()
	commands := make(b24.Commands, 120)
	for i := range commands {
		commands[i] = b24.Command{Method: "crm.lead.add", Params: b24.Params{
			"fields": b24.Params{"TITLE": fmt.Sprintf("Lead %d", i+1)},
		}}
	}

	r, err := hook.CallBatchByChunk(context.Background(), commands,
		b24.WithProgress(func(p b24.Progress) { fmt.Printf("%d of %d, %.0f %%\n", p.Done, p.Total, p.Percent()) }))
	if err != nil {
		fmt.Println(err)
		return
	}
	last, err := b24.Decode[b24.ID](r.At(r.Len() - 1))
	fmt.Println(r.Len(), last, err)
	// Output:
	// 50 of 120, 42 %
	// 100 of 120, 83 %
	// 120 of 120, 100 %
	// 120 120 <nil>
}

// Commands that are made while the batches run: nothing holds them all in memory.
func ExampleStreamBatch() {
	portal, hook := inMemory()
	defer portal.Close()
	var leads iter.Seq[b24.Command] = func(yield func(b24.Command) bool) {
		for i := range 10_000 { // the lines of a file, say
			command := b24.Command{Method: "crm.lead.add", Params: b24.Params{"fields": b24.Params{"TITLE": i}}}
			if !yield(command) {
				return
			}
		}
	}

	added := 0
	for r, err := range b24.StreamBatch(context.Background(), hook, leads, b24.WithConcurrency(4)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if _, err := b24.Decode[b24.ID](r); err != nil {
			fmt.Println(err)
			return
		}
		added++
	}
	fmt.Println(added, portal.Calls("batch"))
	// Output:
	// 10000 200
}

// Commands that failed do not hide those that did not.
func ExampleBatchError() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"}, b24.Params{"ID": 9, "TITLE": "Order 19"})
	deals := b24.NamedCommands{
		"a": {Method: "crm.deal.get", Params: b24.Params{"id": 7}},
		"b": {Method: "crm.deal.get", Params: b24.Params{"id": 8}},
		"c": {Method: "crm.deal.get", Params: b24.Params{"id": 9}},
	}
	for _, halt := range []bool{true, false} {
		r, err := hook.CallBatch(context.Background(), deals, b24.WithHaltOnError(halt))
		failed, ok := errors.AsType[*b24.BatchError](err)
		if !ok {
			fmt.Println(err)
			return
		}
		for _, command := range failed.Failed {
			fmt.Println(command.Name, command.Method, errors.Is(command.Err, b24.ErrNotFound), b24.OutcomeOf(command.Err))
		}
		fmt.Println("not executed:", failed.NotExecuted, "first:", r.At(0).IsSuccess(), "last:", r.At(2).IsSuccess())
	}
	// Output:
	// b crm.deal.get true refused
	// not executed: [2] first: true last: false
	// b crm.deal.get true refused
	// not executed: [] first: true last: true
}

// REST 3.0 is the same client. A write whose answer is lost is executed once.
func ExampleHook_V3() {
	portal, hook := inMemory(b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond, LongestCall: time.Millisecond}))
	defer portal.Close()
	portal.V3().Seed("tasks.task")
	portal.Fault("tasks.task.add", b24test.ResetAfter()) // executed, and the answer lost
	ctx := context.Background()

	rest3 := hook.V3()
	added, err := rest3.CallMethod(ctx, "tasks.task.add", b24.Params{
		"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1},
	}, b24.WithIdempotencyKey("order-17"))
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := b24.Decode[b24.ID](added, "item", "id")
	fmt.Println("task", id, err, "executed before:", added.Replayed())

	fmt.Println(portal.Calls("tasks.task.add"), "requests,", portal.Executed("tasks.task.add"), "executed")
	// Output:
	// task 1 <nil> executed before: true
	// 2 requests, 1 executed
}

// Event is a row of the event log.
type Event struct {
	ID   b24.ID `json:"id"`
	Type string `json:"auditTypeId"`
}

// A list of REST 3.0 with conditions.
func ExampleHook_V3_list() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.V3().Seed("main.eventlog",
		b24.Params{"id": 7, "userId": 1, "auditTypeId": "USER_AUTHORIZE"},
		b24.Params{"id": 8, "userId": 1, "auditTypeId": "TASK_ADD"},
		b24.Params{"id": 9, "userId": 2, "auditTypeId": "USER_LOGOUT"},
	)
	ctx := context.Background()
	rest3 := hook.V3()

	conditions := filter.And(filter.Eq("userId", 1), filter.In("auditTypeId", "USER_AUTHORIZE", "USER_LOGOUT"))
	for event, err := range b24.List[Event](ctx, rest3, "main.eventlog.list", b24.Params{
		"filter": conditions, "select": []string{"id", "auditTypeId"},
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.ID, event.Type)
	}
	// Output:
	// 7 USER_AUTHORIZE
}

// follow hands what is new in the event log to take, and returns the place it came
// to: store it, and start there next time.
func follow(ctx context.Context, rest3 *b24.V3, from b24.Cursor, take func(rows int)) (b24.Cursor, error) {
	place := from
	for page, err := range rest3.FetchTail(ctx, "main.eventlog.tail", b24.Params{"select": []string{"id", "auditTypeId"}},
		b24.WithResume(from),
		b24.WithCheckpoint(func(c b24.Cursor) { place = c })) {
		if err != nil {
			return place, err
		}
		take(len(page))
	}
	return place, nil
}

func ExampleV3_FetchTail() {
	portal, hook := inMemory()
	defer portal.Close()
	login := func(int) b24.Params { return b24.Params{"auditTypeId": "USER_AUTHORIZE"} }
	portal.V3().SeedN("main.eventlog", 3, login)
	ctx := context.Background()
	rest3 := hook.V3()

	place, err := follow(ctx, rest3, "", func(rows int) { fmt.Println(rows, "rows") })
	fmt.Println(err)
	portal.V3().SeedN("main.eventlog", 2, login)
	_, err = follow(ctx, rest3, place, func(rows int) { fmt.Println(rows, "rows") })
	fmt.Println(err)
	// Output:
	// 3 rows
	// <nil>
	// 2 rows
	// <nil>
}

// A batch of REST 3.0 that fails does not tell what ran. Single calls do.
func ExampleWithSingleCalls() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.V3().Seed("tasks.task")
	ctx := context.Background()
	rest3 := hook.V3()
	tasks := make(b24.Commands, 3)
	for i := range tasks {
		fields := b24.Params{"title": "Task " + strconv.Itoa(i), "creatorId": 1, "responsibleId": 1}
		if i == 1 {
			delete(fields, "title") // the portal wants one
		}
		tasks[i] = b24.Command{Method: "tasks.task.add", Params: b24.Params{"fields": fields}}
	}

	_, err := rest3.CallBatch(ctx, tasks)
	fmt.Println("batch:", b24.OutcomeOf(err))

	r, err := rest3.CallBatchByChunk(ctx, tasks, b24.WithSingleCalls(), b24.WithHaltOnError(false))
	fmt.Println("single calls:", errors.Is(err, b24.ErrValidation))
	for i, row := range r.All() {
		fmt.Println(i, row.IsSuccess(), row.Err() != nil && !b24.MayHaveExecuted(row.Err()))
	}
	// Output:
	// batch: unknown
	// single calls: true
	// 0 true false
	// 1 false true
	// 2 true false
}

// One call for each id, 50 in a request. A failure does not stop the others.
func ExampleEach() {
	portal, hook := inMemory()
	defer portal.Close()
	orders(portal, 3)
	get := func(id int) b24.Command {
		return b24.Command{Method: "crm.deal.get", Params: b24.Params{"id": id}}
	}

	for id, deal := range b24.Each[Deal](context.Background(), hook, slices.Values([]int{1, 99, 3}), get) {
		switch {
		case errors.Is(deal.Err, b24.ErrNotFound):
			fmt.Println(id, "does not exist")
		case deal.Err != nil:
			fmt.Println(id, deal.Err)
		default:
			fmt.Println(id, deal.Value.Title)
		}
	}
	fmt.Println(len(portal.HTTPRequests()), "request")
	// Output:
	// 1 Order 1
	// 99 does not exist
	// 3 Order 3
	// 1 request
}

// A command refers to an earlier one by its name.
func ExampleRefTo() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Acme"})
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17", "COMPANY_ID": 3})

	r, err := hook.CallBatch(context.Background(), b24.Commands{
		{Name: "deal", Method: "crm.deal.get", Params: b24.Params{"id": 7}},
		{Name: "company", Method: "crm.company.get", Params: b24.Params{"id": b24.RefTo("deal", "COMPANY_ID")}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	company, _ := r.Get("company")
	fmt.Println(b24.Decode[string](company, "TITLE"))
	// Output: Acme <nil>
}

// References from a configuration, or from a program for another library.
func ExampleParseRef() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Acme"})
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17", "COMPANY_ID": 3})

	id, err := b24.ParseRef("$result[deal][COMPANY_ID]")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := hook.CallBatch(context.Background(), b24.Commands{
		{Name: "deal", Method: "crm.deal.get", Params: b24.Params{"id": 7}},
		{Name: "company", Method: "crm.company.get", Params: b24.Params{"id": id}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b24.Decode[string](r.At(1), "TITLE"))
	_, err = b24.ParseRef("company $result[deal][COMPANY_ID]")
	fmt.Println(err)
	// Output:
	// Acme <nil>
	// b24: batch: invalid parameters: reference: it does not begin with $result[; write $result[name][field]; nothing was sent
}
