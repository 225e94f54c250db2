package b24_test

import (
	"context"
	"errors"
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

// echo makes the method "echo" answer with its parameter v, and "bad" fail.
func echo(p *b24test.Portal) {
	p.Handle("echo", func(r b24test.Request) (any, error) { return r.Params["v"], nil })
	p.Handle("bad", func(b24test.Request) (any, error) {
		return nil, &b24.Error{Code: "BAD", Description: "no"}
	})
}

// echoes are n commands, of which the failing ones fail.
func echoes(n int, failing ...int) b24.Commands {
	list := make(b24.Commands, n)
	for i := range list {
		list[i] = b24.Command{Method: "echo", Params: b24.Params{"v": i}}
	}
	for _, i := range failing {
		list[i].Method = "bad"
	}
	return list
}

func TestBatchOfTypedCommands(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Seed("crm.company")
	var b b24.Batch
	company := b24.Queue[b24.ID](&b, "crm.company.add", b24.Params{"fields": b24.Params{"TITLE": "Acme & Söhne #1"}})
	contact := b24.Queue[b24.ID](&b, "crm.contact.add", b24.Params{"fields": b24.Params{"NAME": "Ann", "COMPANY_ID": company.Ref()}})
	deal := b24.Queue[b24.ID](&b, "crm.deal.add", b24.Params{"fields": b24.Params{
		"TITLE": "First", "COMPANY_ID": company.Ref(), "CONTACT_ID": contact.Ref(),
	}})
	title := b24.Queue[string](&b, "crm.company.get", b24.Params{"id": company.Ref()}, "TITLE")
	_, err := title.Get()
	require.ErrorIs(t, err, b24.ErrNotExecuted)
	assert.Nil(t, title.Result())

	_, err = h.CallBatch(t.Context(), &b)

	require.NoError(t, err)
	assert.Len(t, p.HTTPRequests(), 1)
	id, err := deal.Get()
	require.NoError(t, err)
	got, err := b24.Call[map[string]any](t.Context(), h, "crm.deal.get", b24.Params{"id": id})
	require.NoError(t, err)
	companyID, err := company.Get()
	require.NoError(t, err)
	assert.Equal(t, string(companyID), got["COMPANY_ID"])
	text, err := title.Get()
	require.NoError(t, err)
	assert.Equal(t, "Acme & Söhne #1", text)

	_, err = h.CallBatch(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrBatchSent)
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
}

func TestReferenceThatLeadsNowhere(t *testing.T) { // trap 11
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	p.Handle("found", func(b24test.Request) (any, error) { return []b24.Params{{"ID": "7"}}, nil })
	var b b24.Batch
	found := b.Add("found", nil)
	right := b.Add("echo", b24.Params{"v": found.Ref(0, "ID")})
	wrong := b.Add("echo", b24.Params{"v": found.Ref(49, "ID")})

	_, err := h.CallBatch(t.Context(), &b)

	require.ErrorIs(t, err, b24.ErrReference)
	assert.True(t, b24.MayHaveExecuted(err))
	_, err = wrong.Get()
	require.ErrorIs(t, err, b24.ErrReference)
	v, err := right.Get()
	require.NoError(t, err)
	assert.JSONEq(t, `"7"`, string(v))
}

// Trap 10: a chain halts whatever the caller says.
func TestChainHalts(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	var b b24.Batch
	first := b.Add("bad", nil)
	b.Add("echo", b24.Params{"v": first.Ref()})
	r, err := h.CallBatch(t.Context(), &b, b24.WithHaltOnError(false))
	require.ErrorIs(t, err, b24.Code("BAD"))
	require.ErrorIs(t, r.At(1).Err(), b24.ErrNotExecuted)
	assert.Zero(t, p.Executed("echo"))
}

// Traps 9, 21: limits on rows are waited out, and only what did not run is sent
// again.
func TestLimitsOnCommandsAreWaitedOut(t *testing.T) { // acceptance 196
	t.Parallel()
	for name, halt := range map[string]bool{"halt": true, "go on": false} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			echo(p)
			p.Fault("echo", b24test.Pass(), b24test.Pass(), b24test.OperationTimeLimit(), b24test.Pass(), b24test.QueryLimitExceeded())

			r, err := h.CallBatch(t.Context(), echoes(5), b24.WithHaltOnError(halt))

			require.NoError(t, err, name)
			for i := range 5 {
				assert.Equal(t, strconv.Quote(strconv.Itoa(i)), string(r.At(i).Raw()), name)
			}
			assert.Equal(t, 5, p.Executed("echo"), name)
		})
	}
}

func TestChainThatALimitCutGoesOnWithItsValues(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		echo(p)
		p.Handle("make", func(b24test.Request) (any, error) { return b24.Params{"id": 41}, nil })
		p.Fault("echo", b24test.OperationTimeLimit())
		var b b24.Batch
		made := b.Add("make", nil)
		seen := b24.Queue[b24.ID](&b, "echo", b24.Params{"v": made.Ref("id")})
		again := b24.Queue[b24.ID](&b, "echo", b24.Params{"v": seen.Ref()})

		_, err := h.CallBatch(t.Context(), &b)

		require.NoError(t, err)
		assert.Equal(t, 1, p.Executed("make"))
		for _, pending := range []*b24.Pending[b24.ID]{seen, again} {
			id, err := pending.Get()
			require.NoError(t, err)
			assert.Equal(t, b24.ID("41"), id)
		}
	})
}

func TestLimitsOnCommandsComeToAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 2}))
		echo(p)
		for range 9 {
			p.Fault("echo", b24test.OperationTimeLimit())
		}
		_, err := h.CallBatch(t.Context(), echoes(2))
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
		assert.Zero(t, p.Executed("echo"))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = h.CallBatch(ctx, echoes(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	})
}

// A batch whose answer is lost is repeated only if it only reads.
func TestBatchOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method string
		opts   []b24.CallOption
		sent   int
	}{
		"reads":   {reads, nil, 2},
		"writes":  {writes, nil, 1},
		"vouched": {writes, []b24.CallOption{b24.WithIdempotent()}, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			answers(p, test.method, 1)
			p.Fault("batch", b24test.ResetAfter())
			r, err := h.CallBatch(t.Context(), b24.Commands{{Method: reads}, {Method: test.method}}, append(test.opts, b24.WithHaltOnError(false))...)
			assert.Equal(t, test.sent, p.Calls("batch"), name)
			require.Equal(t, 2, r.Len(), name)
			if test.sent == 1 {
				for i := range 2 {
					assert.True(t, b24.MayHaveExecuted(r.At(i).Err()), name)
				}
				assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), name)
			}
		})
	}
}

func TestChunks(t *testing.T) { // acceptance 198, 206
	t.Parallel()
	for _, workers := range []int{1, 4} {
		p, h := newPortal(t)
		echo(p)
		var told []b24.Progress
		r, err := h.CallBatchByChunk(t.Context(), echoes(150), b24.WithConcurrency(workers),
			b24.WithProgress(func(p b24.Progress) { told = append(told, p) })) // acceptance 233
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
	r, err := h.CallBatchByChunk(t.Context(), echoes(150, 60, 120), b24.WithHaltOnError(false)) // acceptance 201, 203
	var be *b24.BatchError
	require.ErrorAs(t, err, &be)
	require.Len(t, be.Failed, 2)
	assert.Equal(t, []int{60, 120}, []int{be.Failed[0].Index, be.Failed[1].Index})
	assert.True(t, r.At(149).IsSuccess())

	r, err = h.CallBatchByChunk(t.Context(), echoes(150, 60)) // acceptance 202
	require.ErrorAs(t, err, &be)
	assert.Len(t, be.NotExecuted, 89)
	require.ErrorIs(t, r.At(149).Err(), b24.ErrNotExecuted)
	assert.Equal(t, 5, p.Calls("batch"))

	p.Fault("batch", b24test.Pass(), b24test.ResetAfter()) // acceptance 204
	r, err = h.CallBatchByChunk(t.Context(), echoes(150))
	require.ErrorAs(t, err, &be)
	assert.Len(t, be.Failed, 50)
	assert.True(t, r.At(49).IsSuccess())
	assert.True(t, b24.MayHaveExecuted(r.At(50).Err()))
	require.ErrorIs(t, r.At(100).Err(), b24.ErrNotExecuted)
}

// What a batch cannot carry goes alone, in its place.
func TestCommandThatABatchCannotCarry(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(5)
	calls[2].Params = b24.Params{"v": b24.Params{"a": nil, "b": []int{}, "c": "see $result[x]"}}

	r, err := h.CallBatchByChunk(t.Context(), calls)

	require.NoError(t, err)
	assert.Equal(t, 2, p.Calls("batch"))
	assert.Len(t, p.HTTPRequests(), 3)
	assert.JSONEq(t, `{"a":null,"b":[],"c":"see $result[x]"}`, string(r.At(2).Raw()))
	assert.Equal(t, `"4"`, string(r.At(4).Raw()))
	order := []string{}
	for _, r := range p.HTTPRequests() {
		order = append(order, r.Method)
	}
	assert.Equal(t, []string{"batch", "echo", "batch"}, order)

	_, err = h.CallBatchByChunk(t.Context(), slices.Insert(calls, 1, b24.Command{Method: "bad"}))
	require.ErrorIs(t, err, b24.Code("BAD"))
	assert.Len(t, p.HTTPRequests(), 4) // the halt holds for what goes alone too
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

		n = 0
		for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(230)), b24.WithConcurrency(workers)) {
			if n++; n == 20 {
				break
			}
		}
		assert.LessOrEqual(t, p.Calls("batch"), 5+workers) // nothing is read ahead
	}
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

func TestClosedClientSendsNoBatch(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	require.NoError(t, h.Close())
	_, err := h.CallBatch(t.Context(), echoes(1))
	require.ErrorIs(t, err, b24.ErrClosed)
	_, err = h.CallBatchByChunk(t.Context(), echoes(1))
	require.ErrorIs(t, err, b24.ErrClosed)
	_, err = h.CallListMethod(t.Context(), "crm.deal.list", nil)
	require.ErrorIs(t, err, b24.ErrClosed)
	assert.Empty(t, p.Requests())
}

func TestChunksOfAnyNumber(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	r, err := h.CallBatchByChunk(t.Context(), b24.Commands{}) // acceptance 200
	require.NoError(t, err)
	assert.Zero(t, r.Len())
	assert.Empty(t, p.Requests())

	r, err = h.CallBatchByChunk(t.Context(), echoes(60)) // acceptance 199
	require.NoError(t, err)
	assert.Equal(t, 60, r.Len())
	assert.Len(t, p.HTTPRequests(), 2)

	named := b24.NamedCommands{} // acceptance 205
	for i := range 120 {
		named["n"+strconv.Itoa(i)] = b24.Command{Method: "echo", Params: b24.Params{"v": i}}
	}
	r, err = h.CallBatchByChunk(t.Context(), named)
	require.NoError(t, err)
	for name, row := range r.All() { // acceptance 172, 232
		assert.Equal(t, strconv.Quote(name[1:]), string(row.Raw()))
	}
}

// One batch is one request to the budget, and one success.
func TestBatchCostsOneRequest(t *testing.T) { // acceptance 126
	t.Parallel()
	var own slot
	p, h := newPortal(t, b24.WithLimiter(&own))
	echo(p)
	_, err := h.CallBatch(t.Context(), echoes(50))
	require.NoError(t, err)
	assert.Equal(t, 1, own.waits)
	assert.Equal(t, 1, own.accept)
}

// What the rows of a batch tell of operating time counts for single calls too.
func TestTimesOfRowsFeedTheGuard(t *testing.T) { // acceptance 140, 197
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(8*time.Minute),
			b24test.WithOperatingCost(b24test.CostModel{PerCall: 160 * time.Second}, writes))
		answers(p, writes, 1)
		h := newHook(t, p)
		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}, {Method: writes}, {Method: writes}})
		require.NoError(t, err)
		started := time.Now()
		_, err = h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)
		assert.Greater(t, time.Since(started), 9*time.Minute)
		assert.Zero(t, h.Stats().Refusals)
	})
}

func TestWholeBatchFails(t *testing.T) { // acceptance 179-182
	t.Parallel()
	p, h := newPortal(t)
	denied := b24test.Status(401, `{"error":"INVALID_CREDENTIALS","error_description":"d"}`)
	for range 2 {
		p.Fault("batch", denied)
	}
	r, err := h.CallBatch(t.Context(), echoes(3))
	require.ErrorIs(t, err, b24.ErrInvalidCredentials)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	require.Equal(t, 3, r.Len())
	_, err = h.V3().CallBatch(t.Context(), b24.Commands{{Method: "a.get"}})
	require.ErrorIs(t, err, b24.ErrInvalidCredentials)
}
