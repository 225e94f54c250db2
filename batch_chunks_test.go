package b24_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestChunks(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 4} {
		p, h := newPortal(t)
		echo(p)
		var told []b24.Progress
		r, err := h.CallBatchByChunk(t.Context(), echoes(150), b24.WithConcurrency(workers),
			b24.WithProgress(func(p b24.Progress) { told = append(told, p) }))
		require.NoError(t, err)
		require.Equal(t, 150, r.Len())
		for i := range 150 {
			assert.Equal(t, strconv.Quote(strconv.Itoa(i)), string(r.At(i).Raw()))
		}
		assert.Equal(t, 3, p.Calls("batch"))
		assert.Equal(t, []b24.Progress{{Done: 50, Total: 150}, {Done: 100, Total: 150}, {Done: 150, Total: 150}}, told)
	}
}

func TestChunksAndFailures(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	r, err := h.CallBatchByChunk(t.Context(), echoes(150, 60, 120), b24.WithHaltOnError(false))
	var be *b24.BatchError
	require.ErrorAs(t, err, &be)
	require.Len(t, be.Failed, 2)
	assert.Equal(t, []int{60, 120}, []int{be.Failed[0].Index, be.Failed[1].Index})
	assert.True(t, r.At(149).IsSuccess())

	r, err = h.CallBatchByChunk(t.Context(), echoes(150, 60))
	require.ErrorAs(t, err, &be)
	assert.Len(t, be.NotExecuted, 89)
	require.ErrorIs(t, r.At(149).Err(), b24.ErrNotExecuted)
	assert.Equal(t, 5, p.Calls("batch"))

	p.Fault("batch", b24test.Pass(), b24test.ResetAfter())
	r, err = h.CallBatchByChunk(t.Context(), echoes(150))
	require.ErrorAs(t, err, &be)
	assert.Len(t, be.Failed, 50)
	assert.True(t, r.At(49).IsSuccess())
	assert.True(t, b24.MayHaveExecuted(r.At(50).Err()))
	require.ErrorIs(t, r.At(100).Err(), b24.ErrNotExecuted)
}

func TestChainsAreNeverSplit(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	var b b24.Batch
	var ends []*b24.Pending[b24.ID]
	for range 40 { // chains of three do not fit into 50 evenly
		one := b.Add("echo", b24.Params{"v": "5"})
		two := b.Add("echo", b24.Params{"v": one.Ref()})
		ends = append(ends, b24.Queue[b24.ID](&b, "echo", b24.Params{"v": two.Ref()}))
	}
	_, err := h.CallBatchByChunk(t.Context(), &b, b24.WithConcurrency(3))
	require.NoError(t, err)
	assert.Equal(t, 3, p.Calls("batch"))
	for _, end := range ends {
		id, err := end.Get()
		require.NoError(t, err)
		assert.Equal(t, b24.ID("5"), id)
	}

	var long b24.Batch
	first := long.Add("echo", b24.Params{"v": 1})
	for range 49 {
		long.Add("echo", b24.Params{"v": 1})
	}
	long.Add("echo", b24.Params{"v": first.Ref()})
	_, err = h.CallBatchByChunk(t.Context(), &long)
	require.ErrorIs(t, err, b24.ErrBatchTooLong)
	_, err = h.CallBatchByChunk(t.Context(), &long, b24.WithSingleCalls(), b24.WithConcurrency(4))
	require.NoError(t, err) // there is no batch to be too long for
}

func TestChunksShrinkWhereThePortalIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(time.Second))
		echo(p)
		r, err := newHook(t, p).CallBatchByChunk(t.Context(), echoes(200))
		require.NoError(t, err)
		assert.Equal(t, 200, r.Len())
		assert.Equal(t, 200, p.Executed("echo"))
		assert.Greater(t, p.Calls("batch"), 4)
	})
}

func TestChunksOfAnyNumber(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	r, err := h.CallBatchByChunk(t.Context(), b24.Commands{})
	require.NoError(t, err)
	assert.Zero(t, r.Len())
	assert.Empty(t, p.Requests())

	r, err = h.CallBatchByChunk(t.Context(), echoes(60))
	require.NoError(t, err)
	assert.Equal(t, 60, r.Len())
	assert.Len(t, p.HTTPRequests(), 2)

	named := b24.NamedCommands{}
	for i := range 120 {
		named["n"+strconv.Itoa(i)] = b24.Command{Method: "echo", Params: b24.Params{"v": i}}
	}
	r, err = h.CallBatchByChunk(t.Context(), named)
	require.NoError(t, err)
	for name, row := range r.All() {
		assert.Equal(t, strconv.Quote(name[1:]), string(row.Raw()))
	}
}

// The last request may be a call of its own.
func TestTimeOfSingleCalls(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)

	r, err := h.CallBatchByChunk(t.Context(), echoes(2), b24.WithSingleCalls())

	require.NoError(t, err)
	assert.NotZero(t, r.Time())
	assert.Equal(t, r.At(1).Time(), r.Time())
}

// To ask for each of many commands by its name goes over them once.
func TestGetOfManyNames(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts those of the whole process
	const n = 1000
	p, h := newPortal(t)
	echo(p)
	r, err := h.CallBatchByChunk(t.Context(), echoes(n))
	require.NoError(t, err)
	last, ok := r.Get(strconv.Itoa(n - 1))
	require.True(t, ok)
	assert.Same(t, r.At(n-1), last)

	allocs := testing.AllocsPerRun(10, func() { _, ok = r.Get("999") })

	assert.True(t, ok)
	assert.Less(t, allocs, 10.0)
}

// A chunk that was slow tells of its own size, not of what came to be since it was sent:
// many at once shrink no further than one would, and do not grow back into the portal's
// time limit.
func TestChunksFindTheSizeThatFits(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 6} {
		synctest.Test(t, func(t *testing.T) {
			p := b24test.NewPortal(t, b24test.WithLatency(1300*time.Millisecond), b24test.WithTimeLimit(time.Minute))
			answers(p, writes, 1)
			calls := slices.Repeat(b24.Commands{{Method: writes}}, 3000)
			r, err := newHook(t, p).CallBatchByChunk(t.Context(), calls, b24.WithConcurrency(workers), b24.WithHaltOnError(false))
			require.Error(t, err)
			lost := 0
			for _, row := range r.All() {
				if !row.IsSuccess() {
					lost++
				}
			}
			assert.Equal(t, 50*workers, lost, "no more than the batches that were sent first")
		})
	}
}

// Once the portal is quick again, chunks are whole again.
func TestChunksGrowAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		slow := 100 // the first commands
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if slow--; slow >= 0 {
				time.Sleep(700 * time.Millisecond)
			}
			return r.Params["v"], nil
		})
		_, err := h.CallBatchByChunk(t.Context(), echoes(1000))
		require.NoError(t, err)
		var sizes []int
		for _, r := range p.HTTPRequests() {
			sizes = append(sizes, strings.Count(string(r.RawBody), "echo?"))
		}
		assert.Equal(t, 50, sizes[0])
		assert.Less(t, slices.Min(sizes[1:5]), 50)
		assert.Equal(t, 50, sizes[len(sizes)-2])
	})
}

// A batch that a command cut in two took as long as its longest part.
func TestSizeOfACutChunk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(1200*time.Millisecond))
		echo(p)
		calls := echoes(400)
		for i := 45; i < len(calls); i += 50 {
			calls[i].Params = b24.Params{"v": nil} // goes alone
		}
		_, err := newHook(t, p).CallBatchByChunk(t.Context(), calls)
		require.NoError(t, err)
		slow := 0
		for _, r := range p.HTTPRequests() {
			if strings.Count(string(r.RawBody), "echo?") > 25 {
				slow++
			}
		}
		assert.Equal(t, 1, slow)
	})
}

// A slow chunk does not hold up the others: what they do together takes no longer than
// their work.
func TestChunksDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(ctx context.Context, h *b24.Hook, calls b24.Commands) error{
		"chunks": func(ctx context.Context, h *b24.Hook, calls b24.Commands) error {
			_, err := h.CallBatchByChunk(ctx, calls, b24.WithConcurrency(4))
			return err
		},
		"stream": func(ctx context.Context, h *b24.Hook, calls b24.Commands) error {
			for _, err := range b24.StreamBatch(ctx, h, slices.Values(calls), b24.WithConcurrency(4)) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			var mu sync.Mutex
			var work time.Duration
			p.Handle("echo", func(r b24test.Request) (any, error) {
				d := 20 * time.Millisecond
				if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n/50%4 == 0 {
					d *= 8 // 8 s a chunk, less than what makes them shrink
				}
				mu.Lock()
				work += d
				mu.Unlock()
				time.Sleep(d)
				return 1, nil
			})
			started := time.Now()
			require.NoError(t, send(t.Context(), h, echoes(4000)))
			assert.LessOrEqual(t, time.Since(started), work/4+8*time.Second, name) // the last chunk may begin last
		})
	}
}

// Each request has an id of its own, derived from the caller's.
func TestRequestIDsOfChunks(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(150)
	calls[60].Params = b24.Params{"v": nil} // goes alone
	_, err := h.CallBatchByChunk(t.Context(), calls, b24.WithRequestID("chunks"), b24.WithConcurrency(3))
	require.NoError(t, err)
	for range b24.StreamBatch(t.Context(), h, slices.Values(calls), b24.WithRequestID("stream"), b24.WithConcurrency(3)) {
		continue
	}
	var ids []string
	for _, r := range p.HTTPRequests() {
		id := r.Header.Get("X-Request-Id")
		assert.True(t, strings.HasPrefix(id, "chunks") || strings.HasPrefix(id, "stream"), id)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	assert.Len(t, slices.Compact(ids), 10, "%v", ids)
	assert.Contains(t, ids, "chunks")
	assert.Contains(t, ids, "stream")
}

// A batch that was under way when another one failed, and ends well later, starts no further ones.
func TestHaltHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		echo(p)
		p.Fault("echo", b24test.Delay(100*time.Millisecond).Always())

		r, err := h.CallBatchByChunk(t.Context(), echoes(300, 0), b24.WithConcurrency(2))

		require.ErrorIs(t, err, b24.Code("BAD"))
		assert.Equal(t, 2, p.Calls("batch"))
		assert.Equal(t, 50, p.Executed("echo"))
		require.NoError(t, r.At(99).Err())
		require.ErrorIs(t, r.At(100).Err(), b24.ErrNotExecuted)
	})
}

// WithHaltOnError(false) goes on with all that does not refer to what failed, in as many
// requests as that takes.
func TestOtherChainsGoOn(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(h *b24.Hook, b *b24.Batch) (*b24.BatchResult, error){
		"one batch": func(h *b24.Hook, b *b24.Batch) (*b24.BatchResult, error) {
			return h.CallBatch(t.Context(), b, b24.WithHaltOnError(false))
		},
		"chunks": func(h *b24.Hook, b *b24.Batch) (*b24.BatchResult, error) {
			return h.CallBatchByChunk(t.Context(), b, b24.WithHaltOnError(false), b24.WithConcurrency(2))
		},
	} {
		p, h := newPortal(t)
		echo(p)
		var b b24.Batch
		for i := range 24 {
			first := b.Add([]string{"echo", "bad"}[i%3/2], b24.Params{"v": i}) // each third one fails
			b.Add("echo", b24.Params{"v": first.Ref()})
		}
		r, err := send(h, &b)
		require.ErrorIs(t, err, b24.Code("BAD"), name)
		for i := range 24 {
			first, second := r.At(2*i), r.At(2*i+1)
			if i%3 == 2 {
				require.ErrorIs(t, first.Err(), b24.Code("BAD"), name)
				require.ErrorIs(t, second.Err(), b24.ErrNotExecuted, name)
				assert.False(t, b24.MayHaveExecuted(second.Err()))
				continue
			}
			require.NoError(t, second.Err(), name)
			assert.Equal(t, strconv.Quote(strconv.Itoa(i)), string(second.Raw()), name)
		}
		assert.Equal(t, 32, p.Executed("echo"), name)
	}
}

// The end of the context and Close end what is under way, and no further chunk is sent.
func TestChunksEndWithContextAndClose(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"context": context.Canceled, "close": b24.ErrClosed} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			ctx, cancel := context.WithCancel(t.Context())
			p.Handle("echo", func(r b24test.Request) (any, error) {
				switch n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); {
				case n >= 150:
					<-r.Context().Done() // no batch gets ahead of the one that ends it
				case n == 120:
					if name == "close" {
						_ = h.Close()
					}
					cancel()
				}
				return r.Params["v"], nil
			})
			r, err := h.CallBatchByChunk(ctx, echoes(1000), b24.WithConcurrency(2), b24.WithHaltOnError(false))
			require.ErrorIs(t, err, want, name)
			assert.LessOrEqual(t, p.Calls("batch"), 4, name)
			assert.False(t, b24.MayHaveExecuted(r.At(999).Err()), name)
		})
	}
}

// A panic of the caller's code reaches the caller, whichever goroutine it came up in, and
// waits for nothing.
func TestPanicsReachTheCaller(t *testing.T) {
	t.Parallel()
	stuck := func(p *b24test.Portal) {
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n >= 50 {
				<-r.Context().Done()
			}
			return 1, nil
		})
	}
	for name, run := range map[string]func(ctx context.Context, h *b24.Hook, p *b24test.Portal){
		"loop": func(ctx context.Context, h *b24.Hook, _ *b24test.Portal) {
			for range b24.StreamBatch(ctx, h, slices.Values(echoes(200)), b24.WithConcurrency(2)) {
				panic("mine")
			}
		},
		"iterator": func(ctx context.Context, h *b24.Hook, _ *b24test.Portal) {
			n := 0
			for range b24.StreamBatch(ctx, h, func(yield func(b24.Command) bool) {
				for yield(b24.Command{Method: "echo", Params: b24.Params{"v": n}}) {
					if n++; n == 130 {
						panic("mine")
					}
				}
			}, b24.WithConcurrency(2)) {
				continue
			}
		},
		"encoding": func(ctx context.Context, h *b24.Hook, _ *b24test.Portal) {
			for range b24.StreamBatch(ctx, h, slices.Values(b24.Commands{{Method: "echo", Params: buggy{}}})) {
				continue
			}
		},
		"progress": func(ctx context.Context, h *b24.Hook, _ *b24test.Portal) {
			_, _ = h.CallBatchByChunk(ctx, echoes(200), b24.WithConcurrency(2), b24.WithProgress(func(b24.Progress) { panic("mine") }))
		},
		"transport": func(ctx context.Context, _ *b24.Hook, p *b24test.Portal) {
			h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(&http.Client{Transport: buggy{}}))
			require.NoError(t, err)
			_, _ = h.CallBatchByChunk(ctx, echoes(200), b24.WithConcurrency(2))
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			stuck(p)
			started := time.Now()
			assert.PanicsWithValue(t, "mine", func() { run(t.Context(), h, p) }, name)
			assert.Zero(t, time.Since(started), name)
		})
	}
}

// The end of a goroutine by runtime.Goexit, which is what a test's FailNow does, waits for
// nothing either.
func TestGoexitEndsAStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n >= 50 {
				<-r.Context().Done()
			}
			return 1, nil
		})
		started, ended := time.Now(), make(chan struct{})
		go func() {
			defer close(ended)
			for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(200)), b24.WithConcurrency(2)) {
				runtime.Goexit()
			}
		}()
		<-ended
		assert.Zero(t, time.Since(started))
	})
}

// buggy is a caller's code with a bug.
type buggy struct{}

func (buggy) MarshalJSON() ([]byte, error) { panic("mine") }

func (buggy) RoundTrip(*http.Request) (*http.Response, error) { panic("mine") }

// Whatever happens, and in whatever way commands hang together: what is said of each is
// true, and none runs twice.
func TestChunksTellTheTruth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(size(60, 300, 3000)) {
		synctest.Test(t, func(t *testing.T) { tellTheTruth(t, seed) })
	}
}

// notebook is a method that notes what is written, and ends the caller's patience at some
// time.
type notebook struct {
	mu     sync.Mutex
	writes map[int]int
	refs   map[int]string
	total  int
	end    func(total int)
}

func (n *notebook) handle(r b24test.Request) (any, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, _ := strconv.Atoi(fmt.Sprint(r.Params["id"]))
	if id%29 == 28 {
		return nil, &b24.Error{Code: "BAD", Description: "no"}
	}
	n.total++
	n.end(n.total)
	n.writes[id]++
	if ref, ok := r.Params["ref"]; ok {
		n.refs[id] = fmt.Sprint(ref)
	}
	return b24.Params{"me": id}, nil
}

func tellTheTruth(t *testing.T, seed uint64) {
	t.Helper()
	const n = 160
	rnd := rand.New(rand.NewPCG(seed, 5))
	p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 200}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	book := notebook{writes: map[int]int{}, refs: map[int]string{}, end: ending(rnd, h, cancel)}
	p.Handle(writes, book.handle)
	for range 30 {
		p.Fault("batch", pick(rnd, b24test.QueryLimitExceeded(), b24test.ResetBefore(), b24test.ResetAfter(), b24test.HTML(502), b24test.CutBody(40)))
	}
	for range 300 {
		p.Fault(writes, pick(rnd, b24test.OperationTimeLimit(), b24test.QueryLimitExceeded(), b24test.Omit(), b24test.ResetAfter()))
	}
	var b b24.Batch
	pending, refs := make([]*b24.Pending[int], n), map[int]int{}
	for i := range n {
		params := b24.Params{"id": i}
		if i%5 > 0 && rnd.IntN(3) == 0 && seed%2 == 0 {
			refs[i] = i - 1 - rnd.IntN(i%5)
			params["ref"] = pending[refs[i]].Ref("me")
		}
		if rnd.IntN(20) == 0 {
			params["none"] = nil // goes alone
		}
		pending[i] = b24.Queue[int](&b, writes, params, "me")
	}

	_, err := h.CallBatchByChunk(ctx, &b, b24.WithHaltOnError(rnd.IntN(3) == 0), b24.WithConcurrency(1+rnd.IntN(3)))

	book.mu.Lock()
	defer book.mu.Unlock()
	for i := range n {
		_, got := pending[i].Get()
		at := fmt.Sprintf("seed %d, command %d: %v", seed, i, got)
		switch {
		case got == nil:
			require.Equal(t, 1, book.writes[i], at)
			if to, ok := refs[i]; ok {
				require.Equal(t, strconv.Itoa(to), book.refs[i], at)
			}
		case b24.MayHaveExecuted(got):
			require.LessOrEqual(t, book.writes[i], 1, at)
		default:
			require.Zero(t, book.writes[i], at)
		}
	}
	if err == nil {
		require.Len(t, book.writes, n)
	}
}

// ending ends the context or the client at some write, or never.
func ending(rnd *rand.Rand, h *b24.Hook, cancel func()) func(total int) {
	at, closes := rnd.IntN(300), rnd.IntN(2) == 0
	return func(total int) {
		switch {
		case total != at:
		case closes:
			_ = h.Close()
		default:
			cancel()
		}
	}
}

// 51 commands, two chunks at once; the last refers to the one before it: they must go together.
func TestChunksAreCutBeforeWhatIsReferredTo(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 3, func(int) b24.Params { return b24.Params{"TITLE": "x"} })
	var b b24.Batch
	for range 49 {
		b.Add("crm.deal.get", b24.Params{"id": 1})
	}
	first := b.Add("crm.deal.get", b24.Params{"id": 2})
	last := b24.Queue[b24.ID](&b, "crm.deal.get", b24.Params{"id": first.Ref("ID")}, "ID")
	_, err := h.CallBatchByChunk(t.Context(), &b, b24.WithConcurrency(2))
	require.NoError(t, err)
	id, err := last.Get()
	require.NoError(t, err)
	assert.Equal(t, "2", id.String())
}
