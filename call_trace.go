package b24

import (
	"context"
	"slices"
	"time"
)

// Trace is a set of hooks for spans and metrics, like those of net/http/httptrace. Any of them may
// be nil. They run in the goroutine of the call, several at once, and should be quick.
//
// Hooks that return a context return a child of the one they get, with what later hooks need, such
// as a span. It is used for everything that follows, including the request. nil means the context
// that they got.
type Trace struct {
	// CallStart is called before the first attempt, with the context of the caller.
	CallStart func(ctx context.Context, call TraceCall) context.Context
	// CallDone is called with the error that the caller gets.
	CallDone func(ctx context.Context, call TraceCall, done TraceDone)
	// AttemptStart is called before each request.
	AttemptStart func(ctx context.Context, call TraceCall) context.Context
	// AttemptDone is called after each request.
	AttemptDone func(ctx context.Context, call TraceCall, done TraceAttempt)
	// WaitStart is called before each wait. Each Wait of your own [Limiter] counts as a wait,
	// however short.
	WaitStart func(ctx context.Context, call TraceCall, reason WaitReason)
	// WaitDone is called after each wait with the time it took, also if the context or [Hook.Close]
	// ended it.
	WaitDone func(ctx context.Context, call TraceCall, reason WaitReason, d time.Duration)
	// ListStart is called before the first call of a list. The calls of the list get the context
	// that it returns.
	ListStart func(ctx context.Context, list TraceList) context.Context
	// ListDone is called at the end of a list, also if the consumer left the loop. err is the error
	// that the consumer gets, or nil if the list was complete or left early.
	ListDone func(ctx context.Context, list TraceList, report ListReport, err error)
	// Store is called when the store of [WithStore] fails, and when it answers again: once each for
	// an outage, by one client of each portal in this process.
	Store func(ctx context.Context, event TraceStore)
}

// TraceCall describes a call in flight.
type TraceCall struct {
	// Method is the called method, and RequestID is the id of the call.
	Method, RequestID string
	// Portal is the portal's origin, https://your_domain.bitrix24.com.
	Portal string
	// API is the version of the API: "classic" or "rest3".
	API string
	// Commands is the number of commands of a batch; 0 for a single call.
	Commands int
	// Reads is true if the call is known to change nothing, or if the caller declared so.
	Reads bool
	// Attempt counts the requests of the call, from 1. It is 0 before the first.
	Attempt int
}

// TraceDone describes how a call ended.
type TraceDone struct {
	// Err is the error that the caller gets.
	Err error
	// Attempts is the number of requests. Waited is the time before and between them.
	Attempts int
	Waited   time.Duration
	// FailedCommands is the number of commands of a batch whose answer is an error.
	FailedCommands int
}

// TraceAttempt describes how a request ended.
type TraceAttempt struct {
	// Err is the error of the request. Another request may follow.
	Err error
	// Status is the HTTP status of the answer; 0 if there was none.
	Status int
	// Timing is the portal's own timing; zero if the answer has none.
	Timing Timing
	// Bytes is the size of the answer as decoded; 0 with an error.
	Bytes int
}

// TraceList describes a list in progress.
type TraceList struct {
	// Method is the method of the list.
	Method string
	// Portal and API are those of [TraceCall].
	Portal, API string
}

// TraceStore describes the beginning or the end of an outage of the store of [WithStore].
type TraceStore struct {
	// Portal is the portal's origin.
	Portal string
	// Err is the failure; nil means that the store answers again.
	Err error
	// Members is the number of processes that share the portal's budget, as far as is known. During
	// the outage this process uses that part of it.
	Members int
	// Lasted is how long the outage was; 0 at its beginning.
	Lasted time.Duration
}

// WaitReason is the reason why a call waits.
type WaitReason string

const (
	// WaitRetry is the wait between a failed attempt and its repeat.
	WaitRetry WaitReason = "retry"
	// WaitRate is the wait for the portal's request rate.
	WaitRate WaitReason = "rate"
	// WaitOperating is the wait for the operating time of the method.
	WaitOperating WaitReason = "operating"
)

// JoinTraces returns a [Trace] that calls all of them, ignoring nil ones: start hooks in their
// order, done hooks in reverse. Each passes its context to the next.
func JoinTraces(traces ...*Trace) *Trace {
	traces = slices.DeleteFunc(slices.Clone(traces), func(t *Trace) bool { return t == nil })
	all := make([]tracer, len(traces))
	for i, t := range traces {
		all[i] = tracer{Trace: *t}
	}
	return &Trace{
		CallStart: func(ctx context.Context, call TraceCall) context.Context {
			return through(ctx, all, func(t *tracer, ctx context.Context) context.Context { return t.callStart(ctx, call) })
		},
		CallDone: func(ctx context.Context, call TraceCall, done TraceDone) {
			for _, t := range slices.Backward(all) {
				t.callDone(ctx, call, done)
			}
		},
		AttemptStart: func(ctx context.Context, call TraceCall) context.Context {
			return through(ctx, all, func(t *tracer, ctx context.Context) context.Context { return t.attemptStart(ctx, call) })
		},
		AttemptDone: func(ctx context.Context, call TraceCall, done TraceAttempt) {
			for _, t := range slices.Backward(all) {
				t.attemptDone(ctx, call, done)
			}
		},
		WaitStart: func(ctx context.Context, call TraceCall, reason WaitReason) {
			for _, t := range all {
				t.waitStart(ctx, call, reason)
			}
		},
		WaitDone: func(ctx context.Context, call TraceCall, reason WaitReason, d time.Duration) {
			for _, t := range slices.Backward(all) {
				t.waitDone(ctx, call, reason, d)
			}
		},
		ListStart: func(ctx context.Context, list TraceList) context.Context {
			return through(ctx, all, func(t *tracer, ctx context.Context) context.Context { return t.listStart(ctx, list) })
		},
		ListDone: func(ctx context.Context, list TraceList, report ListReport, err error) {
			for _, t := range slices.Backward(all) {
				t.listDone(ctx, list, report, err)
			}
		},
		Store: func(ctx context.Context, event TraceStore) {
			for _, t := range all {
				t.store(ctx, event)
			}
		},
	}
}

// through passes a context from each trace to the next.
func through(ctx context.Context, all []tracer, start func(*tracer, context.Context) context.Context) context.Context {
	for i := range all {
		ctx = start(&all[i], ctx) //nolint:fatcontext // once for each trace
	}
	return ctx
}

// tracer calls the hooks that are set.
type tracer struct {
	Trace

	told bool // a hook is set
}

func newTracer(t Trace) tracer {
	told := t.CallStart != nil || t.CallDone != nil || t.AttemptStart != nil || t.AttemptDone != nil || t.WaitStart != nil || t.WaitDone != nil
	return tracer{Trace: t, told: told}
}

func (t *tracer) callStart(ctx context.Context, call TraceCall) context.Context {
	if t.CallStart == nil {
		return ctx
	}
	return orSame(t.CallStart(ctx, call), ctx)
}

func (t *tracer) callDone(ctx context.Context, call TraceCall, done TraceDone) {
	if t.CallDone != nil {
		t.CallDone(ctx, call, done)
	}
}

func (t *tracer) attemptStart(ctx context.Context, call TraceCall) context.Context {
	if t.AttemptStart == nil {
		return ctx
	}
	return orSame(t.AttemptStart(ctx, call), ctx)
}

func (t *tracer) attemptDone(ctx context.Context, call TraceCall, done TraceAttempt) {
	if t.AttemptDone != nil {
		t.AttemptDone(ctx, call, done)
	}
}

func (t *tracer) waitStart(ctx context.Context, call TraceCall, reason WaitReason) {
	if t.WaitStart != nil {
		t.WaitStart(ctx, call, reason)
	}
}

func (t *tracer) waitDone(ctx context.Context, call TraceCall, reason WaitReason, d time.Duration) {
	if t.WaitDone != nil {
		t.WaitDone(ctx, call, reason, d)
	}
}

func (t *tracer) listStart(ctx context.Context, list TraceList) context.Context {
	if t.ListStart == nil {
		return ctx
	}
	return orSame(t.ListStart(ctx, list), ctx)
}

func (t *tracer) listDone(ctx context.Context, list TraceList, report ListReport, err error) {
	if t.ListDone != nil {
		t.ListDone(ctx, list, report, err)
	}
}

func (t *tracer) store(ctx context.Context, event TraceStore) {
	if t.Store != nil {
		t.Store(ctx, event)
	}
}

func orSame(child, ctx context.Context) context.Context {
	if child == nil {
		return ctx
	}
	return child
}

// traced describes q for a trace. It is empty if no hook is set, to save the work.
func (c *client) traced(q *query) TraceCall {
	if !c.trace.told {
		return TraceCall{}
	}
	return TraceCall{
		Method: q.method, RequestID: q.requestID, Portal: c.secrets.Text(c.at(q).origin), API: q.dialect.name(), Commands: int(q.commands),
		Reads: q.repeatable, Attempt: q.attempts,
	}
}

// traceDone reports the end of a call.
func (c *client) traceDone(ctx context.Context, q *query, r *answer, err error) {
	if c.trace.CallDone == nil {
		return
	}
	done := TraceDone{Err: err, Attempts: q.attempts, Waited: q.waited}
	if r != nil {
		for _, row := range r.env.Rows {
			if row.Failure != nil {
				done.FailedCommands++
			}
		}
	}
	c.trace.callDone(ctx, c.traced(q), done)
}

// traceAttempt reports the end of a request.
func (c *client) traceAttempt(ctx context.Context, q *query, r *answer, err error) {
	if c.trace.AttemptDone == nil {
		return
	}
	done := TraceAttempt{Err: err, Status: statusOf(r, err)}
	if r != nil {
		done.Timing, done.Bytes = r.time(), len(r.body)
	}
	c.trace.attemptDone(ctx, c.traced(q), done)
}
