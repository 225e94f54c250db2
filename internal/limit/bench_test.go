package limit_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/b24go/b24/b24test" //nolint:depguard // its store takes no time
	"github.com/b24go/b24/internal/limit"
)

func BenchmarkBucket(b *testing.B) {
	bucket := limit.New(1e9, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := bucket.Take(b.Context()); err != nil {
			b.Fatal(err)
		}
		bucket.Accepted()
	}
}

// BenchmarkBucketThatLearned is one that was refused once.
func BenchmarkBucketThatLearned(b *testing.B) {
	bucket := limit.New(math.Inf(1), 1000)
	bucket.Refused(time.Nanosecond)
	for range 2000 {
		bucket.Accepted()
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := bucket.Take(b.Context()); err != nil {
			b.Fatal(err)
		}
		bucket.Accepted()
	}
}

// BenchmarkBucketInAStore is one whose store takes no time: what the state costs, to read, to change
// and to write it.
func BenchmarkBucketInAStore(b *testing.B) {
	for _, members := range []int{1, 20} {
		b.Run(strconv.Itoa(members), func(b *testing.B) {
			store := b24test.NewStore()
			var last *limit.Shared
			for range members {
				last = limit.AcquireIn(&server{Store: store}, b.Name(), 1e9, 1000)
				b.Cleanup(last.Release)
				if err := last.Wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := last.Take(b.Context()); err != nil {
					b.Fatal(err)
				}
				last.Accepted()
			}
		})
	}
}

func BenchmarkGuard(b *testing.B) {
	for _, c := range []struct {
		name string
		keys []string
	}{{"one", []string{deals}}, {"fifty", manyKeys()}} {
		b.Run(c.name, func(b *testing.B) {
			g := limit.NewGuard(limit.DefaultOperating)
			resetAt := time.Now().Add(time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := g.Wait(b.Context(), c.keys...); err != nil {
					b.Fatal(err)
				}
				g.Observe(deals, time.Second, resetAt)
				g.Done(c.keys...)
			}
		})
	}
	b.Run("literal", func(b *testing.B) {
		g := limit.NewGuard(limit.DefaultOperating)
		resetAt := time.Now().Add(time.Minute)
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := g.Wait(b.Context(), deals); err != nil {
				b.Fatal(err)
			}
			g.Observe(deals, time.Second, resetAt)
			g.Done(deals)
		}
	})
}

func manyKeys() []string {
	var keys []string
	for range 25 {
		keys = append(keys, deals, contacts)
	}
	return keys
}
