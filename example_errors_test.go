package b24_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// What the portal answered.
func ExampleError() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.list", b24test.Refuse(&b24.Error{Code: "insufficient_scope", Description: "The request requires higher privileges"}))

	_, err := hook.CallMethod(context.Background(), "crm.deal.list", nil, b24.WithRequestID("job-17"))
	if failed, ok := errors.AsType[*b24.Error](err); ok {
		fmt.Println(failed.Code, failed.Status, failed.Method)
	}
	fmt.Println(err)
	// Output:
	// b24: portal error insufficient_scope 403 crm.deal.list
	// b24: crm.deal.list: portal answered insufficient_scope: The request requires higher privileges (status 403, request job-17); give the webhook the scope of this method
}

// Tell errors apart by their codes, never by their texts.
func ExampleCode() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.update", b24test.Refuse(&b24.Error{Code: "MY_CODE", Description: "Ein Text in der Sprache des Portals"}))
	ctx := context.Background()

	_, err := hook.CallMethod(ctx, "crm.deal.get", b24.Params{"id": 404})
	fmt.Println(errors.Is(err, b24.ErrNotFound))

	_, err = hook.CallMethod(ctx, "crm.deal.gett", b24.Params{"id": 404})
	fmt.Println(errors.Is(err, b24.ErrMethodNotFound))

	_, err = hook.CallMethod(ctx, "crm.deal.update", nil)
	fmt.Println(errors.Is(err, b24.Code("my_code")))
	// Output:
	// true
	// true
	// true
}

// No answer of the portal: a gateway's page, and an answer that was lost.
func ExampleTransportError() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.add", b24test.HTML(http.StatusBadGateway), b24test.ResetAfter())
	ctx := context.Background()

	for range 2 {
		_, err := hook.CallMethod(ctx, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "Order 17"}})
		if lost, ok := errors.AsType[*b24.TransportError](err); ok {
			fmt.Println(lost.Status, lost.ContentType, errors.Is(err, b24.ErrBadResponse), b24.MayHaveExecuted(err))
		}
	}
	fmt.Println(portal.Executed("crm.deal.add"), "executed")
	// Output:
	// 502 text/html; charset=utf-8 true true
	// 0  false true
	// 1 executed
}

// A renamed portal redirects. WithoutRetry does not follow it: the secret is not
// sent on, and the error names the new host.
func ExampleRedirectError() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("profile", b24test.Redirect(http.StatusFound, "https://new-name.bitrix24.com/rest/1/abcdef0123456789/profile"))

	_, err := hook.CallMethod(context.Background(), "profile", nil, b24.WithoutRetry())
	if moved, ok := errors.AsType[*b24.RedirectError](err); ok {
		fmt.Println(moved.Status, moved.Origin, b24.OutcomeOf(err))
	}
	// Output:
	// 302 https://new-name.bitrix24.com refused
}

// What cannot be sent is refused before anything is sent.
func ExampleParamsError() {
	portal, hook := inMemory()
	defer portal.Close()
	ctx := context.Background()

	_, err := hook.CallMethod(ctx, "crm.deal.add", b24.Params{"fields": b24.Params{"OPPORTUNITY": math.NaN()}})
	if bad, ok := errors.AsType[*b24.ParamsError](err); ok {
		fmt.Println(bad.Param, b24.OutcomeOf(err))
	}
	_, err = hook.CallMethod(ctx, "crm.deal.list", b24.Params{"start": 10})
	fmt.Println(errors.Is(err, b24.ErrInvalidParams))
	fmt.Println(len(portal.Requests()), "requests")
	// Output:
	// fields.OPPORTUNITY not sent
	// true
	// 0 requests
}

func ExampleOutcomeOf() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.add",
		b24test.QueryLimitExceeded(),
		b24test.InternalServerError().Executed(),
		b24test.CutBody(10),
	)
	params := b24.Params{"fields": b24.Params{"TITLE": "Order 17"}}

	for range 3 {
		_, err := hook.CallMethod(context.Background(), "crm.deal.add", params, b24.WithoutRetry())
		fmt.Println(b24.OutcomeOf(err))
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := hook.CallMethod(ended, "crm.deal.add", params, b24.WithoutRetry())
	fmt.Println(b24.OutcomeOf(err))
	// Output:
	// refused
	// unknown
	// unknown
	// not sent
}

// retryOrLook says what to do about a failed write.
func retryOrLook(err error) string {
	switch {
	case err == nil:
		return "done"
	case b24.MayHaveExecuted(err):
		return "look whether it was done before doing it again"
	case errors.Is(err, b24.ErrQueryLimitExceeded):
		return "wait and do it again"
	default:
		return "give up: " + b24.OutcomeOf(err).String()
	}
}

func ExampleMayHaveExecuted() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Fault("crm.deal.add", b24test.ResetAfter(), b24test.QueryLimitExceeded(), b24test.Pass(), b24test.Refuse(&b24.Error{Code: "ACCESS_DENIED"}))

	for range 4 {
		_, err := hook.CallMethod(context.Background(), "crm.deal.add",
			b24.Params{"fields": b24.Params{"TITLE": "Order 17"}}, b24.WithoutRetry())
		fmt.Println(retryOrLook(err))
	}
	// Output:
	// look whether it was done before doing it again
	// wait and do it again
	// done
	// give up: refused
}

func ExampleHook_Stats() {
	portal, hook := inMemory(b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond}))
	defer portal.Close()
	portal.Fault("crm.deal.get", b24test.QueryLimitExceeded())
	ctx := context.Background()
	for _, id := range []int{1, 2} {
		_, _ = hook.CallMethod(ctx, "crm.deal.get", b24.Params{"id": id})
	}
	_, _ = hook.CallMethod(ctx, "crm.deal.list", nil)

	s := hook.Stats()
	fmt.Println(s.Calls, s.Succeeded, s.Failed, s.Refusals)
	fmt.Println(s.Methods["crm.deal.get"].Failed, len(s.LastErrors))
	hook.ResetStats()
	fmt.Println(hook.Stats().Calls)
	// Output:
	// 3 1 2 1
	// 2 2
	// 0
}

// steady leaves out what differs from run to run.
func steady(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey, "duration", "request_id":
		return slog.Attr{}
	}
	return a
}

func ExampleHook_SetLogger() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.company", b24.Params{"ID": 3, "TITLE": "Gamma"})
	ctx := context.Background()

	hook.SetLogger(slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: steady})))
	_, _ = hook.CallMethod(ctx, "crm.company.get", b24.Params{"id": 3})
	_, _ = hook.CallMethod(ctx, "no.such.method", nil, b24.WithRequestID("job-17"))
	hook.SetLogger(nil) // silent again
	_, _ = hook.CallMethod(ctx, "crm.company.get", b24.Params{"id": 3})
	// Output:
	// level=DEBUG msg="b24: request done" method=crm.company.get attempt=1 status=200
	// level=WARN msg="b24: request failed" method=no.such.method attempt=1 outcome=refused error="b24: no.such.method: portal answered ERROR_METHOD_NOT_FOUND: Method not found! (status 404, request job-17); check the name and the API version"
}

// Parameters and answers are logged at a level of their own, secrets masked.
func ExampleHook_SetLogger_payload() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Handle("user.add", func(b24test.Request) (any, error) { return 5, nil })

	hook.SetLogger(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: b24.LevelPayload, ReplaceAttr: steady})))
	_, _ = hook.CallMethod(context.Background(), "user.add", b24.Params{"EMAIL": "anna@example.com", "PASSWORD": "hunter2"})
	// Output:
	// {"level":"DEBUG-4","msg":"b24: parameters","method":"user.add","params":"{\"EMAIL\":\"anna@example.com\",\"PASSWORD\":\"***\"}"}
	// {"level":"DEBUG","msg":"b24: request done","method":"user.add","attempt":1,"status":200}
	// {"level":"DEBUG-4","msg":"b24: answer","method":"user.add","result":"5"}
}

func ExampleWithLogger() {
	hook, err := b24.FromWebhookURL("https://your_domain.bitrix24.com/rest/1/abcdef0123456789/", b24.WithLogger(slog.Default()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()
	fmt.Println(hook.Logger() == slog.Default())
	// Output:
	// true
}

// logTo makes a logger for one level and what is above it: slog.LevelWarn,
// slog.LevelDebug, or b24.LevelPayload for parameters and answers too.
func logTo(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

func ExampleLevelPayload() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17"})
	for _, level := range []slog.Level{slog.LevelWarn, slog.LevelDebug, b24.LevelPayload} {
		var records strings.Builder
		hook.SetLogger(logTo(&records, level))
		_, err := hook.CallMethod(context.Background(), "crm.deal.get", b24.Params{"id": 7})
		fmt.Println(strings.Count(records.String(), "\n"), "records,", strings.Contains(records.String(), "Order 17"), err)
	}
	// Output:
	// 0 records, false <nil>
	// 1 records, false <nil>
	// 3 records, true <nil>
}

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
