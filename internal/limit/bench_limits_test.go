package limit_test

import (
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/b24go/b24/internal/limit"
)

// BenchmarkLimits compares what a call without contention pays for its turn with what
// the limiter of golang.org/x/time/rate takes for one.
func BenchmarkLimits(b *testing.B) {
	b.Run("rate", func(b *testing.B) {
		limiter := rate.NewLimiter(1e9, 1000)
		b.ReportAllocs()
		for b.Loop() {
			if err := limiter.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bucket", func(b *testing.B) {
		bucket := limit.New(1e9, 1000)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := bucket.Take(b.Context()); err != nil {
				b.Fatal(err)
			}
			bucket.Accepted()
		}
	})
	for name, keys := range map[string][]string{"guard": {deals}, "guard of fifty": manyKeys()} {
		b.Run(name, func(b *testing.B) {
			g := limit.NewGuard(limit.DefaultOperating)
			resetAt := time.Now().Add(time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := g.Wait(b.Context(), keys...); err != nil {
					b.Fatal(err)
				}
				g.Observe(deals, time.Second, resetAt)
				g.Done(keys...)
			}
		})
	}
}
