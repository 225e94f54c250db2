package b24_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

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
