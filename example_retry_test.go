package b24_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A portal's refusal is waited out, whatever the method does. An answer that was
// lost is asked for again where the method only reads.
func ExampleWithRetry() {
	portal, hook := inMemory(b24.WithRetry(b24.RetryPolicy{MaxAttempts: 2, MaxDelay: time.Millisecond}))
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"})
	portal.Fault("crm.deal.add", b24test.QueryLimitExceeded())
	portal.Fault("crm.deal.get", b24test.HTML(502))
	ctx := context.Background()

	_, err := hook.CallMethod(ctx, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "Order 18"}})
	fmt.Println(err, portal.Calls("crm.deal.add"), portal.Executed("crm.deal.add"))
	_, err = hook.CallMethod(ctx, "crm.deal.get", b24.Params{"id": 7})
	fmt.Println(err, portal.Calls("crm.deal.get"))
	// Output:
	// <nil> 2 1
	// <nil> 2
}

// Setting a field twice to the same value is harmless: the caller knows, the
// library does not.
func ExampleWithIdempotent() {
	portal, hook := inMemory(b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond}))
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"})
	portal.Fault("crm.deal.update", b24test.ResetAfter())
	ctx := context.Background()

	_, err := hook.CallMethod(ctx, "crm.deal.update",
		b24.Params{"id": 7, "fields": b24.Params{"STAGE_ID": "WON"}}, b24.WithIdempotent())
	fmt.Println(err, portal.Calls("crm.deal.update"))
	// Output: <nil> 2
}

func ExampleWithoutRetry() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.list", b24test.HTML(502))

	_, err := hook.CallMethod(context.Background(), "crm.deal.list", nil, b24.WithoutRetry())
	fmt.Println(err != nil, portal.Calls("crm.deal.list"))
	// Output: true 1
}

// metrics are counters of a program's own: those of its monitoring.
type metrics struct {
	attempts, failed atomic.Int64
	waited           atomic.Int64 // nanoseconds
}

// trace counts attempts and waits. The functions run in the goroutines of the calls.
func (m *metrics) trace() *b24.Trace {
	return &b24.Trace{
		AttemptDone: func(_ context.Context, _ b24.TraceCall, done b24.TraceAttempt) {
			m.attempts.Add(1)
			if done.Err != nil {
				m.failed.Add(1)
			}
		},
		WaitDone: func(_ context.Context, _ b24.TraceCall, _ b24.WaitReason, d time.Duration) {
			m.waited.Add(int64(d))
		},
	}
}

func ExampleTrace() {
	var m metrics
	portal, hook := inMemory(b24.WithTrace(m.trace()), b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond}))
	defer portal.Close()
	portal.Fault("crm.deal.list", b24test.QueryLimitExceeded())

	_, err := hook.CallMethod(context.Background(), "crm.deal.list", nil)
	fmt.Println(err, m.attempts.Load(), "attempts,", m.failed.Load(), "failed, waited:", m.waited.Load() > 0)
	// Output:
	// <nil> 2 attempts, 1 failed, waited: true
}

func ExampleWithTrace() {
	portal, hook := inMemory(
		b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond}),
		b24.WithTrace(&b24.Trace{
			AttemptDone: func(_ context.Context, call b24.TraceCall, done b24.TraceAttempt) {
				fmt.Println(call.Method, "attempt", call.Attempt, "status", done.Status)
			},
			WaitDone: func(_ context.Context, call b24.TraceCall, reason b24.WaitReason, _ time.Duration) {
				fmt.Println(call.Method, "wait:", reason)
			},
		}))
	defer portal.Close()
	portal.Fault("crm.deal.list", b24test.HTML(502))

	_, err := hook.CallMethod(context.Background(), "crm.deal.list", nil)
	fmt.Println(err)
	// Output:
	// crm.deal.list attempt 1 status 502
	// crm.deal.list wait: retry
	// crm.deal.list attempt 2 status 200
	// <nil>
}
