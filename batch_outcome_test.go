package b24_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// stalled is a limiter that grants nothing any more after a while.
type stalled struct {
	slot

	from time.Time
}

func (s *stalled) Wait(ctx context.Context) error {
	if time.Now().Before(s.from) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// A command that the repeat of a batch did not come to may have run the first time, also
// where nothing is sent any more.
func TestCommandThatOnlyTheRepeatLeftOut(t *testing.T) {
	t.Parallel()
	for name, within := range map[string]time.Duration{"no time to wait": 5 * time.Second, "closed": 2 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithOperatingLimit(0), b24.WithLimiter(&stalled{from: time.Now().Add(4 * time.Second)}))
			answers(p, reads, 1)
			answers(p, writes, 7)
			p.Fault("batch", b24test.ResetAfter())
			p.Fault(reads, b24test.Pass(), b24test.OperationTimeLimit().Always())
			ctx, cancel := context.WithTimeout(t.Context(), within)
			defer cancel()
			time.AfterFunc(time.Hour, func() { _ = h.Close() })

			r, _ := h.CallBatch(ctx, b24.Commands{{Method: reads}, {Method: writes}}, b24.WithIdempotent())

			err := r.At(1).Err()
			assert.Equal(t, 1, p.Executed(writes), name)
			require.ErrorIs(t, err, b24.ErrNoAnswer, name)
			require.NotErrorIs(t, err, b24.ErrNotExecuted, name)
			assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), "%s: %v", name, err)
		})
	}
}

// So may one that the value of its reference keeps out of the next batch.
func TestCommandThatGoesAloneAfterALostBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		answers(p, reads, true)
		answers(p, writes, 7)
		p.Fault("batch", b24test.ResetAfter())
		p.Fault(writes, b24test.Pass(), b24test.OperationTimeLimit(), b24test.Refuse(&b24.Error{Code: "DUPLICATE", Status: 400}))
		var b b24.Batch
		none := b.Add(reads, nil)
		added := b.Add(writes, b24.Params{"flag": none.Ref()}) // a bool, which a batch cannot carry

		_, err := h.CallBatch(t.Context(), &b, b24.WithIdempotent())

		require.ErrorIs(t, err, b24.Code("DUPLICATE"))
		assert.Equal(t, 2, p.Calls("batch"))
		assert.Equal(t, 1, p.Executed(writes))
		_, err = added.Get()
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), err)
	})
}

// A read that goes alone is a call like any other: it is repeated after a lost answer.
func TestAloneReadIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		answers(p, reads, 1)
		p.Fault(reads, b24test.ResetAfter())
		_, err := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: reads, Params: b24.Params{"x": nil}}})
		require.NoError(t, err)
		assert.Equal(t, 2, p.Executed(reads))
	})
}

// That a command was refused before does not tell what became of it in a batch whose answer
// is lost.
func TestRefusedCommandOfALostBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithOperatingLimit(0))
		answers(p, writes, 7)
		p.Fault("batch", b24test.Pass(), b24test.ResetAfter())
		p.Fault(writes, b24test.OperationTimeLimit())

		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})

		assert.Equal(t, 1, p.Executed(writes))
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err), err)
	})
}

// A refusal beside a result is none: the command ran, and is not sent again.
func TestRefusalBesideAResult(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"OPERATION_TIME_LIMIT", "QUERY_LIMIT_EXCEEDED"} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			body(p, "batch", http.StatusOK, `{"result":{"result":[5],"result_error":[{"error":"`+code+`"}]}}`)

			r, err := h.CallBatch(t.Context(), b24.Commands{{Method: writes}})

			require.ErrorIs(t, err, b24.Code(code))
			assert.Equal(t, 1, p.Calls("batch"))
			assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.At(0).Err()), r.At(0).Err())
		})
	}
}
