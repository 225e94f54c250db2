package b24test_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/time/rate"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// deaf is a limiter that counts requests and does not hear of refusals.
type deaf struct{ *rate.Limiter }

func (deaf) Refused(time.Duration) {}
func (deaf) Accepted()             {}

func newDeaf() b24.Limiter {
	const perSecond, burst = 2, 50
	return deaf{rate.NewLimiter(perSecond, burst)}
}

// findings is a testing.TB that counts what a check finds.
type findings struct {
	testing.TB

	n int
}

func (f *findings) Errorf(string, ...any) { f.n++ }

func TestCheckLimiterFindsFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		found := findings{TB: t}
		b24test.CheckLimiter(&found, newDeaf)
		assert.Positive(t, found.n)
	})
}

// patient waits for the portal's rest before it counts.
type patient struct {
	*rate.Limiter

	rest chan time.Time // one value: the end of the rest
}

func newPatient() b24.Limiter {
	const perSecond, burst = 2, 50
	p := patient{rate.NewLimiter(perSecond, burst), make(chan time.Time, 1)}
	p.rest <- time.Time{}
	return p
}

func (p patient) Wait(ctx context.Context) error {
	until := <-p.rest
	p.rest <- until
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return p.Limiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p patient) Refused(retryAfter time.Duration) {
	<-p.rest
	p.rest <- time.Now().Add(max(retryAfter, time.Second))
}

func (patient) Accepted() {}

func TestCheckLimiterIsContent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { b24test.CheckLimiter(t, newPatient) })
}
