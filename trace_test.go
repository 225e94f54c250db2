package b24_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// traceNotes is what the functions of traces were told of, by several goroutines.
type traceNotes struct {
	mu    sync.Mutex
	notes []string
}

func (n *traceNotes) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notes = append(n.notes, fmt.Sprintf(format, args...))
}

// take returns the notes and forgets them.
func (n *traceNotes) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() { n.notes = nil }()
	return n.notes
}

type spanKey struct{}

// span returns the names of the spans that a context is in.
func span(ctx context.Context) string {
	name, _ := ctx.Value(spanKey{}).(string)
	return name
}

func inSpan(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, spanKey{}, span(ctx)+"/"+name)
}

// spans is a Trace that keeps spans in the context, under a name of its own.
func (n *traceNotes) spans(name string) *b24.Trace {
	return &b24.Trace{
		CallStart: func(ctx context.Context, c b24.TraceCall) context.Context {
			n.note("%s: call %s %d in %q", name, c.Method, c.Attempt, span(ctx))
			return inSpan(ctx, name+"call")
		},
		CallDone: func(ctx context.Context, _ b24.TraceCall, d b24.TraceDone) {
			n.note("%s: done %d %v %v in %q", name, d.Attempts, d.Waited, d.Err, span(ctx))
		},
		AttemptStart: func(ctx context.Context, c b24.TraceCall) context.Context {
			n.note("%s: attempt %d in %q", name, c.Attempt, span(ctx))
			return inSpan(ctx, name+"attempt")
		},
		AttemptDone: func(ctx context.Context, _ b24.TraceCall, d b24.TraceAttempt) {
			n.note("%s: status %d %t in %q", name, d.Status, d.Err == nil, span(ctx))
		},
		WaitStart: func(ctx context.Context, _ b24.TraceCall, why b24.WaitReason) {
			n.note("%s: wait %s in %q", name, why, span(ctx))
		},
		WaitDone: func(_ context.Context, _ b24.TraceCall, why b24.WaitReason, d time.Duration) {
			n.note("%s: waited %s %v", name, why, d)
		},
		ListStart: func(ctx context.Context, l b24.TraceList) context.Context {
			n.note("%s: list %s %s", name, l.Method, l.API)
			return inSpan(ctx, name+"list")
		},
		ListDone: func(ctx context.Context, _ b24.TraceList, r b24.ListReport, err error) {
			n.note("%s: read %d %t %v in %q", name, r.Rows, r.Complete, err, span(ctx))
		},
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n traceNotes
		p, h := newPortal(t, b24.WithTrace(n.spans("")))
		answers(p, writes, 1)
		p.Fault(writes, b24test.QueryLimitExceeded().RetryAfter(time.Minute))

		_, err := h.CallMethod(t.Context(), writes, nil)

		require.NoError(t, err)
		assert.Equal(t, []string{
			`: call crm.deal.add 0 in ""`,
			`: attempt 1 in "/call"`, `: status 503 false in "/call/attempt"`,
			`: wait retry in "/call"`, `: waited retry 1m0s`,
			`: attempt 2 in "/call"`, `: status 200 true in "/call/attempt"`,
			`: done 2 1m0s <nil> in "/call"`,
		}, n.take())
	})
	_, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, b24.WithTrace(nil))
	assert.Error(t, err)
}

func TestTraceOfALimitedCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n traceNotes
		p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithQueryLimit(2, 50))
		answers(p, reads, 1)
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard), b24.WithTrace(n.spans("")))
		for range 51 {
			n.take()
			_, err := h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err)
		}
		assert.Equal(t, []string{`: wait rate in "/call"`, `: waited rate 500ms`}, n.take()[1:3])

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := h.CallMethod(ctx, reads, nil)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, n.take(), 2, "what is not begun is no wait")
	})
}

func TestTraceOfAList(t *testing.T) {
	t.Parallel()
	var n traceNotes
	p, h := newPortal(t, b24.WithTrace(n.spans("")))
	p.SeedN("crm.deal", 3, func(int) b24.Params { return b24.Params{"TITLE": "A"} })
	_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil)
	require.NoError(t, err)
	notes := n.take()
	assert.Equal(t, `: list crm.deal.list classic`, notes[0])
	assert.Equal(t, `: call batch 0 in "/list"`, notes[1])
	assert.Equal(t, `: read 3 true <nil> in "/list"`, notes[len(notes)-1])

	for range b24.List[row](t.Context(), h, "crm.deal.list", nil) {
		break
	}
	notes = n.take()
	assert.Equal(t, `: read 3 false <nil> in "/list"`, notes[len(notes)-1], "left")

	answers(p, "crm.deal.list", b24test.Raw{Status: 404, Body: `{"error":"ERROR_METHOD_NOT_FOUND"}`})
	_, err = h.CallListMethod(t.Context(), "crm.deal.list", nil)
	require.Error(t, err)
	notes = n.take()
	assert.Contains(t, notes[len(notes)-1], err.Error())
}

func TestTraceSaysWhatACallIs(t *testing.T) {
	t.Parallel()
	var calls []b24.TraceCall
	var dones []b24.TraceDone
	var attempts []b24.TraceAttempt
	p, h := newPortal(t, b24.WithTrace(&b24.Trace{
		CallDone: func(_ context.Context, c b24.TraceCall, d b24.TraceDone) {
			calls, dones = append(calls, c), append(dones, d)
		},
		AttemptDone: func(_ context.Context, _ b24.TraceCall, d b24.TraceAttempt) { attempts = append(attempts, d) },
	}))
	answers(p, "profile", 1)
	answers(p, writes, 1)
	p.Fault(writes, b24test.Pass(), b24test.Pass(), b24test.InternalServerError().Always())
	p.HandleV3("main.eventlog.get", func(b24test.Request) (any, error) { return b24.Params{"item": b24.Params{"id": 1}}, nil })

	_, err := h.CallMethod(t.Context(), "profile", nil, b24.WithRequestID("mine"))
	require.NoError(t, err)
	_, err = h.CallBatch(t.Context(), b24.Commands{{Method: writes}, {Method: "profile"}, {Method: "no.such"}}, b24.WithHaltOnError(false))
	require.Error(t, err)
	_, err = h.V3().CallMethod(t.Context(), "main.eventlog.get", nil)
	require.NoError(t, err)

	require.Len(t, calls, 3)
	assert.Equal(t, b24.TraceCall{Method: "profile", RequestID: "mine", Portal: h.TargetOrigin(), API: "classic", Reads: true, Attempt: 1}, calls[0])
	assert.Equal(t, []any{"batch", 3, false, "classic"}, []any{calls[1].Method, calls[1].Commands, calls[1].Reads, calls[1].API})
	assert.Equal(t, "rest3", calls[2].API)
	assert.Equal(t, 1, dones[1].FailedCommands)
	assert.Positive(t, attempts[0].Bytes)
	assert.Equal(t, 200, attempts[0].Status)
	assert.True(t, attempts[0].Timing.Duration.Valid)
}

func TestJoinTraces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n traceNotes
		p, h := newPortal(t, b24.WithTrace(b24.JoinTraces(n.spans("a"), nil, &b24.Trace{}, n.spans("b"))))
		answers(p, reads, 1)
		p.Fault(reads, b24test.QueryLimitExceeded().RetryAfter(time.Minute))
		_, err := h.CallMethod(t.Context(), reads, nil)
		require.NoError(t, err)
		assert.Equal(t, []string{
			`a: call crm.deal.get 0 in ""`, `b: call crm.deal.get 0 in "/acall"`,
			`a: attempt 1 in "/acall/bcall"`, `b: attempt 1 in "/acall/bcall/aattempt"`,
			`b: status 503 false in "/acall/bcall/aattempt/battempt"`, `a: status 503 false in "/acall/bcall/aattempt/battempt"`,
			`a: wait retry in "/acall/bcall"`, `b: wait retry in "/acall/bcall"`, `b: waited retry 1m0s`, `a: waited retry 1m0s`,
			`a: attempt 2 in "/acall/bcall"`, `b: attempt 2 in "/acall/bcall/aattempt"`,
			`b: status 200 true in "/acall/bcall/aattempt/battempt"`, `a: status 200 true in "/acall/bcall/aattempt/battempt"`,
			`b: done 2 1m0s <nil> in "/acall/bcall"`, `a: done 2 1m0s <nil> in "/acall/bcall"`,
		}, n.take())
	})

	// Joined with nothing, everything is as without.
	p, h := newPortal(t, b24.WithTrace(b24.JoinTraces(nil, &b24.Trace{})))
	p.SeedN("crm.deal", 60, func(int) b24.Params { return b24.Params{"TITLE": "A"} })
	got, err := h.CallListMethod(t.Context(), "crm.deal.list", nil)
	require.NoError(t, err)
	assert.Len(t, got.Data(), 60)
}
