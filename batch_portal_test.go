package b24_test

import (
	"context"
	"encoding/json"
	"net/http"
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
func TestLimitsOnCommandsAreWaitedOut(t *testing.T) {
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

// One batch is one request to the budget, and one success.
func TestBatchCostsOneRequest(t *testing.T) {
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
func TestTimesOfRowsFeedTheGuard(t *testing.T) {
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

func TestWholeBatchFails(t *testing.T) {
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

// A write that goes alone is a call like any other: a lost answer does not repeat it.
func TestAloneWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, writes, 1)
		p.Fault(writes, b24test.ResetAfter())
		_, err := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: writes, Params: b24.Params{"x": nil}}})
		assert.True(t, b24.MayHaveExecuted(err))
		assert.Equal(t, 1, p.Executed(writes))
	})
}

// A row's next page asks for what its command asked for: with the values its references
// led to, and no more boldly.
func TestNextPageOfARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, "made", b24.Params{"ID": "7"})
		var asked []any
		p.Handle("my.write", func(r b24test.Request) (any, error) {
			asked = append(asked, r.Params["filter"])
			return b24test.Result{Value: []int{1}, Next: new(50)}, nil
		})
		var b b24.Batch
		made := b.Add("made", nil)
		list := b.Add("my.write", b24.Params{"filter": b24.Params{"COMPANY_ID": made.Ref("ID")}})
		_, err := h.CallBatch(t.Context(), &b)
		require.NoError(t, err)
		assert.JSONEq(t, `{"filter":{"COMPANY_ID":"7"}}`, string(list.Result().Query().Params))

		_, err = list.Result().FetchNext(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []any{map[string]any{"COMPANY_ID": "7"}, map[string]any{"COMPANY_ID": "7"}}, asked)

		p.Fault("my.write", b24test.ResetAfter())
		_, err = list.Result().FetchNext(t.Context())
		assert.True(t, b24.MayHaveExecuted(err))
		assert.Len(t, asked, 3) // it may write: it is not repeated
	})
}

// A command whose method broke down may have been executed, in a batch as outside of one.
func TestRowThatBrokeDown(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{"result":[],"result_error":[{"error":"INTERNAL_SERVER_ERROR","error_description":"d"}]}`,
		`{"result":[],"result_error":[{"error":"ERROR_UNEXPECTED_ANSWER","error_description":"d"}]}`,
		`{"result":[],"result_error":[{"error":"WRONG_ENCODING","error_description":"d"}]}`,
		`{"result":[1],"result_error":[{"error":"MY_CODE","error_description":"d"}]}`, // an error, and yet a result
		`{"result":[1],"result_error":[{"error":"OPERATION_TIME_LIMIT","error_description":"d"}]}`,
	} {
		p, h := newPortal(t)
		body(p, "batch", 200, `{"result":`+answer+`}`)
		r, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})
		require.Error(t, err)
		assert.True(t, b24.MayHaveExecuted(r.At(0).Err()), answer)
		assert.Equal(t, 1, p.Calls("batch"), answer)
	}
	for _, answer := range []string{`{"result":[1],"result_error":[null]}`, `{"result":[1],"result_error":{"0":[]}}`, `{"result":{"0":1,"7":5,"x":1},"result_error":{"y":{"error":"E"}}}`} {
		p, h := newPortal(t)
		body(p, "batch", 200, `{"result":`+answer+`}`)
		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})
		require.NoError(t, err, answer)
	}
}

// Refusals of single commands do not add up as long as others get through.
func TestEachCommandRefusedOnce(t *testing.T) {
	t.Parallel()
	for _, limit := range []b24test.Fault{b24test.OperationTimeLimit(), b24test.QueryLimitExceeded()} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			echo(p)
			for range 30 {
				p.Fault("echo", limit, b24test.Pass())
			}
			_, err := h.CallBatch(t.Context(), echoes(30))
			require.NoError(t, err)
			assert.Equal(t, 30, p.Executed("echo"))
			assert.EqualValues(t, 30, h.Stats().Refusals)
			assert.NotZero(t, h.Stats().Waited)
		})
	}
}

// An answer with many refusals is one to the request budget.
func TestRefusalsOfOneAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var own slot
		p, h := newPortal(t, b24.WithLimiter(&own))
		echo(p)
		for range 10 {
			p.Fault("echo", b24test.QueryLimitExceeded())
		}
		started := time.Now()
		_, err := h.CallBatch(t.Context(), echoes(10), b24.WithHaltOnError(false))
		require.NoError(t, err)
		assert.Equal(t, 1, own.refused)
		assert.Equal(t, 2, own.waits)
		assert.EqualValues(t, 1, h.Stats().Refusals)
		assert.GreaterOrEqual(t, time.Since(started), time.Second) // a limiter of one's own need not wait
	})
}

// Who wants no repeat gets the refusal of a command at once.
func TestRefusedCommandWithoutRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		echo(p)
		p.Fault("echo", b24test.OperationTimeLimit())
		_, err := h.CallBatch(t.Context(), echoes(2), b24.WithoutRetry())
		require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
		assert.Equal(t, 1, p.Calls("batch"))
	})
}

// What comes after a command that was refused, and for which there was no time to wait,
// did not run.
func TestLimitWithoutTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		echo(p)
		p.Fault("echo", b24test.OperationTimeLimit())
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		r, err := h.CallBatch(ctx, b24.Commands{{Method: "echo"}, {Method: "other"}})
		var be *b24.BatchError
		require.ErrorAs(t, err, &be)
		require.Len(t, be.Failed, 1)
		require.ErrorIs(t, be.Failed[0].Err, b24.ErrOperationTimeLimit)
		require.ErrorIs(t, be.Failed[0].Err, context.DeadlineExceeded)
		assert.Equal(t, []int{1}, be.NotExecuted)
		require.ErrorIs(t, r.At(1).Err(), b24.ErrNotExecuted)
	})
}

func TestPendingOfABatchThatWasSent(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	var b b24.Batch
	b.Add("echo", b24.Params{"v": 1})
	_, err := h.CallBatch(t.Context(), &b)
	require.NoError(t, err)
	late := b.Add("echo", b24.Params{"v": 2})
	_, err = late.Get()
	require.ErrorIs(t, err, b24.ErrNotExecuted)
	assert.Nil(t, late.Result())

	_, err = h.CallBatch(t.Context(), (*b24.Batch)(nil))
	require.ErrorIs(t, err, b24.ErrEmptyBatch)
}

// A command that was queued under some condition only may be asked for and referred to.
func TestPendingThatWasNotQueued(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, none := range []*b24.Pending[int]{nil, {}} {
		assert.Nil(t, none.Result())
		_, err := none.Get()
		require.ErrorIs(t, err, b24.ErrNotExecuted)
		var b b24.Batch
		b.Add("echo", b24.Params{"v": none.Ref("id"), "all": none.RefAll("id")})
		_, err = h.CallBatch(t.Context(), &b)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
	assert.Empty(t, p.Requests())
}

// Not even code of the caller's that runs while a batch is sent, or its panic, has it sent again.
func TestBatchIsSentOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, writes, 7)
	var b b24.Batch
	one := b.Add(writes, nil)
	again := func(b24.Progress) {
		_, err := h.CallBatch(t.Context(), &b)
		require.ErrorIs(t, err, b24.ErrBatchSent)
		panic("mine")
	}

	assert.PanicsWithValue(t, "mine", func() { _, _ = h.CallBatchByChunk(t.Context(), &b, b24.WithProgress(again)) })

	_, err := h.CallBatchByChunk(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrBatchSent)
	assert.Equal(t, 1, p.Executed(writes))
	_, err = one.Get()
	require.ErrorIs(t, err, b24.ErrNoAnswer)
	require.ErrorContains(t, err, "the portal may have executed it")
	assert.True(t, b24.MayHaveExecuted(err))
}

// One that could not be sent can be, another way.
func TestBatchThatWasNotSent(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	var b b24.Batch
	b.Add("echo", b24.Params{"v": nil})
	_, err := h.CallBatch(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())

	_, err = h.CallBatchByChunk(t.Context(), &b)
	require.NoError(t, err)
}

// To the portal null is no value; of another batch there is none.
func TestReferencesToNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	answers(p, "null", b24.Params{"ID": nil})
	var b b24.Batch
	null := b.Add("null", nil)
	b.Add("echo", b24.Params{"v": null.Ref("ID")})
	_, err := h.CallBatch(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrReference)

	var other b24.Batch
	_, err = h.CallBatch(t.Context(), b24.Commands{{Method: "echo", Params: b24.Params{"v": other.Add("echo", nil).Ref()}}})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

// Nor is one filled in that stands in a text of JSON.
func TestReferenceInAText(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	var b b24.Batch
	text, err := json.Marshal(b24.Params{"id": b.Add("echo", nil).Ref()})
	require.NoError(t, err)
	b.Add("echo", b24.Params{"v": string(text)})

	_, err = h.CallBatch(t.Context(), &b)

	require.ErrorIs(t, err, b24.ErrInvalidParams)
	require.ErrorContains(t, err, "command 1")
	assert.Empty(t, p.Requests())
}

// A reference that is put into its own or an earlier command by hand is refused.
func TestReferencesBackwards(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	params := b24.Params{}
	var b b24.Batch
	b.Add("echo", params)
	second := b.Add("echo", b24.Params{"v": 1})
	params["v"] = second.Ref()
	_, err := h.CallBatch(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	require.ErrorContains(t, err, "not before this one")

	params = b24.Params{}
	var circle b24.Batch
	params["v"] = circle.Add("echo", params).Ref()
	_, err = h.CallBatch(t.Context(), &circle)
	require.ErrorContains(t, err, "not before this one")
	assert.Empty(t, p.Requests())
}

// Of a batch that is repeated after a lost answer each command may have run the first
// time, whatever the second answer says of it.
func TestRepeatedBatchMayHaveRunBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		ran := 0
		p.Handle(writes, func(b24test.Request) (any, error) {
			if ran++; ran == 3 {
				return nil, &b24.Error{Code: "DUPLICATE", Status: 400}
			}
			return 7, nil
		})
		p.Fault("batch", b24test.ResetAfter())
		r, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes, Params: b24.Params{"n": 1}}, {Method: writes, Params: b24.Params{"n": 2}}}, b24.WithIdempotent())
		require.ErrorIs(t, err, b24.Code("DUPLICATE"))
		for i := range 2 {
			assert.True(t, b24.MayHaveExecuted(r.At(i).Err()), r.At(i).Err())
		}
	})
}

// What is not sent again, or is refused the next time, may have run the first time.
func TestCommandThatMayHaveRunBefore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		of   b24test.Fault // of the third request
		then func(h *b24.Hook)
		want error
	}{
		"deadline": {b24test.Pass(), func(*b24.Hook) {}, context.DeadlineExceeded},
		"close":    {b24test.Pass(), func(h *b24.Hook) { _ = h.Close() }, b24.ErrClosed},
		"refused":  {b24test.OverloadLimit(), func(*b24.Hook) {}, b24.ErrOverloadLimit},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithOperatingLimit(0))
			answers(p, writes, 7)
			p.Fault("batch", b24test.ResetAfter(), b24test.Pass(), test.of)
			p.Fault(writes, b24test.Pass(), b24test.OperationTimeLimit(), b24test.OperationTimeLimit().Always())
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			time.AfterFunc(5*time.Second, func() { test.then(h) })

			r, err := h.CallBatch(ctx, b24.Commands{{Method: writes}}, b24.WithIdempotent())

			require.ErrorIs(t, err, test.want, name)
			assert.Equal(t, 1, p.Executed(writes))
			assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.At(0).Err()), "%s: %v", name, r.At(0).Err())
		})
	}
}

// So may one that is kept back because the second attempt of what it refers to failed.
func TestReferringCommandThatMayHaveRunBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		echo(p)
		ran := 0
		p.Handle(writes, func(b24test.Request) (any, error) {
			if ran++; ran == 2 {
				return nil, &b24.Error{Code: "DUPLICATE"}
			}
			return 7, nil
		})
		p.Fault("batch", b24test.ResetAfter())
		var b b24.Batch
		added := b.Add(writes, nil)
		after := b.Add("echo", b24.Params{"v": added.Ref()})

		_, _ = h.CallBatch(t.Context(), &b, b24.WithIdempotent(), b24.WithHaltOnError(false))

		_, err := after.Get()
		assert.Equal(t, 1, p.Executed("echo"))
		require.ErrorIs(t, err, b24.ErrReference)
		require.NotErrorIs(t, err, b24.ErrNotExecuted)
		assert.True(t, b24.MayHaveExecuted(err), err)
	})
}

// Each command tells of its own refusal, whatever kept it from being sent again.
func TestRefusalsThatAreNotWaitedOut(t *testing.T) {
	t.Parallel()
	for _, guarded := range []time.Duration{0, 480 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithOperatingLimit(guarded))
			echo(p)
			answers(p, writes, 7)
			p.Fault("echo", b24test.OperationTimeLimit().Always())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := h.CallBatch(ctx, echoes(1))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.ErrorIs(t, err, b24.ErrOperationTimeLimit)
			assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))

			time.Sleep(time.Hour)
			p.Fault(writes, b24test.QueryLimitExceeded().Always())
			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			r, _ := h.CallBatch(ctx, append(echoes(1), b24.Command{Method: writes}), b24.WithHaltOnError(false))
			require.ErrorIs(t, r.At(0).Err(), b24.ErrOperationTimeLimit)
			require.ErrorContains(t, r.At(0).Err(), "b24: echo: ")
			require.ErrorIs(t, r.At(1).Err(), b24.ErrQueryLimitExceeded)
		})
	}
}

// A result beside an error is no reason to send what refers to it.
func TestReferenceToAResultBesideAnError(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	body(p, "batch", http.StatusOK, `{"result":{"result":{"c0":5},"result_error":{"c0":{"error":"BAD"}}}}`)
	var b b24.Batch
	after := b.Add(writes, b24.Params{"id": b.Add(writes, nil).Ref()})

	_, err := h.CallBatch(t.Context(), &b, b24.WithHaltOnError(false))

	require.ErrorIs(t, err, b24.Code("BAD"))
	_, err = after.Get()
	require.ErrorIs(t, err, b24.ErrNotExecuted)
	assert.Equal(t, 1, p.Calls("batch"))
}

// A command whose references are settled in part is sent with both: the value that is known
// and the reference to what runs beside it.
func TestReferencesToAnEarlierAndToTheSameRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		echo(p)
		answers(p, reads, 7)
		p.Fault(reads, b24test.OperationTimeLimit())
		var b b24.Batch
		first := b.Add("echo", b24.Params{"v": "5"})
		second := b.Add(reads, nil)
		third := b24.Queue[map[string]b24.ID](&b, "echo", b24.Params{"v": b24.Params{"a": first.Ref(), "b": second.Ref()}})

		_, err := h.CallBatch(t.Context(), &b)

		require.NoError(t, err)
		got, err := third.Get()
		require.NoError(t, err)
		assert.Equal(t, map[string]b24.ID{"a": "5", "b": "7"}, got)
		assert.Equal(t, 2, p.Calls("batch"))
		assert.Contains(t, string(p.HTTPRequests()[1].RawBody), "v[a]=5&v[b]=%24result%5Bc1%5D")
	})
}

// What is shown of a command whose reference led to nothing is JSON all the same.
func TestQueryOfAReferenceToNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	answers(p, "null", b24.Params{"ID": nil})
	var b b24.Batch
	lost := b.Add("echo", b24.Params{"v": b.Add("null", nil).Ref("ID")})
	_, err := h.CallBatch(t.Context(), &b)
	require.ErrorIs(t, err, b24.ErrReference)
	assert.True(t, json.Valid(lost.Result().Query().Params), string(lost.Result().Query().Params))
}

// A text of a customer's that looks like a reference is a text.
func TestTextThatLooksLikeAReference(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	for _, text := range []string{"b24ref~", "b24ref~ is what somebody wrote", "b24ref~ABCDEFGHIJKLMNOPQRSTUVWXYZ~x~00", "b24ref~ABC~0~00"} {
		_, err := h.CallMethod(t.Context(), "echo", b24.Params{"v": text})
		require.NoError(t, err, text)
		r, err := h.CallBatch(t.Context(), b24.Commands{{Method: "echo", Params: b24.Params{"v": text}}})
		require.NoError(t, err, text)
		assert.Equal(t, strconv.Quote(text), string(r.At(0).Raw()))

		var b b24.Batch
		five := b.Add("echo", b24.Params{"v": "5"})
		both := b24.Queue[[]string](&b, "echo", b24.Params{"v": []any{text, five.Ref()}}) // the one beside it is filled in
		_, err = h.CallBatch(t.Context(), &b)
		require.NoError(t, err, text)
		got, err := both.Get()
		require.NoError(t, err)
		assert.Equal(t, []string{text, "5"}, got)
	}
}
