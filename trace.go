package b24

import (
	"context"
	"time"
)

// Trace is a set of functions that are told of each call, in the manner of
// net/http/httptrace: for spans and metrics. Any of them may be nil. They run in
// the goroutine of the call, any number at once, and should be quick; the
// context is that of the call.
type Trace struct {
	// CallStart is called before the first attempt.
	CallStart func(ctx context.Context, call TraceCall)
	// CallDone is called with what the caller gets.
	CallDone func(ctx context.Context, call TraceCall, err error)
	// AttemptStart is called before each request.
	AttemptStart func(ctx context.Context, call TraceCall)
	// AttemptDone is called after each request; status is 0 where no answer came.
	AttemptDone func(ctx context.Context, call TraceCall, status int, err error)
	// Wait is called after each wait with the time it took, also where the context
	// or Close ended it. With a Limiter of the caller's the time of its Wait is one.
	Wait func(ctx context.Context, call TraceCall, reason WaitReason, d time.Duration)
}

// TraceCall is a call under way.
type TraceCall struct {
	// Method is the method called, RequestID the id the call travels under.
	Method, RequestID string
	// Attempt counts the requests of the call, from 1; 0 before the first.
	Attempt int
}

// WaitReason is why a call waits.
type WaitReason string

const (
	// WaitRetry is the wait after an attempt that failed and before its repeat.
	WaitRetry WaitReason = "retry"
	// WaitRate is the wait for the portal's request rate.
	WaitRate WaitReason = "rate"
	// WaitOperating is the wait for the operating time of the method.
	WaitOperating WaitReason = "operating"
)

// tracer calls the functions that are there.
type tracer struct{ t Trace }

func traceCall(q *query) TraceCall {
	return TraceCall{Method: q.method, RequestID: q.requestID, Attempt: q.attempts}
}

func (t *tracer) callStart(ctx context.Context, q *query) {
	if t.t.CallStart != nil {
		t.t.CallStart(ctx, traceCall(q))
	}
}

func (t *tracer) callDone(ctx context.Context, q *query, err error) {
	if t.t.CallDone != nil {
		t.t.CallDone(ctx, traceCall(q), err)
	}
}

func (t *tracer) attemptStart(ctx context.Context, q *query) {
	if t.t.AttemptStart != nil {
		t.t.AttemptStart(ctx, traceCall(q))
	}
}

func (t *tracer) attemptDone(ctx context.Context, q *query, r *answer, err error) {
	if t.t.AttemptDone != nil {
		t.t.AttemptDone(ctx, traceCall(q), statusOf(r, err), err)
	}
}

func (t *tracer) wait(ctx context.Context, q *query, reason WaitReason, d time.Duration) {
	if t.t.Wait != nil {
		t.t.Wait(ctx, traceCall(q), reason, d)
	}
}
