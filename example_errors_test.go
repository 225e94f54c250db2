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
