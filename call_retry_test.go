package b24_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A method that reads and one that writes.
const (
	reads  = "crm.deal.get"
	writes = "crm.deal.add"
)

// attempts plays faults, calls method and returns how often it was sent and
// executed, how long it took and what came of it.
type attempts struct {
	sent, executed int
	took           time.Duration
	err            error
	stats          b24.Stats
}

func try(t *testing.T, method string, faults []b24test.Fault, policy b24.RetryPolicy, opts ...b24.CallOption) (a attempts) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithRetry(policy))
		answers(p, method, 1)
		p.Fault(method, faults...)
		started := time.Now()
		_, a.err = h.CallMethod(t.Context(), method, nil, opts...)
		a.took, a.sent, a.executed, a.stats = time.Since(started), p.Calls(method), p.Executed(method), h.Stats()
	})
	return a
}

func failing3(f b24test.Fault) []b24test.Fault { return []b24test.Fault{f, f, f} }

func TestFinalFailuresAreSentOnce(t *testing.T) {
	t.Parallel()
	failures := map[string]b24test.Fault{
		"v3 validation":  b24test.Status(400, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_VALIDATION_REQUESTVALIDATIONEXCEPTION","message":"m"}}`),
		"numeric code":   b24test.Status(400, `{"error":"1048582","error_description":"d"}`),
		"denied":         b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"d"}`),
		"overload":       b24test.OverloadLimit(),
		"credentials":    b24test.Status(401, `{"error":"expired_token","error_description":"d"}`),
		"unknown 500":    b24test.Status(500, `{"error":"MY_CODE","error_description":"d"}`),
		"wrong encoding": b24test.Status(200, `{"error":"WRONG_ENCODING","error_description":"d"}`),
		"a connection":   b24test.Status(400, `{"error":"CONNECTION_ERROR","error_description":"d"}`), // of the method's own
		"firewall":       b24test.HTML(403),
	}
	for _, status := range []int{400, 401, 403, 404, 422, 451, 499} {
		failures[strconv.Itoa(status)] = b24test.Status(status, `{"error":"MY_CODE","error_description":"d"}`)
	}
	for name, fault := range failures {
		for _, method := range []string{reads, writes} {
			a := try(t, method, failing3(fault), b24.RetryPolicy{}, b24.WithIdempotent())

			require.Error(t, a.err, name)
			assert.Equal(t, 1, a.sent, name)
			assert.Zero(t, a.took, name)
		}
	}
}

func TestFinalFailureOfALaterAttempt(t *testing.T) {
	t.Parallel()
	gone := b24test.Status(404, `{"error":"MY_CODE","error_description":"d"}`)
	a := try(t, reads, []b24test.Fault{b24test.HTML(502), gone, gone}, b24.RetryPolicy{})
	require.ErrorIs(t, a.err, b24.Code("MY_CODE"))
	assert.Equal(t, 2, a.sent)
}

func TestRefusalsAreRepeatedWhateverTheMethodDoes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault b24test.Fault
		least time.Duration
	}{
		"503":    {b24test.QueryLimitExceeded(), time.Second},
		"in 200": {b24test.Status(200, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"d"}`), time.Second},
		"429":    {b24test.OperationTimeLimit(), 10 * time.Second},
		"v3":     {b24test.Status(429, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION","message":"m"}}`), 10 * time.Second},
	} {
		a := try(t, writes, []b24test.Fault{test.fault, test.fault}, b24.RetryPolicy{MaxAttempts: 1})

		require.NoError(t, a.err, name)
		assert.Equal(t, 3, a.sent, name)
		assert.Equal(t, 1, a.executed, name)
		assert.GreaterOrEqual(t, a.took, 2*test.least+test.least/2, name) // the second wait is longer
		assert.EqualValues(t, 1, a.stats.Calls, name)
		assert.EqualValues(t, 3, a.stats.Attempts, name)
		assert.EqualValues(t, 2, a.stats.Refusals, name)
		assert.Equal(t, a.took, a.stats.Waited, name)
	}
}

func TestRefusalsComeToAnEnd(t *testing.T) {
	t.Parallel()
	refused := make([]b24test.Fault, 10)
	for i := range refused {
		refused[i] = b24test.QueryLimitExceeded()
	}
	a := try(t, writes, refused, b24.RetryPolicy{MaxRefusals: 3, MaxDelay: 2 * time.Second})

	require.ErrorIs(t, a.err, b24.ErrQueryLimitExceeded)
	assert.Equal(t, 4, a.sent)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(a.err))
	var e *b24.Error
	require.ErrorAs(t, a.err, &e)
	assert.Equal(t, 4, e.Attempts)
	assert.LessOrEqual(t, a.took, 6*time.Second) // MaxDelay holds; no wait after the last
}

func TestManyRefusalsAreWaitedOut(t *testing.T) {
	t.Parallel()
	refused := make([]b24test.Fault, 100)
	for i := range refused {
		refused[i] = b24test.QueryLimitExceeded()
	}
	a := try(t, writes, refused, b24.RetryPolicy{MaxRefusals: 100})

	require.NoError(t, a.err)
	assert.Equal(t, 101, a.sent)
	assert.Equal(t, 1, a.executed)
	assert.Greater(t, a.took, 90*20*time.Second) // MaxDelay, a third of it for jitter
	assert.Less(t, a.took, 100*30*time.Second)
}

// lostAnswers are the faults of which nobody knows whether the call ran.
func lostAnswers() map[string]b24test.Fault {
	faults := map[string]b24test.Fault{
		"500":           b24test.InternalServerError(),
		"502":           b24test.HTML(502),
		"504":           b24test.HTML(504),
		"408":           b24test.HTML(408),
		"429":           b24test.HTML(429),
		"bare 503":      b24test.HTML(503),
		"empty 500":     b24test.Empty(500),
		"reset after":   b24test.ResetAfter(),
		"reset before":  b24test.ResetBefore(),
		"cut":           b24test.CutBody(5),
		"garbage":       b24test.Garbage(),
		"page with 200": b24test.HTML(200),
		"silence":       b24test.Delay(2 * time.Minute),
	}
	for _, code := range []b24.Code{ // docs/protocol.md 8
		"", "0", b24.ErrUnexpectedAnswer, b24.ErrCore,
		"BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", "BITRIX_REST_V3_EXCEPTION_INTERNAL_ORMSAVEEXCEPTION",
	} {
		faults["500 "+string(code)] = b24test.Status(500, fmt.Sprintf(`{"error":%q,"error_description":"d"}`, string(code)))
	}
	faults["408 of the portal"] = b24test.Status(408, `{"error":"MY_CODE","error_description":"d"}`)
	return faults
}

func TestLostAnswersOfReadsAreRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers() {
		a := try(t, reads, []b24test.Fault{fault, fault}, b24.RetryPolicy{})
		require.NoError(t, a.err, name)
		assert.Equal(t, 3, a.sent, name) // the defaults

		a = try(t, reads, failing3(fault), b24.RetryPolicy{MaxAttempts: -1, BaseDelay: -1})
		require.Error(t, a.err, name)
		assert.Equal(t, 3, a.sent, name)
		assert.True(t, b24.MayHaveExecuted(a.err), name)
	}
}

func TestLostAnswersOfWritesAreNot(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers() {
		a := try(t, writes, failing3(fault), b24.RetryPolicy{})

		require.Error(t, a.err, name)
		assert.Equal(t, 1, a.sent, name)
		assert.LessOrEqual(t, a.executed, 1, name)
		assert.True(t, b24.MayHaveExecuted(a.err), name)
	}
}

func TestIdempotentWritesAreRepeated(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers() {
		a := try(t, writes, []b24test.Fault{fault}, b24.RetryPolicy{}, b24.WithIdempotent())
		require.NoError(t, a.err, name)
		assert.Equal(t, 2, a.sent, name)
	}
}

func TestSingleAttempts(t *testing.T) {
	t.Parallel()
	for name, fault := range lostAnswers() {
		assert.Equal(t, 1, try(t, reads, failing3(fault), b24.RetryPolicy{MaxAttempts: 1}).sent, name)
		assert.Equal(t, 1, try(t, reads, failing3(fault), b24.RetryPolicy{}, b24.WithoutRetry()).sent, name)
	}
	assert.Equal(t, 1, try(t, writes, failing3(b24test.QueryLimitExceeded()), b24.RetryPolicy{}, b24.WithoutRetry()).sent)
	moved := b24test.Redirect(302, elsewhere())
	assert.Equal(t, 1, try(t, writes, failing3(moved), b24.RetryPolicy{}, b24.WithoutRetry()).sent)
}

func TestBackoffGrowsToItsCap(t *testing.T) {
	t.Parallel()
	faults := make([]b24test.Fault, 20)
	for i := range faults {
		faults[i] = b24test.HTML(502)
	}
	a := try(t, reads, faults, b24.RetryPolicy{MaxAttempts: 21, BaseDelay: time.Second, MaxDelay: 8 * time.Second})
	require.NoError(t, a.err)
	// bounds of 1, 2, 4 and then 8 s, half of them on average
	assert.Less(t, a.took, (1+2+4+17*8)*time.Second)
	assert.Greater(t, a.took, 20*time.Second)
}

// MaxDelay bounds each wait that is the client's own choice. What the portal names is heeded.
func TestMaxDelayBoundsEachWait(t *testing.T) {
	t.Parallel()
	const most = 3 * time.Second
	for name, row := range map[string]struct {
		fault b24test.Fault
		least time.Duration // of the longest wait
	}{
		"request rate":   {b24test.QueryLimitExceeded(), most * 2 / 3},
		"operating time": {b24test.OperationTimeLimit(), most * 2 / 3},
		"lost answer":    {b24test.HTML(502), most / 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			var waits []time.Duration
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxAttempts: 31, MaxRefusals: 30, MaxDelay: most}),
				b24.WithOperatingLimit(0), b24.WithLimiter(&buggyHooks{}), b24.WithTrace(&b24.Trace{
					WaitDone: func(_ context.Context, _ b24.TraceCall, why b24.WaitReason, d time.Duration) {
						if why == b24.WaitRetry {
							waits = append(waits, d)
						}
					},
				}))
			answers(p, reads, 1)
			p.Fault(reads, slices.Repeat([]b24test.Fault{row.fault}, 30)...)
			_, err := h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err, name)
			require.Len(t, waits, 30, name)
			assert.LessOrEqual(t, slices.Max(waits), most, name)
			assert.Greater(t, slices.Max(waits), row.least, name)
			assert.NotEqual(t, waits[28], waits[29], name) // callers do not come back all at once

			waits = nil
			p.Fault(reads, row.fault.RetryAfter(5*most))
			_, err = h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err, name)
			assert.Equal(t, []time.Duration{5 * most}, waits, name)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, fault := range []b24test.Fault{b24test.QueryLimitExceeded(), b24test.HTML(503)} {
		a := try(t, reads, []b24test.Fault{fault.RetryAfter(90 * time.Second)}, b24.RetryPolicy{})
		require.NoError(t, a.err)
		assert.Equal(t, 90*time.Second, a.took)

		a = try(t, reads, []b24test.Fault{fault.Header("Retry-After", "Sat, 01 Jan 2000 00:02:00 GMT")}, b24.RetryPolicy{}) // a bubble begins at midnight
		require.NoError(t, a.err)
		assert.Equal(t, 2*time.Minute, a.took)

		a = try(t, reads, []b24test.Fault{fault.RetryAfter(24 * time.Hour)}, b24.RetryPolicy{})
		require.NoError(t, a.err)
		assert.Equal(t, 10*time.Minute, a.took)

		a = try(t, reads, []b24test.Fault{fault.Header("Retry-After", "Sun, 02 Jan 2000 00:00:00 GMT")}, b24.RetryPolicy{})
		require.NoError(t, a.err)
		assert.Equal(t, 10*time.Minute, a.took)

		a = try(t, reads, []b24test.Fault{fault.Header("Retry-After", "soon")}, b24.RetryPolicy{})
		require.NoError(t, a.err)
		assert.LessOrEqual(t, a.took, 2*time.Second)
	}
}

func TestContextEndsAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault("*", failing3(b24test.OperationTimeLimit())...)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		started := time.Now()

		_, err := h.CallMethod(ctx, writes, nil)

		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		assert.Equal(t, 3*time.Second, time.Since(started))
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
		assert.Equal(t, 1, p.Calls(writes))
	})
}

func TestWaitBeyondTheDeadlineIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault("*", failing3(b24test.QueryLimitExceeded())...)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		started := time.Now()

		_, err := h.CallMethod(ctx, writes, nil)

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, b24.ErrQueryLimitExceeded)
		assert.Zero(t, time.Since(started))
		assert.Contains(t, err.Error(), "not repeated: the deadline is earlier than the repeat")
	})
}

func TestCloseEndsAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault("*", b24test.ResetAfter(), b24test.ResetAfter())
		answers(p, writes, 1)
		p.Fault(writes, b24test.ResetAfter().RetryAfter(time.Minute), b24test.OperationTimeLimit())
		time.AfterFunc(5*time.Second, func() { _ = h.Close() })

		_, err := h.CallMethod(t.Context(), writes, nil, b24.WithIdempotent())

		require.ErrorIs(t, err, b24.ErrClosed)
		assert.True(t, b24.MayHaveExecuted(err)) // the first attempt was executed
	})
}

func TestCloseEndsTheWaitBeforeARepeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault(writes, b24test.QueryLimitExceeded().RetryAfter(time.Minute))
		time.AfterFunc(5*time.Second, func() { _ = h.Close() })
		started := time.Now()

		_, err := h.CallMethod(t.Context(), writes, nil)

		require.ErrorIs(t, err, b24.ErrClosed)
		assert.Equal(t, 5*time.Second, time.Since(started))
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	})
}

func TestRefusalAfterALostAnswerIsNoProof(t *testing.T) {
	t.Parallel()
	notFound := b24test.Status(400, `{"error":"NOT_FOUND","error_description":"d"}`)
	a := try(t, writes, []b24test.Fault{b24test.ResetAfter(), notFound}, b24.RetryPolicy{}, b24.WithIdempotent())
	require.ErrorIs(t, a.err, b24.ErrNotFound)
	assert.Equal(t, 1, a.executed)
	assert.True(t, b24.MayHaveExecuted(a.err))
	assert.Contains(t, a.err.Error(), "may have executed")
}

func TestNothingListensIsRepeated(t *testing.T) {
	t.Parallel()
	h, err := b24.FromWebhookURL("http://127.0.0.1:1/rest/1/"+marker, b24.WithRetry(b24.RetryPolicy{MaxDelay: time.Millisecond}))
	require.NoError(t, err)

	_, err = h.CallMethod(t.Context(), writes, nil)

	var te *b24.TransportError
	require.ErrorAs(t, err, &te)
	assert.Equal(t, 3, te.Attempts) // nothing was sent, so a write may go again
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
}

// Who is told of an error may keep it: it does not change any more.
func TestErrorsDoNotChange(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]b24test.Fault{"of the portal": b24test.OverloadLimit(), "of the way": b24test.Redirect(302, "/login")} {
		synctest.Test(t, func(t *testing.T) {
			var told []error
			p, h := newPortal(t, b24.WithTrace(&b24.Trace{AttemptDone: func(_ context.Context, _ b24.TraceCall, done b24.TraceAttempt) { told = append(told, done.Err) }}))
			answers(p, writes, 1)
			p.Fault(writes, b24test.ResetAfter(), last)

			_, err := h.CallMethod(t.Context(), writes, nil, b24.WithIdempotent())

			require.Len(t, told, 2, name)
			assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(told[1]), name) // of this attempt
			assert.True(t, b24.MayHaveExecuted(err), name)                    // of the call
			assert.Equal(t, 1, p.Executed(writes), name)
		})
	}
}

// A panic of the caller's RoundTripper that somebody recovers leaves nothing behind.
func TestPanicLeavesNoRequestUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		used, bug := 100, false
		h, err := b24.FromWebhookURL("https://panics.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				if bug {
					panic("mine")
				}
				return answered(200, nil, fmt.Sprintf(`{"result":1,"time":{"operating":%d,"finish":1,"operating_reset_at":541}}`, used)), nil
			}),
		}))
		require.NoError(t, err)
		defer h.Close()
		for used = 100; used <= 200; used += 100 {
			_, err = h.CallMethod(t.Context(), reads, nil)
			require.NoError(t, err)
		}
		bug = true
		for range 2 {
			assert.Panics(t, func() { _, _ = h.CallMethod(t.Context(), reads, nil) })
		}
		bug = false
		started := time.Now()
		_, err = h.CallMethod(t.Context(), reads, nil)
		require.NoError(t, err)
		assert.Less(t, time.Since(started), time.Second)
	})
}

func TestRetryAfterWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"600", "2147483647", "2147483648", "99999999999999999999999"} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			answers(p, writes, 1)
			p.Fault(writes, b24test.Answer(b24test.Raw{Status: 503, Body: `{"error":"QUERY_LIMIT_EXCEEDED"}`, Header: http.Header{"Retry-After": {text}}}))
			started := time.Now()
			_, err := h.CallMethod(t.Context(), writes, nil)
			require.NoError(t, err)
			assert.GreaterOrEqual(t, time.Since(started), 10*time.Minute, text)
			assert.Less(t, time.Since(started), 11*time.Minute, text)
		})
	}
}

// Whatever happens on the way, a write is executed at most once, and what is
// reported as not executed was not.
func TestRandomFaultsNeverDoubleAWrite(t *testing.T) {
	t.Parallel()
	seeds, sequences := size(8, 20, 20), size(50, 500, 5000)
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 4}))
			for n := range sequences {
				method := fmt.Sprintf("crm.thing%d.add", n)
				answers(p, method, n)
				p.Fault(method, randomFaults(rnd)...)

				_, err := h.CallMethod(t.Context(), method, b24.Params{"fields": b24.Params{"N": n}})

				require.LessOrEqual(t, p.Executed(method), 1, "seed %d, sequence %d", seed, n)
				if err == nil {
					require.Equal(t, 1, p.Executed(method), "seed %d, sequence %d", seed, n)
				} else if !b24.MayHaveExecuted(err) {
					require.Zero(t, p.Executed(method), "seed %d, sequence %d: %v", seed, n, err)
				}
			}
		})
	}
}

func randomFaults(rnd *rand.Rand) []b24test.Fault {
	all := []b24test.Fault{
		b24test.QueryLimitExceeded(), b24test.OperationTimeLimit(), b24test.QueryLimitExceeded(), b24test.Redirect(302, elsewhere()),
		b24test.ResetBefore(), b24test.ResetAfter(), b24test.CutBody(7), b24test.HTML(502), b24test.HTML(504).Executed(), b24test.Empty(500).Executed(),
		b24test.InternalServerError().Executed(), b24test.Garbage().Executed(), b24test.Delay(2 * time.Minute), b24test.DelayAnswer(2 * time.Minute),
		b24test.Pass(), b24test.OverloadLimit(),
	}
	faults := make([]b24test.Fault, rnd.IntN(6))
	for i := range faults {
		faults[i] = all[rnd.IntN(len(all))]
	}
	return faults
}

func TestRetryErrorsKeepTheirChain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Fault("*", failing3(b24test.OperationTimeLimit())...)
		reason := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(reason) })

		_, err := h.CallMethod(ctx, writes, nil)

		require.ErrorIs(t, err, reason)
		var e *b24.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 1, e.Attempts)
	})
}

func TestContextThatEndsWithARefusalIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		ctx, cancel := context.WithCancel(t.Context())
		p.Handle(writes, func(b24test.Request) (any, error) {
			cancel()
			return nil, &b24.Error{Code: b24.ErrQueryLimitExceeded, Status: 503}
		})

		_, err := h.CallMethod(ctx, writes, nil)

		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 1, p.Calls(writes))
	})
}

// end is how a call ends whose first attempt meets a fault.
type end struct {
	sent    int
	success bool
	outcome b24.Outcome // of the error
}

// class is what a fault means for a repeat: one column for each kind of call.
type class struct{ read, write, vouched, once end }

func classes() map[string]class {
	ok := func(sent int) end { return end{sent: sent, success: true} }
	failed := func(o b24.Outcome) end { return end{sent: 1, outcome: o} }
	same := func(e end) class { return class{e, e, e, e} }
	return map[string]class{
		"harmless":            same(ok(1)),
		"refused":             {ok(2), ok(2), ok(2), failed(b24.OutcomeRefused)},
		"lost":                {ok(2), failed(b24.OutcomeUnknown), ok(2), failed(b24.OutcomeUnknown)},
		"final":               same(failed(b24.OutcomeRefused)),
		"final, may have run": same(failed(b24.OutcomeUnknown)),
	}
}

// Every fault a portal can play, with every kind of call: how often the portal
// sees the call, how often it runs it, and what the caller is told.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	portalError := func(status int, code string) b24test.Fault {
		return b24test.Status(status, fmt.Sprintf(`{"error":%q,"error_description":"d"}`, code))
	}
	for _, row := range []struct {
		name, class string
		fault       b24test.Fault
		runs        int // the attempt that meets the fault is executed
	}{
		{"pass", "harmless", b24test.Pass(), 1},
		{"slow", "harmless", b24test.Delay(70 * time.Second), 1},
		{"slow answer", "harmless", b24test.DelayAnswer(70 * time.Second), 1},
		{"rate", "refused", b24test.QueryLimitExceeded(), 0},
		{"rate, Retry-After", "refused", b24test.QueryLimitExceeded().RetryAfter(time.Minute), 0},
		{"rate in 200", "refused", portalError(200, "QUERY_LIMIT_EXCEEDED"), 0},
		{"rate in 429", "refused", portalError(429, "query_limit_exceeded"), 0},
		{"operating", "refused", b24test.OperationTimeLimit(), 0},
		{"operating in 200", "refused", portalError(200, "OPERATION_TIME_LIMIT"), 0},
		{"no database", "refused", portalError(401, "CONNECTION_ERROR"), 0},
		{"moved", "refused", b24test.Redirect(302, elsewhere()), 0},
		{"moved for good", "refused", b24test.Redirect(301, elsewhere()), 0},
		{"see other", "refused", b24test.Redirect(303, elsewhere()), 0},
		{"moved, 307", "refused", b24test.Redirect(307, elsewhere()), 0},
		{"moved, 308", "refused", b24test.Redirect(308, elsewhere()), 0},
		{"moved into the open", "final", b24test.Redirect(302, "http://new.bitrix24.com/"), 0},
		{"moved nowhere", "final", b24test.Redirect(302, "/login"), 0},
		{"reset before", "lost", b24test.ResetBefore(), 0},
		{"reset after", "lost", b24test.ResetAfter(), 1},
		{"cut at once", "lost", b24test.CutBody(0), 1},
		{"cut", "lost", b24test.CutBody(7), 1},
		{"timeout before", "lost", b24test.Delay(80 * time.Second), 0},
		{"timeout after", "lost", b24test.DelayAnswer(80 * time.Second), 1},
		{"bare 500", "lost", b24test.Empty(500), 0},
		{"bare 500, ran", "lost", b24test.Empty(500).Executed(), 1},
		{"bare 503", "lost", b24test.Empty(503), 0},
		{"502 page", "lost", b24test.HTML(502), 0},
		{"504 page, ran", "lost", b24test.HTML(504).Executed(), 1},
		{"408 page", "lost", b24test.HTML(408), 0},
		{"200 page, ran", "lost", b24test.HTML(200).Executed(), 1},
		{"garbage, ran", "lost", b24test.Garbage().Executed(), 1},
		{"empty 200, ran", "lost", b24test.Empty(200).Executed(), 1},
		{"portal's 500", "lost", b24test.InternalServerError(), 0},
		{"portal's 500, ran", "lost", b24test.InternalServerError().Executed(), 1},
		{"overload", "final", b24test.OverloadLimit(), 0},
		{"firewall", "final, may have run", b24test.HTML(403), 0},
		{"too large", "final, may have run", b24test.HTML(413), 0},
		{"credentials", "final", portalError(401, "INVALID_CREDENTIALS"), 0},
		{"denied", "final", portalError(403, "ACCESS_DENIED"), 0},
		{"unknown method", "final", portalError(404, "ERROR_METHOD_NOT_FOUND"), 0},
		{"unknown code", "final", portalError(400, "MY_CODE"), 0},
		{"unknown code, 200", "final", portalError(200, "MY_CODE"), 0},
		{"unknown code, 500", "final, may have run", portalError(500, "MY_CODE"), 0},
		{"wrong encoding", "final, may have run", portalError(200, "WRONG_ENCODING"), 0},
		{"refused in v2", "final", b24test.Refuse(&b24.Error{Code: "MY_CODE"}), 0},
		{"refused in v3", "final", b24test.RefuseV3(&b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_LOGICEXCEPTION"}), 0},
	} {
		of, ok := classes()[row.class]
		require.True(t, ok, row.class)
		for kind, call := range map[string]struct {
			method string
			opts   []b24.CallOption
			want   end
		}{
			"read":    {reads, nil, of.read},
			"write":   {writes, nil, of.write},
			"vouched": {writes, []b24.CallOption{b24.WithIdempotent()}, of.vouched},
			"once":    {writes, []b24.CallOption{b24.WithoutRetry(), b24.WithIdempotent()}, of.once},
		} {
			a := try(t, call.method, []b24test.Fault{row.fault}, b24.RetryPolicy{}, call.opts...)

			name := row.name + ", " + kind
			assert.Equal(t, call.want.sent, a.sent, name)
			executed := row.runs + call.want.sent - 1 // the second attempt meets no fault
			assert.Equal(t, executed, a.executed, name)
			assert.Equal(t, call.want.success, a.err == nil, "%s: %v", name, a.err)
			if a.err != nil {
				assert.Equal(t, call.want.outcome, b24.OutcomeOf(a.err), name)
			}
		}
	}
}
