package b24_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
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
	p.V3().Handle("main.eventlog.get", func(b24test.Request) (any, error) { return b24.Params{"item": b24.Params{"id": 1}}, nil })

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

func TestStats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, "profile", true)
		answers(p, "slow", true)
		p.Fault("slow", b24test.Delay(2*time.Second), b24test.Delay(3*time.Second))
		p.Fault("busy", b24test.OperationTimeLimit())
		for _, method := range []string{"profile", "profile", "slow", "slow", "unknown", "busy"} {
			_, _ = h.CallMethod(t.Context(), method, nil, b24.WithoutRetry())
		}

		s := h.Stats()

		assert.EqualValues(t, 6, s.Calls)
		assert.EqualValues(t, 4, s.Succeeded)
		assert.EqualValues(t, 2, s.Failed)
		assert.EqualValues(t, 1, s.Refusals)
		assert.Equal(t, b24.MethodStats{Calls: 2, Attempts: 2, Duration: 5 * time.Second}, s.Methods["slow"])
		assert.Equal(t, b24.MethodStats{Calls: 1, Attempts: 1, Failed: 1}, s.Methods["unknown"])
		require.Len(t, s.LastErrors, 2)
		assert.Equal(t, "unknown", s.LastErrors[0].Method)
		assert.Equal(t, p.Requests()[4].RequestID, s.LastErrors[0].RequestID)
		require.ErrorIs(t, s.LastErrors[0].Err, b24.ErrMethodNotFound)
		require.ErrorIs(t, s.LastErrors[1].Err, b24.ErrOperationTimeLimit)

		h.ResetStats()
		assert.Equal(t, b24.Stats{Methods: map[string]b24.MethodStats{}}, h.Stats())
	})
}

func TestStatsKeepTheLatestErrors(t *testing.T) {
	t.Parallel()
	_, h := newPortal(t)
	for i := range 130 {
		_, err := h.CallMethod(t.Context(), "unknown", nil, b24.WithRequestID("r"+strconv.Itoa(i)))
		require.Error(t, err)
	}

	s := h.Stats()

	require.Len(t, s.LastErrors, 100)
	assert.Equal(t, "r30", s.LastErrors[0].RequestID)
	assert.Equal(t, "r129", s.LastErrors[99].RequestID)
}

func TestStatsAreACopy(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", true)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				_, _ = h.CallMethod(t.Context(), "profile", nil)
				_, _ = h.CallMethod(t.Context(), "unknown", nil)
				s := h.Stats()
				s.Methods["profile"] = b24.MethodStats{}
				clear(s.LastErrors)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 100, h.Stats().Methods["profile"].Calls)
	assert.Error(t, h.Stats().LastErrors[0].Err)
}

// Waited adds up what each call waited, also calls that wait side by side; the time of their
// attempts is not in it, and the duration of a method is both.
func TestWaitedAddsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var traced time.Duration
		p, h := newPortal(t, b24.WithOperatingLimit(0), b24.WithLimiter(&buggyHooks{}), b24.WithTrace(&b24.Trace{
			WaitDone: func(_ context.Context, _ b24.TraceCall, _ b24.WaitReason, d time.Duration) {
				mu.Lock()
				defer mu.Unlock()
				traced += d
			},
		}))
		answers(p, reads, 1)
		p.Fault(reads, slices.Repeat([]b24test.Fault{b24test.Delay(5 * time.Second)}, 4)...)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() { _, _ = h.CallMethod(t.Context(), reads, nil) })
		}
		group.Wait()
		s := h.Stats()
		assert.Equal(t, 4*time.Second, s.Waited) // one for each call, in the same second
		assert.Equal(t, 4*6*time.Second, s.Methods[reads].Duration)
		assert.Equal(t, traced, s.Waited)

		h.ResetStats()
		traced = 0
		p.Fault("batch", b24test.Status(200, `{"result":{"result":[],"result_error":[{"error":"QUERY_LIMIT_EXCEEDED"}]}}`))
		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: reads}})
		require.NoError(t, err)
		assert.Equal(t, traced, h.Stats().Waited) // the pause within a batch too
		assert.Greater(t, traced, 3*time.Second)
	})
}

// buggyHooks is a Limiter and a Trace of a caller's, one function of which has a bug.
type buggyHooks struct{ bug string }

func (h *buggyHooks) at(place string) {
	switch h.bug {
	case place:
		panic("mine")
	case "exit at " + place:
		runtime.Goexit()
	}
}

func (h *buggyHooks) Wait(context.Context) error {
	time.Sleep(time.Second) // or there is no wait to tell of
	h.at("limiter wait")
	return nil
}

func (h *buggyHooks) Accepted() { h.at("limiter accepted") }

func (h *buggyHooks) Refused(time.Duration) { h.at("limiter refused") }

func (h *buggyHooks) trace() *b24.Trace {
	return &b24.Trace{
		CallStart:    func(ctx context.Context, _ b24.TraceCall) context.Context { h.at("call start"); return ctx },
		CallDone:     func(context.Context, b24.TraceCall, b24.TraceDone) { h.at("call done") },
		AttemptStart: func(ctx context.Context, _ b24.TraceCall) context.Context { h.at("attempt start"); return ctx },
		AttemptDone:  func(context.Context, b24.TraceCall, b24.TraceAttempt) { h.at("attempt done") },
		WaitStart:    func(_ context.Context, _ b24.TraceCall, why b24.WaitReason) { h.at("before wait " + string(why)) },
		WaitDone: func(_ context.Context, _ b24.TraceCall, why b24.WaitReason, _ time.Duration) {
			h.at("wait " + string(why))
		},
	}
}

// A panic in the caller's Limiter or Trace, or the end of its goroutine there, that somebody
// survives leaves no call counted as running: later calls do not wait for it.
func TestPanicsOfHooksLeaveNothingUnderWay(t *testing.T) {
	t.Parallel()
	for _, bug := range []string{
		"limiter wait", "limiter accepted", "limiter refused", "wait operating", "wait rate", "wait retry",
		"before wait operating", "before wait rate", "before wait retry", "exit at before wait operating",
		"call start", "call done", "attempt start", "attempt done", "exit at limiter wait", "exit at wait operating",
	} {
		synctest.Test(t, func(t *testing.T) {
			hooks, used := &buggyHooks{}, 290
			h, err := b24.FromWebhookURL("https://panics-of-hooks.bitrix24.com/rest/1/"+marker, b24.WithLimiter(hooks), b24.WithTrace(hooks.trace()),
				b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					if hooks.bug == "limiter refused" || strings.HasSuffix(hooks.bug, "wait retry") {
						return answered(503, nil, `{"error":"QUERY_LIMIT_EXCEEDED"}`), nil
					}
					return answered(200, nil, fmt.Sprintf(`{"result":1,"time":{"operating":%d,"finish":1,"operating_reset_at":541}}`, used)), nil
				})}))
			require.NoError(t, err)
			defer h.Close()
			for ; used <= 390; used += 100 { // the next call is slowed down, one beside others waits for them
				_, err = h.CallMethod(t.Context(), reads, nil)
				require.NoError(t, err)
			}
			used, hooks.bug = 390, bug
			started := time.Now()
			for range 3 {
				ended := make(chan any, 1)
				go func() {
					var reached any
					defer func() { ended <- reached }()
					defer func() { reached = recover() }()
					_, _ = h.CallMethod(t.Context(), reads, nil)
				}()
				if reached := <-ended; bug[:4] != "exit" {
					assert.Equal(t, "mine", reached, bug)
				}
			}
			hooks.bug = ""
			_, err = h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err, bug)
			assert.Less(t, time.Since(started), 40*time.Second, bug) // of four calls, none of which waits for another
		})
	}
}

// A panic in the caller's Trace reaches the goroutine that called, whichever goroutine the
// call was in, and none is left behind.
func TestPanicsOfHooksReachTheCaller(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(ctx context.Context, h *b24.Hook){
		"list": func(ctx context.Context, h *b24.Hook) {
			_, _ = h.CallListMethod(ctx, "crm.deal.list", nil, b24.WithConcurrency(4))
		},
		"batch": func(ctx context.Context, h *b24.Hook) {
			_, _ = h.CallBatchByChunk(ctx, echoes(500), b24.WithConcurrency(4))
		},
		"stream": func(ctx context.Context, h *b24.Hook) {
			for range b24.StreamBatch(ctx, h, slices.Values(echoes(500)), b24.WithConcurrency(4)) {
				continue
			}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithLatency(time.Second))
			p.SeedN("crm.deal", 20_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} }, b24test.Generated())
			echo(p)
			var attempts atomic.Int64
			h := newHook(t, p, b24.WithTrace(&b24.Trace{AttemptStart: func(ctx context.Context, _ b24.TraceCall) context.Context {
				if attempts.Add(1) == 5 {
					panic("mine")
				}
				return ctx
			}}))
			assert.PanicsWithValue(t, "mine", func() { run(t.Context(), h) }, name)
			assert.Less(t, attempts.Load(), int64(10), name)
		})
	}
}

// logSink is a slog.Handler that keeps what it gets as text.
type logSink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *logSink) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *logSink) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

func (r *logSink) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(r, &slog.HandlerOptions{Level: level}))
}

type badHandler struct{ enabled, handle func() error }

func (h badHandler) Enabled(context.Context, slog.Level) bool {
	return h.enabled() == nil
}
func (h badHandler) Handle(context.Context, slog.Record) error { return h.handle() }
func (h badHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h badHandler) WithGroup(string) slog.Handler             { return h }

func fine() error    { return nil }
func failing() error { return errors.New("disk full") }
func panics() error  { panic("a bug in the sink") }

func TestBadLoggerFailsNoCall(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]slog.Handler{
		"failing":           badHandler{fine, failing},
		"panicking":         badHandler{fine, panics},
		"panicking earlier": badHandler{panics, fine},
	} {
		p, h := newPortal(t, b24.WithLogger(slog.New(handler)))
		answers(p, "profile", true)

		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err, name)

		_, err = h.CallMethod(t.Context(), "unknown", nil)
		assert.ErrorIs(t, err, b24.ErrMethodNotFound, name)
	}
}

func TestOtherSinksStillReceive(t *testing.T) {
	t.Parallel()
	var sink logSink
	both := slog.NewMultiHandler(badHandler{fine, failing}, sink.logger(slog.LevelDebug).Handler())
	p, h := newPortal(t, b24.WithLogger(slog.New(both)))
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", nil)

	require.NoError(t, err)
	assert.Contains(t, sink.String(), "profile")
}

func TestLogRecords(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelDebug).With(slog.String("app", "acme"))))
	answers(p, "profile", true)

	_, err := h.CallMethod(t.Context(), "profile", b24.Params{"NAME": "Ann"}, b24.WithRequestID("r-1"))
	require.NoError(t, err)

	lines := strings.Split(strings.TrimSpace(sink.String()), "\n")
	require.Len(t, lines, 1)
	for _, part := range []string{`"level":"DEBUG"`, `"app":"acme"`, `"method":"profile"`, `"request_id":"r-1"`, `"attempt":1`, `"status":200`, `"duration":`} {
		assert.Contains(t, lines[0], part)
	}
	assert.NotContains(t, sink.String(), "Ann") // parameters only where they are asked for
}

func TestFailuresAreWarnings(t *testing.T) {
	t.Parallel()
	var sink logSink
	_, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))

	_, err := h.CallMethod(t.Context(), "unknown", nil)

	require.Error(t, err)
	assert.Contains(t, sink.String(), `"level":"WARN"`)
	assert.Contains(t, sink.String(), `"outcome":"refused"`)
	assert.Contains(t, sink.String(), "ERROR_METHOD_NOT_FOUND")
}

func TestPayloadLevelShowsMaskedParameters(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(b24.LevelPayload)))
	answers(p, "user.add", b24.Params{"ID": 5, "access_token": marker, "inner": b24.Params{"client_secret": marker}})

	_, err := h.CallMethod(t.Context(), "user.add", b24.Params{"NAME": "Ann", "settings": b24.Params{"PASSWORD": marker}})

	require.NoError(t, err)
	assert.Contains(t, sink.String(), "Ann")
	assert.Contains(t, sink.String(), "PASSWORD")
	assert.Contains(t, sink.String(), "client_secret")
	assert.NotContains(t, sink.String(), marker)
}

func TestSetLoggerLater(t *testing.T) {
	t.Parallel()
	var first, second logSink
	p, h := newPortal(t)
	answers(p, "profile", true)
	call := func() {
		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
	}

	call()
	h.SetLogger(first.logger(slog.LevelDebug))
	call()
	h.SetLogger(second.logger(slog.LevelDebug))
	call()
	h.SetLogger(nil)
	call()

	assert.Equal(t, 1, strings.Count(first.String(), "\n"))
	assert.Equal(t, 1, strings.Count(second.String(), "\n"))
	assert.NotNil(t, h.Logger())
	assert.False(t, h.Logger().Enabled(t.Context(), slog.LevelError))
}

func TestSetLoggerWhileCallsRun(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t)
	answers(p, "profile", true)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_, err := h.CallMethod(t.Context(), "profile", nil)
				assert.NoError(t, err)
				h.SetLogger(sink.logger(slog.LevelDebug))
			}
		})
	}
	wg.Wait()
}

func TestSilenceByDefault(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	h := newHook(t, p)
	assert.False(t, h.Logger().Enabled(t.Context(), slog.LevelError))
}
