package b24_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
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
	p.V3().Seed("tasks.task")
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
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
	p.Fault("my.thing.add", b24test.ResetAfter())
	_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithoutRetry())
	assert.True(t, b24.MayHaveExecuted(err))
	require.Len(t, p.Requests(), 1)
	assert.NotEmpty(t, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// The portal does not store errors (docs/protocol.md 9.8): a call that failed half-way would
// run again.
func TestV3WriteThatFailedHalfWayIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, code := range []b24.Code{"BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", "BITRIX_REST_V3_EXCEPTION_INTERNAL_ORMSAVEEXCEPTION", "", "0"} {
		p, h := newPortal(t)
		done := 0
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) {
			done++
			return nil, &b24.Error{Code: code, Status: 500}
		})

		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)

		assert.True(t, b24.MayHaveExecuted(err), string(code))
		assert.Equal(t, 1, done, string(code))
	}
}

// Two attempts at once may both be executed (docs/protocol.md 9.8): after a timeout the next
// one waits until the first must be over.
func TestV3AttemptsDoNotOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithTimeout(5*time.Second))
		done := 0
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) {
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

// Where a connection broke or a gateway lost patience the portal may work on, and the key makes a repeat wait for it
// and harmless. Where the answer began to come the call is over and its answer is stored. A page or nothing in
// its place may come from a PHP that died: nothing is stored, and a repeat would do it again.
func TestV3RepeatsWhatTheKeyProtects(t *testing.T) {
	t.Parallel()
	const no = -1
	for name, test := range map[string]struct {
		fault b24test.Fault
		after time.Duration
	}{
		"reset":     {b24test.ResetAfter(), 90 * time.Second},
		"408 page":  {b24test.HTML(408), 90 * time.Second},
		"504 page":  {b24test.HTML(504), 90 * time.Second},
		"524 page":  {b24test.HTML(524), 90 * time.Second}, // Cloudflare's timeout
		"cut":       {b24test.CutBody(7), 0},
		"500 page":  {b24test.HTML(500), no},
		"500 empty": {b24test.Empty(500), no},
		"200 empty": {b24test.Empty(200), no},
		"502 page":  {b24test.HTML(502), no},
		"503 page":  {b24test.HTML(503), no},
		"429 page":  {b24test.HTML(429), no},
		"520 page":  {b24test.HTML(520), no}, // Cloudflare: the origin closed the connection
		"garbage":   {b24test.Garbage(), no},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{LongestCall: 90 * time.Second}))
			p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
			p.Fault("my.thing.add", test.fault)
			start := time.Now()
			_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)
			took := time.Since(start)
			switch test.after {
			case no:
				assert.True(t, b24.MayHaveExecuted(err), "%s: %v", name, err)
				assert.Len(t, p.Requests(), 1, name)
			case 0:
				require.NoError(t, err, name)
				assert.LessOrEqual(t, took, time.Second, name)
			default:
				require.NoError(t, err, name)
				assert.Equal(t, test.after, took, name)
			}
		})
	}
}

// A request of which nothing was sent cannot overlap with the next one. Once another may still run, all wait for that.
func TestV3WriteThatWasNotSentIsRepeatedSoon(t *testing.T) {
	t.Parallel()
	unreached := func(r *http.Request) error {
		httptrace.ContextClientTrace(r.Context()).GetConn("example.bitrix24.com:443")
		return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	lost := func(r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body)
		return io.ErrUnexpectedEOF
	}
	for name, test := range map[string]struct {
		fails    []func(*http.Request) error
		min, max time.Duration
	}{
		"not sent":            {[]func(*http.Request) error{unreached, unreached}, 0, 5 * time.Second},
		"lost, then not sent": {[]func(*http.Request) error{lost, unreached}, 90 * time.Second, 95 * time.Second},
		"not sent, then lost": {[]func(*http.Request) error{unreached, lost}, 90 * time.Second, 95 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, err := b24.FromWebhookURL("https://example.bitrix24.com/rest/1/"+marker, b24.WithRetry(b24.RetryPolicy{LongestCall: 90 * time.Second}),
				b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					if len(test.fails) == 0 {
						return answered(200, nil, `{"result":1}`), nil
					}
					fail := test.fails[0]
					test.fails = test.fails[1:]
					return nil, fail(r)
				})}))
			require.NoError(t, err, name)
			start := time.Now()
			_, err = h.V3().CallMethod(t.Context(), writesV3, nil)
			require.NoError(t, err, name)
			assert.GreaterOrEqual(t, time.Since(start), test.min, name)
			assert.LessOrEqual(t, time.Since(start), test.max, name)
		})
	}
}

// Who vouches for a repeat does not wait for the first attempt to be over.
func TestV3IdempotentWriteIsRepeatedSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("my.thing.add", b24test.ResetAfter())
		start := time.Now()
		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithIdempotencyKey("order-17"), b24.WithIdempotent())
		require.NoError(t, err)
		assert.LessOrEqual(t, time.Since(start), time.Second)
	})
}

// net/http repeats by itself what has an Idempotency-Key if a kept connection breaks, and
// both may be executed (docs/protocol.md 9.8).
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
		p.V3().Seed("tasks.task")
		p.Fault(writesV3, b24test.ResetAfter(), b24test.HTML(504), b24test.Pass())

		r, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}})

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, p.Executed(writesV3))
		assert.Len(t, p.V3().Rows("tasks.task"), 1)
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
	p.V3().Seed("tasks.task")
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
	seeds, sequences := size(8, 20, 20), size(50, 500, 5000)
	well := 0
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 4, MaxAttempts: 6}))
			for n := range sequences {
				method := fmt.Sprintf("my.thing%d.add", n)
				var executed atomic.Int32
				if rnd.IntN(20) == 0 {
					p.V3().Handle(method, failingWrite(&executed))
				} else {
					p.V3().Handle(method, slowWrite(rnd, &executed))
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
	assert.Greater(t, well, seeds*sequences*9/20, "calls that ended well: those whose key protects a repeat, and those without a fault")
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
