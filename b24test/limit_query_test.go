package b24test_test

import (
	"context"
	"net/http"
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

// callV3 posts a JSON body to a method of REST 3.0.
func callV3(t *testing.T, p *b24test.Portal, method, body string) answer {
	t.Helper()
	a, err := send(t, p.HTTPClient(), wire{http.MethodPost, p.V3().WebhookURL() + method, "application/json", body})
	require.NoError(t, err)
	return a
}

func wait(d time.Duration) { <-time.After(d) }

// full makes a portal of the standard plan whose bucket is full.
func full(t *testing.T) *b24test.Portal {
	t.Helper()
	p := echo(t, b24test.WithQueryLimit(2, 50))
	for range 50 {
		require.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
	}
	return p
}

func TestQueryLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := full(t)

		a := call(t, p, "m", `{}`)

		assert.Equal(t, http.StatusServiceUnavailable, a.Status)
		assert.JSONEq(t, `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`, a.Body)
		assert.Empty(t, a.Header.Get("Retry-After"))
		assert.Equal(t, b24.Code("QUERY_LIMIT_EXCEEDED"), seen(t, p).Refused)
		assert.False(t, seen(t, p).Executed)
		assert.Zero(t, time.Since(begin))
		assert.Equal(t, []int{51, 50, 1}, []int{p.Calls("m"), p.Executed("m"), p.Refusals()})
	})
}

func TestQueryLimitDrains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := full(t)
		for range 20 { // refusals do not fill the bucket
			wait(24 * time.Millisecond)
			require.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
		}
		wait(20*time.Millisecond - time.Microsecond)
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
		wait(time.Microsecond)
		assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
		wait(time.Hour) // it holds no more than the burst
		got := map[int]int{}
		for range 60 {
			got[call(t, p, "m", `{}`).Status]++
		}
		assert.Equal(t, map[int]int{http.StatusOK: 50, http.StatusServiceUnavailable: 10}, got)
	})
}

// A caller who asks at the very instants the limit allows is never refused, also where his waits are rounded down to nanoseconds.
func TestQueryLimitLetsASteadyCallerPass(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		perSecond float64
		gap       time.Duration
	}{{2, 500 * time.Millisecond}, {3, 333333334}, {5, 200 * time.Millisecond}, {7, 142857143}, {0.1, 10 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			p := echo(t, b24test.WithQueryLimit(tt.perSecond, 2))
			call(t, p, "m", `{}`)
			for i := range 200 {
				require.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status, "%v: call %d", tt.perSecond, i)
				wait(tt.gap)
			}
			assert.Zero(t, p.Refusals())
		})
	}
}

func TestQueryLimitCountsEveryRequestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t, b24test.WithQueryLimit(2, 5))
		p.Handle("batch", func(b24test.Request) (any, error) { return b24.Params{"result": []int{1, 2, 3}}, nil })
		p.V3().Handle("m", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("m", b24test.HTML(http.StatusBadGateway))
		outside, err := send(t, p.HTTPClient(), wire{http.MethodPost, "http://x/index.php", "", ""})
		require.NoError(t, err)

		var got []int
		for range 4 {
			got = append(got, call(t, p, "batch", `{}`).Status)
		}
		got = append(got, call(t, p, "no.such.method", `{}`).Status)
		refused := callV3(t, p, "m", `{}`)
		wait(500 * time.Millisecond)
		got = append(got, outside.Status, refused.Status, callV3(t, p, "m", `{}`).Status, call(t, p, "m", `{}`).Status)

		assert.Equal(t, []int{200, 200, 200, 200, 404, 404, 503, 502, 503}, got)
		assert.Equal(t, "QUERY_LIMIT_EXCEEDED", refused.field(t, "error"))
		assert.Equal(t, 2, p.Refusals())
	})
}

func TestQueryLimitUnderParallelCalls(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithQueryLimit(0.001, 50)) // on a socket, in real time
	c := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(c.CloseIdleConnections)
	var passed atomic.Int64
	var calls sync.WaitGroup
	for range 80 {
		calls.Go(func() {
			a, err := send(t, c, wire{http.MethodPost, p.WebhookURL() + "m", "application/json", `{}`})
			if err == nil && a.Status == http.StatusOK {
				passed.Add(1)
			}
		})
	}
	calls.Wait()
	assert.EqualValues(t, 50, passed.Load())
	assert.Equal(t, []int{80, 50, 30}, []int{p.Calls("m"), p.Executed("m"), p.Refusals()})
}

func TestSetQueryLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := full(t)
		wait(250 * time.Millisecond) // half a request drained
		p.SetQueryLimit(1, 50)
		wait(500*time.Millisecond - 2*time.Microsecond)
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
		wait(2 * time.Microsecond)
		assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)

		p.SetQueryLimit(1, 48) // it holds 50
		wait(3*time.Second - 2*time.Microsecond)
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
		wait(2 * time.Microsecond)
		assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)

		p.SetQueryLimit(0, 0)
		for range 100 {
			require.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
		}
		p.SetQueryLimit(1, 1) // starts empty
		assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
	})
}

func TestSetQueryLimitReportsBadValues(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory(), b24test.WithQueryLimit(1, 1))
	p.SetQueryLimit(1, 0)
	p.SetQueryLimit(-1, 5)
	tb.mu.Lock()
	assert.Equal(t, 2, strings.Count(strings.Join(tb.texts, "\n"), "query limit"))
	tb.mu.Unlock()
	assert.Equal(t, http.StatusNotFound, call(t, p, "m", `{}`).Status)
	assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "m", `{}`).Status)
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t, b24test.WithLatency(200*time.Millisecond), b24test.WithOperatingCost(b24test.CostModel{PerCall: 3 * time.Second}, "M"),
			b24test.WithQueryLimit(1, 5))
		p.Handle("fails", func(b24test.Request) (any, error) {
			return b24test.Result{Cost: time.Hour}, &b24.Error{Code: "X"}
		})
		took := func(method string) time.Duration {
			begin := time.Now()
			call(t, p, method, `{}`)
			return time.Since(begin)
		}
		assert.Equal(t, 3200*time.Millisecond, took("m"))
		assert.Equal(t, 200*time.Millisecond, took("fails"))
		assert.Zero(t, took("no.such.method"))
		p.Fault("m", b24test.HTML(http.StatusGatewayTimeout).After(time.Second).Executed())
		assert.Equal(t, 4200*time.Millisecond, took("m"))
		p.SetQueryLimit(0.001, 1)
		assert.Equal(t, 3200*time.Millisecond, took("m"))
		assert.Zero(t, took("m")) // refused
		assert.Equal(t, 1, p.Refusals())
	})
}

// The times of an answer tell the time the call took.
func TestLatencyShowsInTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t, b24test.WithLatency(1500*time.Millisecond))
		a := call(t, p, "m", `{}`)
		assert.Equal(t, "1.5", jsonText(t, a, "time", "duration"))
		assert.Equal(t, "1.5", jsonText(t, a, "time", "processing"))
	})
}

// A caller who hangs up does not keep the call from being carried out and charged.
func TestLatencyEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t, b24test.WithLatency(0), b24test.WithOperatingLimit(time.Minute),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 30 * time.Second}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.WebhookURL()+"m", nil)
		require.NoError(t, err)
		resp, err := p.HTTPClient().Do(req) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Nil(t, resp)
		synctest.Wait()
		assert.Equal(t, 1, p.Executed("m"))
		assert.Equal(t, "60", jsonText(t, call(t, p, "m", `{}`), "time", "operating"))
	})
}

func TestBadLimits(t *testing.T) {
	t.Parallel()
	for _, opt := range []b24test.Option{
		b24test.WithQueryLimit(0, 1), b24test.WithQueryLimit(1, 0), b24test.WithQueryLimit(-1, 1), b24test.WithQueryLimit(1, -1),
		b24test.WithOperatingLimit(-1), b24test.WithLatency(-1),
		b24test.WithOperatingCost(b24test.CostModel{PerCall: -1}), b24test.WithOperatingCost(b24test.CostModel{PerRow: -1}, "m"),
		b24test.WithOperatingCost(b24test.CostModel{PerCount: -1}), b24test.WithOperatingCost(b24test.CostModel{PerSkippedRow: -1}),
	} {
		_, err := b24test.Start(opt)
		require.Error(t, err)
	}
}
