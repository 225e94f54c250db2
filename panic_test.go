package b24_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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
			p.SeedN("crm.deal", 20_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
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
