package b24test_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

func TestBatchTakesTheTimeOfItsCommands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t, b24test.WithLatency(time.Second), b24test.WithOperatingCost(b24test.CostModel{PerCall: 2 * time.Second}, "one"))
		p.Fault("null", b24test.Delay(10*time.Second), b24test.DelayAnswer(20*time.Second))
		begin := time.Now()
		a := call(t, p, "batch", `{"cmd":["one","fails","null","null"]}`)
		assert.Equal(t, 36*time.Second, time.Since(begin)) // 3 + 1 + 11 + 21
		assert.Equal(t, "36", jsonText(t, a, "time", "duration"))
		assert.Equal(t, "3", jsonText(t, a, "result", "result_time", "0", "duration"))
		assert.Equal(t, "2000-01-01T00:00:04+00:00", a.field(t, "result", "result_time", "2", "date_start"))
	})
}

func TestBatchTimeLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		opts     []b24test.Option
		cost     time.Duration
		took     time.Duration
		status   int
		executed int
	}{
		{"just in time", nil, 20 * time.Second, time.Minute, http.StatusOK, 3},
		{"too late", nil, 20*time.Second + 1, time.Minute, http.StatusGatewayTimeout, 3},
		{"the second is too late", nil, 31 * time.Second, time.Minute, http.StatusGatewayTimeout, 2},
		{"the first is too late", nil, time.Hour, time.Minute, http.StatusGatewayTimeout, 1},
		{"other limit", []b24test.Option{b24test.WithTimeLimit(5 * time.Second)}, 4 * time.Second, 5 * time.Second, http.StatusGatewayTimeout, 2},
		{"no limit", []b24test.Option{b24test.WithTimeLimit(0)}, time.Hour, 3 * time.Hour, http.StatusOK, 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := batching(t, append(tt.opts, b24test.WithLatency(0), b24test.WithOperatingCost(b24test.CostModel{PerCall: tt.cost}))...)
			begin := time.Now()
			a := call(t, p, "batch", `{"cmd":["one","one","one"]}`)
			assert.Equal(t, tt.took, time.Since(begin), tt.name)
			assert.Equal(t, tt.status, a.Status, tt.name)
			assert.Equal(t, tt.executed, p.Executed("one"), tt.name)
			assert.Equal(t, tt.status == http.StatusGatewayTimeout, strings.Contains(a.Body, "<html>"), tt.name)
		})
	}
}

// A handler that takes its time counts too, and so does a delay.
func TestBatchTimeLimitOfHandlersAndDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t)
		p.Handle("slow", func(b24test.Request) (any, error) {
			wait(35 * time.Second)
			return 1, nil
		})
		assert.Equal(t, http.StatusGatewayTimeout, call(t, p, "batch", `{"cmd":["slow","slow","one"]}`).Status)
		assert.Equal(t, []int{2, 0}, []int{p.Executed("slow"), p.Executed("one")})
		p.Fault("one", b24test.Delay(time.Hour))
		begin := time.Now()
		assert.Equal(t, http.StatusGatewayTimeout, call(t, p, "batch", `{"cmd":["slow","one","slow"]}`).Status)
		assert.Equal(t, time.Minute, time.Since(begin))
		assert.Equal(t, []int{3, 0}, []int{p.Executed("slow"), p.Executed("one")})
	})
}

// Who hangs up does not keep the commands from being carried out, as long as none of them is delayed.
func TestBatchOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t, b24test.WithLatency(10*time.Second))
		c := *p.HTTPClient()
		c.Timeout = time.Second
		for _, tt := range []struct {
			fault    b24test.Fault
			executed int
		}{{b24test.Pass(), 6}, {b24test.Delay(time.Second), 8}} {
			p.Fault("null", tt.fault)
			_, err := send(t, &c, wire{http.MethodPost, p.WebhookURL() + "batch", "application/json", `{"cmd":["one","one","null","one","one","one","one"]}`})
			require.Error(t, err)
			synctest.Wait()
			assert.Equal(t, tt.executed, p.Executed("one"))
		}
	})
}

func TestBatchIsOneRequestToTheQueryLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t, b24test.WithQueryLimit(2, 2))
		for range 2 {
			require.Equal(t, http.StatusOK, call(t, p, "batch", `{"cmd":["one","one","one","one"]}`).Status)
		}
		assert.Equal(t, http.StatusServiceUnavailable, call(t, p, "batch", `{"cmd":["one"]}`).Status)
		assert.Equal(t, []int{8, 1}, []int{p.Executed("one"), p.Refusals()})
	})
}

func TestBatchOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t, b24test.WithOperatingLimit(time.Minute), b24test.WithOperatingCost(b24test.CostModel{PerCall: 25 * time.Second}, "one"),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 7 * time.Second}, "null"))

		a := call(t, p, "batch", `{"cmd":["one","null","one","one","one","null"]}`)

		assert.JSONEq(t, `{"4":`+blockedRow+`}`, a.section(t, "result_error"))
		var told []string
		for _, key := range []string{"0", "1", "2", "3", "5"} {
			told = append(told, jsonText(t, a, "result", "result_time", key, "operating"))
		}
		assert.Equal(t, []string{"25", "7", "50", "75", "14"}, told)
		assert.Equal(t, "75", jsonText(t, a, "time", "operating"))
		assert.Equal(t, jsonText(t, a, "result", "result_time", "3", "operating_reset_at"), jsonText(t, a, "time", "operating_reset_at"))
		assert.Equal(t, []int{4, 3, 1}, []int{p.Calls("one"), p.Executed("one"), p.Refusals()})
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "one", `{}`).Status, "one budget for both ways")
		assert.Equal(t, http.StatusOK, call(t, p, "batch", `{"cmd":["one"]}`).Status)
	})
}

func TestBatchCharged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := batching(t, b24test.WithBatchCharged(), b24test.WithOperatingLimit(time.Minute), b24test.WithOperatingCost(b24test.CostModel{PerCall: 25 * time.Second}))

		a := call(t, p, "batch", `{"cmd":["one","fails","null","one"]}`)

		for _, key := range []string{"0", "2", "3"} {
			assert.Equal(t, "75", jsonText(t, a, "result", "result_time", key, "operating"))
			assert.Equal(t, jsonText(t, a, "time", "operating_reset_at"), jsonText(t, a, "result", "result_time", key, "operating_reset_at"))
		}
		assert.Equal(t, "75", jsonText(t, a, "time", "operating"))
		a = call(t, p, "batch", `{"cmd":["one"]}`)
		assert.Equal(t, http.StatusTooManyRequests, a.Status)
		assert.Equal(t, "OPERATION_TIME_LIMIT", a.field(t, "error"))
		assert.Equal(t, "25", jsonText(t, call(t, p, "one", `{}`), "time", "operating"))
	})
}

// What a handler says of operating time stands in its row, and the highest in the batch.
func TestBatchOperatingAsTold(t *testing.T) {
	t.Parallel()
	p := batching(t, b24test.WithoutOperating())
	p.Handle("told", func(req b24test.Request) (any, error) {
		return b24test.Result{Value: 1, Operating: new(float64(len(req.Params))), OperatingResetAt: time.Unix(1000, 0)}, nil
	})
	a := call(t, p, "batch", `{"cmd":["told?a=1&b=2","told?a=1","one"]}`)
	assert.Equal(t, "2", jsonText(t, a, "time", "operating"))
	assert.Equal(t, "1000", jsonText(t, a, "time", "operating_reset_at"))
	_, ok := a.field(t, "result", "result_time", 2).(map[string]any)["operating"]
	assert.False(t, ok)
}

func TestBatchBadTimeLimit(t *testing.T) {
	t.Parallel()
	_, err := b24test.Start(b24test.WithTimeLimit(-1))
	require.ErrorContains(t, err, "time limit")
}
