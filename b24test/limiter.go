package b24test

import (
	"testing"

	"github.com/b24go/b24"
	"github.com/b24go/b24/internal/limit/limittest"
)

// CheckLimiter checks that a limiter does what a client relies on, see [b24.Limiter]: that a burst goes out at once, that nothing goes out while
// the portal wants rest, that a wait ends with its context, no later than its deadline, and that whoever gives up costs the others nothing.
//
// create returns a fresh limiter each time, with a budget of at least 8 requests at once and 2 a second. A run takes some seconds, in the bubble of
// testing/synctest seconds of its fake time.
func CheckLimiter(tb testing.TB, create func() b24.Limiter) {
	tb.Helper()
	limittest.Run(tb, func() limittest.Limiter { return create() })
}
