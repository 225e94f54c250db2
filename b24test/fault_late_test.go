package b24test_test

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

// The connection breaks, and the method runs after the caller looked for its write in vain.
func TestExecuteLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		c := clientOf(t, p)
		p.Fault("crm.deal.add", b24test.ExecuteLate(time.Minute))
		began := time.Now()
		_, err := c.CallMethod(t.Context(), "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "a"}})
		require.Error(t, err)
		assert.Zero(t, time.Since(began))
		assert.Equal(t, []int{1, 0}, []int{p.Calls("crm.deal.add"), p.Executed("crm.deal.add")})
		time.Sleep(time.Minute - 1)
		synctest.Wait()
		assert.Empty(t, p.Rows("crm.deal"))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.Len(t, p.Rows("crm.deal"), 1)
		assert.Equal(t, 1, p.Executed("crm.deal.add"))
	})
}

// The method runs also if the caller gives up while it waits, and behind a proxy's page.
func TestExecutedLateOutlivesTheCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		c := clientOf(t, p)
		p.Fault("crm.deal.add", b24test.Pass().ExecutedLate(time.Minute), b24test.HTML(http.StatusGatewayTimeout).ExecutedLate(time.Minute),
			b24test.Pass().ExecutedLate(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.CallMethod(ctx, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "a"}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, http.StatusGatewayTimeout, call(t, p, "crm.deal.add", `{"fields":{"TITLE":"b"}}`).Status)
		assert.Empty(t, p.Rows("crm.deal"))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		assert.Len(t, p.Rows("crm.deal"), 2)
		assert.Equal(t, "3", resultText(t, call(t, p, "crm.deal.add", `{"fields":{"TITLE":"c"}}`)), "a caller who waits gets the answer")
	})
}

// A late command ends its batch.
func TestALateCommandOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		p.Fault("crm.lead.add", b24test.ExecuteLate(time.Minute))
		_, err := clientOf(t, p).CallMethod(t.Context(), "batch", b24.Params{"cmd": []string{"crm.deal.add", "crm.lead.add", "crm.deal.add"}})
		require.Error(t, err)
		assert.Empty(t, p.Rows("crm.lead"))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, p.Rows("crm.lead"), 1)
		assert.Len(t, p.Rows("crm.deal"), 1)
	})
}

// So does one of REST 3.0.
func TestALateCommandOfABatchOfREST3(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := goodsV3(t, 0)
		p.Fault("shop.good.add", b24test.HTML(http.StatusGatewayTimeout).ExecutedLate(time.Minute))
		a := callV3(t, p, "batch", `[{"method":"shop.good.add","query":{"fields":{"title":"a"}}},{"method":"shop.good.add","query":{"fields":{"title":"b"}}}]`)
		require.Equal(t, http.StatusGatewayTimeout, a.Status)
		assert.Empty(t, p.V3().Rows("shop.good"))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Len(t, p.V3().Rows("shop.good"), 1)
	})
}

// Closing the portal ends the wait.
func TestCloseEndsLateMethods(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		p.Fault("crm.deal.add", b24test.ExecuteLate(time.Hour))
		_, err := clientOf(t, p).CallMethod(t.Context(), "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "a"}})
		require.Error(t, err)
		began := time.Now()
		p.Close()
		assert.Zero(t, time.Since(began))
		assert.Empty(t, p.Rows("crm.deal"))
	})
}

func TestClearFaults(t *testing.T) {
	t.Parallel()
	p := echo(t, b24test.WithMemory())
	p.Fault("M", b24test.HTML(http.StatusBadGateway).Always())
	assert.Equal(t, http.StatusBadGateway, call(t, p, "m", `{}`).Status)
	p.Fault("m", b24test.HTML(http.StatusInternalServerError))
	p.ClearFaults("m")
	p.ClearFaults("other")
	assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
	p.Fault("*", b24test.HTML(http.StatusBadGateway).Always())
	p.ClearFaults("*")
	assert.Equal(t, http.StatusOK, call(t, p, "m", `{}`).Status)
}
