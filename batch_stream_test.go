package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
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

func TestStreamBatch(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		p, h := newPortal(t)
		echo(p)
		n := 0
		for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(230)), b24.WithConcurrency(workers)) {
			require.NoError(t, err)
			assert.Equal(t, strconv.Quote(strconv.Itoa(n)), string(r.Raw()))
			n++
		}
		assert.Equal(t, 230, n)
		assert.Equal(t, 5, p.Calls("batch"))

		n, begun := 0, 0
		for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(2300)), b24.WithConcurrency(workers)) {
			if n++; n == 20 {
				begun = p.Calls("batch")
				break
			}
		}
		assert.LessOrEqual(t, p.Calls("batch"), begun+workers) // those under way, and no other
		assert.LessOrEqual(t, begun, 5+4*workers)              // little is read ahead
	}
}

func TestBatchesOfNothingAndWithoutBounds(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	for range b24.StreamBatch(t.Context(), h, nil) {
		assert.Fail(t, "there is no command")
	}
	for _, workers := range []int{math.MinInt, math.MaxInt} {
		_, err := h.CallBatchByChunk(t.Context(), echoes(120), b24.WithConcurrency(workers))
		require.NoError(t, err)
		n := 0
		for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(120)), b24.WithConcurrency(workers)) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 120, n)
	}
	p.SeedN("crm.deal", 6000, func(i int) b24.Params { return b24.Params{"ID": i + 1} })
	deals, err := b24.Collect(b24.List[b24.Params](t.Context(), h, "crm.deal.list", nil, b24.WithConcurrency(math.MaxInt)))
	require.NoError(t, err)
	assert.Len(t, deals, 6000)
}

func TestStreamBatchTellsOfEachCommand(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(120, 3)
	calls[7].Params = b24.Params{"v": func() {}}
	var failed, notRun, ok int
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls), b24.WithHaltOnError(false)) {
		assert.Equal(t, err, r.Err())
		if err != nil {
			failed++
		}
	}
	assert.Equal(t, 2, failed) // one at the portal, one that could not be sent

	failed = 0
	for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls)) {
		switch {
		case errors.Is(err, b24.ErrNotExecuted):
			notRun++
		case err != nil:
			failed++
		default:
			ok++
		}
	}
	assert.Equal(t, []int{3, 2, 45}, []int{ok, failed, notRun}) // what cannot be sent fails by itself
}

// An endless stream ends with its context and with its client.
func TestStreamEndsWithContextAndClose(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"context": context.Canceled, "close": b24.ErrClosed} {
		for _, workers := range []int{1, 3} {
			p, h := newPortal(t)
			echo(p)
			ctx, cancel := context.WithCancel(t.Context())
			taken, yielded, failed := 0, 0, 0
			endless := func(yield func(b24.Command) bool) {
				for more := true; more; {
					taken++
					more = yield(b24.Command{Method: "echo", Params: b24.Params{"v": 1}})
				}
			}
			for r, err := range b24.StreamBatch(ctx, h, endless, b24.WithHaltOnError(false), b24.WithConcurrency(workers)) {
				require.NotNil(t, r)
				assert.Equal(t, "echo", r.Query().Method)
				if yielded++; yielded == 60 && name == "close" {
					_ = h.Close()
				} else if yielded == 60 {
					cancel()
				}
				if err != nil {
					require.ErrorIs(t, err, want, name)
					failed++
				}
			}
			cancel()
			assert.NotZero(t, failed, "%s: it must not look like the end", name)
			assert.Equal(t, taken, yielded, name)
		}
	}
}

// The function that docs/bulk-writes.md shows does not take the end of a client for that
// of the deals.
func TestWinAllOfAClientThatIsClosed(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("crm.deal.update", func(b24test.Request) (any, error) { return true, h.Close() })

	uncertain, err := winAll(t.Context(), h, make([]int, 500))

	require.ErrorContains(t, err, "400 deals were not sent")
	assert.Empty(t, uncertain)
}

// Parameters are taken as they are when the command is.
func TestStreamOfParametersThatAreUsedAgain(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	params, i := b24.Params{}, 0
	commands := func(yield func(b24.Command) bool) {
		for n := range 230 {
			if params["v"] = n; !yield(b24.Command{Method: "echo", Params: params}) {
				return
			}
		}
	}
	for r, err := range b24.StreamBatch(t.Context(), h, commands, b24.WithConcurrency(3)) {
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(strconv.Itoa(i)), string(r.Raw()))
		i++
	}
	assert.Equal(t, 230, i)
}

// One command that cannot be sent is one failure, whatever is wrong with it; names mean
// nothing here.
func TestStreamOfCommandsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(120)
	calls[3].Name, calls[9].Name = "x", "x"
	calls[10].Name = "a\xff"
	calls[70].Params = json.RawMessage(`{"v":"\ud800"}`)
	calls[71].Params = json.RawMessage(`{"v":`)
	calls[72].Method = "batch"
	failed, reasons := 0, []string{}
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls), b24.WithHaltOnError(false)) {
		assert.Equal(t, err, r.Err())
		if err != nil {
			require.ErrorIs(t, err, b24.ErrInvalidParams)
			reasons = append(reasons, err.Error())
			failed++
		}
	}
	assert.Equal(t, 3, failed)
	assert.Contains(t, reasons[1], "unexpected EOF", "its own reason, not that of what became of it")
	assert.Equal(t, 117, p.Executed("echo"))
	require.NoError(t, h.Close())
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(1))) {
		require.ErrorIs(t, err, b24.ErrClosed)
		require.ErrorIs(t, r.Err(), b24.ErrClosed)
		_, err = r.FetchNext(t.Context())
		require.ErrorIs(t, err, b24.ErrNoMorePages)
	}
}

// The batches of a stream find their size as chunks do.
func TestStreamShrinksWhereThePortalIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(time.Second))
		echo(p)
		for _, err := range b24.StreamBatch(t.Context(), newHook(t, p), slices.Values(echoes(300))) {
			require.NoError(t, err)
		}
		var sizes []int
		for _, r := range p.HTTPRequests() {
			sizes = append(sizes, strings.Count(string(r.RawBody), "echo?"))
		}
		assert.Equal(t, 50, sizes[0])
		assert.Equal(t, 25, sizes[1])
	})
}

// Batches of a stream that break the portal's time limit are lost, and those after them fit.
func TestStreamFindsTheSizeThatFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(1300*time.Millisecond), b24test.WithTimeLimit(time.Minute))
		answers(p, writes, 1)
		calls := slices.Repeat(b24.Commands{{Method: writes}}, 500)
		lost := 0
		for _, err := range b24.StreamBatch(t.Context(), newHook(t, p), slices.Values(calls), b24.WithHaltOnError(false)) {
			if err != nil {
				assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
				lost++
			}
		}
		assert.Equal(t, 50, lost, "no more than the batch that was sent first")
	})
}

// Progress counts each batch once, in the order in which they are yielded.
func TestProgressOfAStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if r.Params["v"] == "0" {
				time.Sleep(time.Second) // the others are done before the first
			}
			return 1, nil
		})
		var told []b24.Progress
		note := b24.WithProgress(func(p b24.Progress) { told = append(told, p) })
		for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(120)), b24.WithConcurrency(3), note) {
			require.NoError(t, err)
		}
		assert.Equal(t, []b24.Progress{{Done: 50, Total: -1}, {Done: 100, Total: -1}, {Done: 120, Total: -1}}, told)
	})
}

// Leaving the loop ends what is under way, and waits for no answer.
func TestStreamThatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n >= 50 {
				<-r.Context().Done() // all batches but the first
			}
			return 1, nil
		})
		started := time.Now()
		for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(200)), b24.WithConcurrency(2)) {
			break
		}
		assert.Zero(t, time.Since(started))
	})
}

// However slow the portal is, each command is sent.
func TestStreamShrinksToSingleCommands(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	body(p, "batch", http.StatusOK, `{"result":{"result":[]},"time":{"duration":30}}`)
	yielded := 0
	for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(105)), b24.WithHaltOnError(false)) {
		yielded++
	}
	assert.Equal(t, 105, yielded)
	assert.Equal(t, 5+105-50-25-12-6-3, p.Calls("batch"))
}

// slowToEnd is a transport that heeds the end of a context late.
type slowToEnd struct{ running atomic.Int64 }

func (s *slowToEnd) RoundTrip(r *http.Request) (*http.Response, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	<-r.Context().Done()
	time.Sleep(time.Second)
	return nil, r.Context().Err()
}

// Nothing runs on behind the back of who left the loop.
func TestStreamThatIsLeftRunsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var slow slowToEnd
		p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
		h := newHook(t, p, b24.WithHTTPClient(&http.Client{Transport: &slow}))
		refused := slices.Repeat(b24.Commands{{Method: "batch"}}, 50) // these end at once
		for range b24.StreamBatch(t.Context(), h, slices.Values(append(refused, echoes(50)...)), b24.WithConcurrency(2), b24.WithHaltOnError(false)) {
			synctest.Wait()
			assert.EqualValues(t, 1, slow.running.Load())
			break
		}
		assert.Zero(t, slow.running.Load())
	})
}

// While the first batch takes long, a few others may be done, and no more.
func TestStreamWaitsForItsFirstBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		var taken, ahead atomic.Int64
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if fmt.Sprint(r.Params["v"]) == "0" {
				time.Sleep(time.Minute)
				ahead.Store(taken.Load())
			}
			return 1, nil
		})
		cmds := func(yield func(b24.Command) bool) {
			for _, command := range echoes(1000) {
				if taken.Add(1); !yield(command) {
					return
				}
			}
		}
		for _, err := range b24.StreamBatch(t.Context(), h, cmds, b24.WithConcurrency(2)) {
			require.NoError(t, err)
		}
		assert.EqualValues(t, 400, ahead.Load()) // 4 batches for each of the 2
		assert.EqualValues(t, 1000, taken.Load())
	})
}
