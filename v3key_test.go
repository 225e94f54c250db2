package b24_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
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

func TestV3LongestKey(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedV3("tasks.task")
	key := strings.Repeat("k", 255)
	_, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}},
		b24.WithIdempotencyKey(key), b24.WithoutRetry())
	require.NoError(t, err)
	assert.Equal(t, key, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// Without a repeat, too, the portal can tell which call it was.
func TestV3KeyWithoutRetry(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.HandleV3("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
	p.Fault("my.thing.add", b24test.ResetAfter())
	_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithoutRetry())
	assert.True(t, b24.MayHaveExecuted(err))
	require.Len(t, p.Requests(), 1)
	assert.NotEmpty(t, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// The portal does not store errors (protocol.md 9.8): a call that failed half-way would
// run again.
func TestV3WriteThatFailedHalfWayIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, code := range []b24.Code{"BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", "BITRIX_REST_V3_EXCEPTION_INTERNAL_ORMSAVEEXCEPTION", "", "0"} {
		p, h := newPortal(t)
		done := 0
		p.HandleV3("my.thing.add", func(b24test.Request) (any, error) {
			done++
			return nil, &b24.Error{Code: code, Status: 500}
		})

		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)

		assert.True(t, b24.MayHaveExecuted(err), string(code))
		assert.Equal(t, 1, done, string(code))
	}
}

// Two attempts at once may both be executed (protocol.md 9.8): after a timeout the next
// one waits until the first must be over.
func TestV3AttemptsDoNotOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithTimeout(5*time.Second))
		done := 0
		p.HandleV3("my.thing.add", func(b24test.Request) (any, error) {
			time.Sleep(7 * time.Second) // the portal works on, although the caller hung up
			done++
			return done, nil
		})
		start := time.Now()

		r, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, done)
		assert.Equal(t, time.Minute, time.Since(start)) // from the beginning of the first

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start = time.Now()
		_, err = h.V3().CallMethod(ctx, "my.thing.add", nil)
		assert.True(t, b24.MayHaveExecuted(err))
		assert.Equal(t, 5*time.Second, time.Since(start)) // a wait beyond the deadline is not begun
		time.Sleep(time.Minute)
	})
}

// Where a connection broke or a gateway lost patience the portal may work on; where an
// answer began to come it is done.
func TestV3RepeatWaitsForWhatMayStillRun(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault b24test.Fault
		waits bool
	}{
		"reset":    {b24test.ResetAfter(), true},
		"408 page": {b24test.HTML(408), true},
		"502 page": {b24test.HTML(502), true},
		"504 page": {b24test.HTML(504), true},
		"524 page": {b24test.HTML(524), true}, // Cloudflare's timeout
		"429 page": {b24test.HTML(429), false},
		"503 page": {b24test.HTML(503), false},
		"empty":    {b24test.Empty(500), false},
		"cut":      {b24test.CutBody(7), false},
		"garbage":  {b24test.Garbage(), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{LongestCall: 90 * time.Second}))
			p.HandleV3("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
			p.Fault("my.thing.add", test.fault)
			start := time.Now()
			_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)
			require.NoError(t, err, name)
			if took := time.Since(start); test.waits {
				assert.Equal(t, 90*time.Second, took, name)
			} else {
				assert.LessOrEqual(t, took, time.Second, name)
			}
		})
	}
}

// Who vouches for a repeat does not wait for the first attempt to be over.
func TestV3IdempotentWriteIsRepeatedSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.HandleV3("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("my.thing.add", b24test.ResetAfter())
		start := time.Now()
		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithIdempotencyKey("order-17"), b24.WithIdempotent())
		require.NoError(t, err)
		assert.LessOrEqual(t, time.Since(start), time.Second)
	})
}

// net/http repeats by itself what has an Idempotency-Key if a kept connection breaks, and
// both may be executed (protocol.md 9.8).
func TestV3WriteOnAKeptConnectionIsSentOnce(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 9)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen <- r.RemoteAddr + " " + r.Header.Get("Idempotency-Key")
		if len(seen) > 1 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"result":1}`)
	}))
	defer srv.Close()
	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + marker)
	require.NoError(t, err)
	defer h.Close()
	call := func() error {
		_, err := h.V3().CallMethod(t.Context(), writesV3, nil, b24.WithIdempotencyKey("order-17"), b24.WithoutRetry())
		return err
	}
	require.NoError(t, call())

	err = call()

	assert.True(t, b24.MayHaveExecuted(err))
	require.Len(t, seen, 2)
	first, second := <-seen, <-seen
	assert.Equal(t, first, second) // on the same connection
	assert.Contains(t, second, " order-17")
}

func TestV3Replayed(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"true": true, "True": true, " 1 ": true, "": false, "false": false, "0": false, "yes?": false} {
		p, h := newPortal(t)
		p.Fault(writesV3, b24test.Answer(b24test.Raw{Body: `{"result":1}`, Header: http.Header{"Idempotent-Replayed": {value}}}))
		r, err := h.V3().CallMethod(t.Context(), writesV3, nil)
		require.NoError(t, err)
		assert.Equal(t, want, r.Replayed(), "%q", value)
	}
}

func TestV3WriteIsExecutedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedV3("tasks.task")
		p.Fault(writesV3, b24test.ResetAfter(), b24test.HTML(502), b24test.Pass())

		r, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}})

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, p.Executed(writesV3))
		assert.Len(t, p.RowsV3("tasks.task"), 1)
		all := p.Requests()
		require.Len(t, all, 3)
		for _, in := range all {
			assert.NotEmpty(t, in.Header.Get("Idempotency-Key"))
			assert.Equal(t, all[0].Header.Get("Idempotency-Key"), in.Header.Get("Idempotency-Key"))
			assert.Equal(t, all[0].RawBody, in.RawBody) // trap 46
		}
	})
}

func TestV3KeyOfTheCaller(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedV3("tasks.task")
	add := func(title string) (*b24.AjaxResult, error) {
		return h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": title, "creatorId": 1, "responsibleId": 1}},
			b24.WithIdempotencyKey("order-17"))
	}
	r, err := add("Paint")
	require.NoError(t, err)
	assert.False(t, r.Replayed())
	r, err = add("Paint")
	require.NoError(t, err)
	assert.True(t, r.Replayed())
	_, err = add("Sand")
	require.ErrorIs(t, err, b24.ErrIdempotencyKeyReused)
	assert.False(t, b24.MayHaveExecuted(err))
	assert.Equal(t, 1, p.Executed(writesV3))
}

// Whatever happens on the way, a write of REST 3.0 is executed once, or what is
// said of it is true.
func TestV3RandomFaultsNeverDoubleAWrite(t *testing.T) {
	t.Parallel()
	const seeds, sequences = 20, 500
	well := 0
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 4, MaxAttempts: 6}))
			for n := range sequences {
				method := fmt.Sprintf("my.thing%d.add", n)
				var executed atomic.Int32
				if rnd.IntN(20) == 0 {
					p.HandleV3(method, failingWrite(&executed))
				} else {
					p.HandleV3(method, slowWrite(rnd, &executed))
					p.Fault(method, randomFaults(rnd)...)
				}

				_, err := h.V3().CallMethod(t.Context(), method, b24.Params{"fields": b24.Params{"N": n}})
				time.Sleep(time.Hour) // whatever still runs there is over

				at := fmt.Sprintf("seed %d, sequence %d: %v", seed, n, err)
				require.LessOrEqual(t, executed.Load(), int32(1), at)
				switch {
				case err == nil:
					require.EqualValues(t, 1, executed.Load(), at)
					well++
				case !b24.MayHaveExecuted(err):
					require.Zero(t, executed.Load(), at)
				}
			}
		})
	}
	assert.Greater(t, well, seeds*sequences/2, "calls that ended well")
}

// slowWrite is a method that may take longer than its caller waits.
func slowWrite(rnd *rand.Rand, executed *atomic.Int32) func(b24test.Request) (any, error) {
	takes := time.Duration(0)
	if rnd.IntN(10) == 0 {
		takes = time.Duration(rnd.IntN(60)) * time.Second
	}
	return func(b24test.Request) (any, error) {
		time.Sleep(takes)
		return executed.Add(1), nil
	}
}

// failingWrite is a method that fails once it was executed.
func failingWrite(executed *atomic.Int32) func(b24test.Request) (any, error) {
	return func(b24test.Request) (any, error) {
		executed.Add(1)
		return nil, &b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", Status: 500}
	}
}
