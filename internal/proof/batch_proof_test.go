package proof_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// ledger is a method that writes: it counts how often each id was written, and
// refuses one in a hundred.
type ledger struct {
	mu     sync.Mutex
	writes map[string]int
}

func (l *ledger) handle(r b24test.Request) (any, error) {
	id := fmt.Sprint(r.Params["id"])
	if n, err := strconv.Atoi(id); err != nil || n%100 == 42 {
		return nil, &b24.Error{Code: "BAD", Description: "no"}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes[id]++
	return id, nil
}

func (l *ledger) written(id int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes[strconv.Itoa(id)]
}

// Whatever happens to batches and to single commands of them, each command is
// reported once at its position, and what is said of it is true.
func TestTenThousandCommandsUnderFire(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 6} {
		synctest.Test(t, func(t *testing.T) {
			const n = 10_000
			rnd := rand.New(rand.NewPCG(4, uint64(workers)))
			p, h := newPortal(t)
			l := ledger{writes: map[string]int{}}
			p.Handle(writes, l.handle)
			for range 300 {
				p.Fault("batch", pick(rnd, b24test.QueryLimitExceeded(), b24test.ResetBefore(), b24test.ResetAfter(), b24test.HTML(502), b24test.CutBody(40)))
			}
			for range 2000 {
				p.Fault(writes, pick(rnd, b24test.OperationTimeLimit(), b24test.QueryLimitExceeded()))
			}
			commands := make([]b24.Command, n)
			for i := range commands {
				commands[i] = b24.Command{Method: writes, Params: b24.Params{"id": i}}
			}
			i, well := 0, 0
			for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(commands), b24.WithHaltOnError(false), b24.WithConcurrency(workers)) {
				written := l.written(i)
				switch {
				case err == nil:
					well++
					require.Equal(t, strconv.Quote(strconv.Itoa(i)), string(r.Raw()))
					require.Equal(t, 1, written, i)
				case b24.MayHaveExecuted(err):
					require.LessOrEqual(t, written, 1, i)
				default:
					require.Zero(t, written, "%d: %v", i, err)
				}
				i++
			}
			assert.Equal(t, n, i)
			assert.Greater(t, well, n*8/10)
		})
	}
}

// pick returns one of the faults, or none.
func pick(rnd *rand.Rand, faults ...b24test.Fault) b24test.Fault {
	if rnd.IntN(10) > 0 {
		return b24test.Pass()
	}
	return faults[rnd.IntN(len(faults))]
}

func TestTenThousandUpdatesTakeTwoHundredRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, perSecond, burst = 10_000, 2, 50
		p := b24test.NewPortal(t, b24test.WithQueryLimit(perSecond, burst), b24test.WithLatency(20*time.Millisecond))
		answers(p, writes, 1)
		commands := make(b24.Commands, n)
		for i := range commands {
			commands[i] = b24.Command{Method: writes, Params: b24.Params{"id": i}}
		}
		h := newHook(t, p, b24.WithPlan(b24.PlanStandard))
		started := time.Now()

		_, err := h.CallBatchByChunk(t.Context(), commands, b24.WithConcurrency(4))

		require.NoError(t, err)
		assert.Len(t, p.HTTPRequests(), n/50)
		assert.Zero(t, p.Refusals())
		bound := time.Duration(float64(n/50-burst) / perSecond * float64(time.Second)) // the portal's work takes less: 200 s by four
		assert.LessOrEqual(t, time.Since(started), bound*105/100)
	})
}

// invented makes parameters of any shape.
func invented(rnd *rand.Rand, depth int) any {
	texts := []string{"", "a", "ä ö", "a&b=c", "x+y", "#1", "a[b]", "%41", "\r\n\t", "$result[a][b]", "$result", "see $TOTAL[x]", "\u2028", "1", "Y", "\"'<>\\"}
	switch kind := rnd.IntN(9); {
	case kind == 0 && depth > 0:
		list := make([]any, rnd.IntN(4))
		for i := range list {
			list[i] = invented(rnd, depth-1)
		}
		return list
	case kind <= 2 && depth > 0:
		fields := b24.Ordered{}
		for i := range rnd.IntN(4) {
			fields = append(fields, b24.KV(fmt.Sprint([]string{"F", "a b", ">ID", "UF.X", "x]y", "0", "кл"}[rnd.IntN(7)], i), invented(rnd, depth-1)))
		}
		return fields
	case kind == 3:
		return json.Number(strconv.FormatUint(rnd.Uint64(), 10))
	case kind == 4 && rnd.IntN(4) == 0:
		return rnd.IntN(2) == 0
	case kind == 5:
		return rnd.NormFloat64()
	case kind == 6 && rnd.IntN(4) == 0:
		return nil
	default:
		return texts[rnd.IntN(len(texts))] + texts[rnd.IntN(len(texts))]
	}
}

// asText is a value as PHP has it from a query string.
func asText(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			v[key] = asText(inner)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = asText(inner)
		}
		return v
	case json.Number:
		return v.String()
	default:
		return v
	}
}

// What a command carries is what a single call carries, or it is refused.
func TestBatchCarriesWhatACallCarries(t *testing.T) {
	t.Parallel()
	carried := 0
	n := size(600, 3000, 30_000)
	for seed := range uint64(n) {
		if carriesTheSame(t, seed) {
			carried++
		}
	}
	assert.Greater(t, carried, n/3)
}

func carriesTheSame(t *testing.T, seed uint64) bool {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 11))
	p, h := newPortal(t)
	defer p.Close()
	defer h.Close()
	var got []map[string]any
	p.Handle("echo", func(r b24test.Request) (any, error) {
		got = append(got, map[string]any{"v": r.Params["v"], "w": r.Params["w"]}) // without what the address says of the client
		return 1, nil
	})
	params := b24.Params{"v": invented(rnd, 3), "w": invented(rnd, 3)}
	if _, err := h.CallMethod(t.Context(), "echo", params); err != nil {
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		return false
	}
	_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "echo", Params: params}})
	if errors.Is(err, b24.ErrInvalidParams) {
		require.Len(t, got, 1)
		return false
	}
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, asText(got[0]), any(got[1]), "seed %d", seed)
	return true
}

func FuzzBatchCarriesWhatACallCarries(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { carriesTheSame(t, seed) })
}
