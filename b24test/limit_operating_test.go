package b24test_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// jsonText is a number of an answer as it stood there.
func jsonText(t *testing.T, a answer, path ...any) string {
	t.Helper()
	return fmt.Sprint(a.field(t, path...))
}

// operating is what an answer says of the operating limit: the seconds used, and how long until the reset.
func operating(t *testing.T, a answer) string {
	t.Helper()
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var at int64
	_, err := fmt.Sscan(jsonText(t, a, "time", "operating_reset_at"), &at)
	require.NoError(t, err)
	return jsonText(t, a, "time", "operating") + " " + time.Until(time.Unix(at, 0)).String()
}

// costly makes a portal on which a call of m costs 30 s and the limit is a minute.
func costly(t *testing.T, opts ...b24test.Option) *b24test.Portal {
	t.Helper()
	p := echo(t, append([]b24test.Option{
		b24test.WithOperatingLimit(time.Minute), b24test.WithOperatingCost(b24test.CostModel{PerCall: 30 * time.Second}, "m"),
	}, opts...)...)
	p.Handle("other", func(b24test.Request) (any, error) { return 1, nil })
	p.V3().Handle("m", func(b24test.Request) (any, error) { return 1, nil })
	return p
}

func TestOperatingLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock starts with a full minute
		p := costly(t)
		wait(40 * time.Second)
		assert.Equal(t, "30 10m0s", operating(t, call(t, p, "m", `{}`)))
		wait(10 * time.Second)
		assert.Equal(t, "60 9m50s", operating(t, call(t, p, "M", `{}`)))
		wait(20 * time.Second)
		assert.Equal(t, "90 9m30s", operating(t, call(t, p, "m", `{}`)), "60 s are not over the limit")

		a := call(t, p, "m", `{}`)

		assert.Equal(t, http.StatusTooManyRequests, a.Status)
		assert.JSONEq(t, `{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}`, a.Body)
		assert.Equal(t, b24.Code("OPERATION_TIME_LIMIT"), seen(t, p).Refused)
		assert.False(t, seen(t, p).Executed)
		assert.Equal(t, []int{4, 3, 1}, []int{p.Calls("m"), p.Executed("m"), p.Refusals()})
		assert.Equal(t, "0 10m0s", operating(t, call(t, p, "other", `{}`)))
		assert.Equal(t, http.StatusOK, callV3(t, p, "m", `{}`).Status)
	})
}

func TestOperatingWindowRollsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t)
		wait(40 * time.Second)
		call(t, p, "m", `{}`)
		call(t, p, "m", `{}`)
		wait(2 * time.Minute)
		call(t, p, "m", `{}`) // 2m40s
		wait(7*time.Minute + 20*time.Second - 1)
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
		wait(1) // 10m0s: the first minute leaves
		assert.Equal(t, "60 2m40s", operating(t, call(t, p, "m", `{}`)))
		assert.Equal(t, "90 2m40s", operating(t, call(t, p, "m", `{}`)))
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
		wait(2*time.Minute + 40*time.Second)
		assert.Equal(t, "90 7m20s", operating(t, call(t, p, "m", `{}`)))
		wait(time.Hour)
		assert.Equal(t, "30 10m0s", operating(t, call(t, p, "m", `{}`)))
	})
}

// A caller who goes on at the told time of the reset finds the oldest bucket gone.
func TestOperatingResetAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t)
		wait(1500 * time.Millisecond)
		for range 6 {
			var a answer
			for range 3 {
				a = call(t, p, "m", `{}`)
			}
			require.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
			var at int64
			_, err := fmt.Sscan(jsonText(t, a, "time", "operating_reset_at"), &at)
			require.NoError(t, err)
			wait(time.Until(time.Unix(at, 0)))
		}
		assert.Equal(t, 18, p.Executed("m"))
		assert.Equal(t, 6, p.Refusals())
	})
}

func TestOperatingLimitOfV3(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t)
		for range 3 {
			assert.Equal(t, http.StatusOK, callV3(t, p, "m", `{}`).Status)
		}
		a := callV3(t, p, "m", `{}`)
		assert.Equal(t, http.StatusTooManyRequests, a.Status)
		assert.Equal(t, "BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION", a.field(t, "error", "code"))
		assert.False(t, a.has(t, "time"))
		assert.Equal(t, b24.Code("BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION"), seen(t, p).Refused)
		assert.Equal(t, "30 10m0s", operating(t, call(t, p, "m", `{}`)))
	})
}

func TestOperatingCost(t *testing.T) {
	t.Parallel()
	cost := b24test.CostModel{PerCall: time.Second, PerRow: 10 * time.Millisecond, PerCount: 5 * time.Second, PerSkippedRow: 100 * time.Millisecond}
	for _, tt := range []struct {
		method, body, want string
	}{
		{"crm.deal.list", `{}`, "6.5"},
		{"crm.deal.list", `{"start":-1}`, "1.5"},
		{"crm.deal.list", `{"start":75}`, "11.5"},
		{"crm.deal.list", `{"start":100}`, "16.2"},
		{"crm.deal.list", `{"start":500}`, "6.5"}, // the first page
		{"crm.item.list", `{"entityTypeId":2,"start":500}`, "18"},
		{"crm.deal.list", `{"start":50,"filter":{"<=ID":60}}`, "11.1"},
		{"crm.deal.list", `{"start":50,"filter":{"<=ID":60},"order":{"TITLE":"ASC"}}`, "11.1"},
		{"crm.deal.get", `{"id":7}`, "1.01"},
		{"crm.deal.add", `{"fields":{}}`, "1"},
		{"crm.deal.update", `{"id":7,"fields":{}}`, "1"},
		{"crm.lead.list", `{}`, "0"},
		{"own", `{}`, "3.25"},
		{"short", `{}`, "0"},
		{"long", `{}`, "0.101"},
		{"negative", `{}`, "0"},
		{"raw", `{}`, "1 s and no time"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t, b24test.WithOperatingLimit(time.Hour), b24test.WithOperatingCost(cost),
				b24test.WithOperatingCost(b24test.CostModel{}, "crm.lead.list", "SHORT", "long"))
			p.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"TITLE": "x"} })
			p.SeedN("crm.lead", 120, func(int) b24.Params { return b24.Params{"TITLE": "x"} })
			p.Handle("own", func(b24test.Request) (any, error) { return b24test.Result{Cost: 2250 * time.Millisecond}, nil })
			p.Handle("short", func(b24test.Request) (any, error) { return &b24test.Result{Cost: 100 * time.Millisecond}, nil })
			p.Handle("long", func(b24test.Request) (any, error) { return b24test.Result{Cost: 101 * time.Millisecond}, nil })
			p.Handle("negative", func(b24test.Request) (any, error) { return b24test.Result{Cost: -time.Hour}, nil })
			p.Handle("raw", func(b24test.Request) (any, error) {
				return b24test.Raw{Body: `{"result":1,"time":{"operating":"1 s and no time"}}`}, nil
			})
			assert.Equal(t, tt.want, jsonText(t, call(t, p, tt.method, tt.body), "time", "operating"), "%s %s", tt.method, tt.body)
		})
	}
}

func TestCallsThatFailAreNotRecorded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(time.Hour), b24test.WithOperatingCost(b24test.CostModel{PerCall: time.Second}))
		p.Handle("m", func(req b24test.Request) (any, error) {
			switch req.Params["how"] {
			case "error":
				return 1, &b24.Error{Code: "X"}
			case "value":
				return &b24.Error{Code: "X"}, nil
			}
			return b24.Params{"error": "X", "error_description": "x"}, nil
		})
		call(t, p, "m", `{"how":"error"}`)
		call(t, p, "m", `{"how":"value"}`)
		p.Handle("m", func(b24test.Request) (any, error) { return 1, nil })
		assert.Equal(t, "1 10m0s", operating(t, call(t, p, "m", `{}`)))
	})
}

// What a handler says of the operating time is told and not counted; an answer without the fields is counted.
func TestOperatingOfTheHandlersOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t)
		p.Handle("m", func(b24test.Request) (any, error) {
			return b24test.Result{Operating: new(7.5), OperatingResetAt: time.Now().Add(time.Minute)}, nil
		})
		for range 3 {
			assert.Equal(t, "7.5 1m0s", operating(t, call(t, p, "m", `{}`)))
		}
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
	})
}

func TestOperatingLimitAndTheOldOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t, b24test.WithOperating(99, time.Second))
		assert.Equal(t, "30 10m0s", operating(t, call(t, p, "m", `{}`)))
	})
	synctest.Test(t, func(t *testing.T) {
		p := costly(t, b24test.WithoutOperating())
		for range 3 {
			a := call(t, p, "m", `{}`)
			assert.Equal(t, http.StatusOK, a.Status)
			assert.NotContains(t, a.Body, "operating")
		}
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
	})
}

// A call counts from its end on, in the minute of its beginning.
func TestOperatingTimeIsRecordedAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := costly(t, b24test.WithLatency(0))
		wait(50 * time.Second)
		begin := time.Now()
		var calls sync.WaitGroup
		for range 4 {
			calls.Go(func() { call(t, p, "m", `{}`) })
		}
		calls.Wait()
		assert.Equal(t, 30*time.Second, time.Since(begin))
		assert.Equal(t, 4, p.Executed("m"), "none of them had ended")
		assert.Equal(t, http.StatusTooManyRequests, call(t, p, "m", `{}`).Status)
		wait(8*time.Minute + 40*time.Second)
		assert.Equal(t, "30 9m30s", operating(t, call(t, p, "m", `{}`)))
	})
}

// One caller alone on a method of 30 s: the limit of 480 s per 10 minutes is what an hour gives him.
func TestOperatingLimitForAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := echo(t, b24test.WithLatency(0), b24test.WithOperatingLimit(480*time.Second),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 30 * time.Second}))
		begin := time.Now()
		for time.Since(begin) < time.Hour {
			if call(t, p, "m", `{}`).Status != http.StatusOK {
				wait(time.Second)
			}
		}
		assert.Equal(t, 6*17, p.Executed("m")) // the call that crosses the limit runs
	})
}
