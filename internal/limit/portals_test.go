package limit_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/limit"
)

func TestClientsOfOneHostShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := limit.Acquire("share.example", 2, 50)
		defer a.Release()
		for _, host := range []string{"share.example", "SHARE.example", "share.example:443", "share.example."} {
			b := limit.Acquire(host, 2, 50)
			assert.Same(t, a.Bucket, b.Bucket, host)
			b.Release()
		}
		for _, host := range []string{"share.example:8443", "other.share.example"} {
			b := limit.Acquire(host, 2, 50)
			assert.NotSame(t, a.Bucket, b.Bucket, host)
			b.Release()
		}
	})
}

func TestNamesOfOneHostShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := limit.Acquire("портал.share.рф", 2, 50)
		defer a.Release()
		for _, host := range []string{"xn--80awhdgm.share.xn--p1ai", "XN--80AWHDGM.share.xn--p1ai:443", "Портал.Share.РФ", "портал.share.рф.:443"} {
			b := limit.Acquire(host, 2, 50)
			assert.Same(t, a.Bucket, b.Bucket, host)
			b.Release()
		}
		b := limit.Acquire("портал.share.рф:8443", 2, 50)
		assert.NotSame(t, a.Bucket, b.Bucket)
		b.Release()
	})
}

func TestClientsOfOneHostSpendOneBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := limit.Acquire(t.Name(), 2, 10), limit.Acquire(t.Name(), 2, 10)
		defer a.Release()
		drain(t, a.Bucket, 6)
		drain(t, b.Bucket, 4)
		d, _, err := a.Take(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 500*ms, d)
		b.Release()
		d, _, err = a.Take(t.Context())
		assert.NoError(t, err)
		assert.Equal(t, 500*ms, d, "one client less changes nothing")
	})
}

func TestLowestPlanOfTheClientsCounts(t *testing.T) {
	t.Parallel()
	for range 10 { // plans are compared in any order
		lowestPlanCounts(t)
	}
}

func lowestPlanCounts(t *testing.T) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		check := func(s *limit.Shared, rate float64, burst int) {
			t.Helper()
			assert.InDelta(t, rate, s.State().PerSecond, 1e-9)
			assert.Equal(t, burst, s.State().Burst)
		}
		noWish := limit.Acquire(t.Name(), 0, 0)
		check(noWish, 2, 50)
		enterprise := limit.Acquire(t.Name(), 5, 250)
		check(noWish, 5, 250)
		slow := limit.Acquire(t.Name(), 1, 300)
		check(noWish, 1, 250)
		same := limit.Acquire(t.Name(), 1, 250)
		slow.Release()
		slow.Release() // does nothing
		check(noWish, 1, 250)
		same.Release()
		check(noWish, 5, 250)
		enterprise.Release()
		check(noWish, 2, 50)
		noWish.Release()
	})
}

func TestLastReleaseForgetsTheBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := limit.Acquire(t.Name(), 2, 1)
		drain(t, a.Bucket, 1)
		var group sync.WaitGroup
		group.Go(func() { assert.NoError(t, a.Wait(t.Context())) }) // goes on waiting
		synctest.Wait()
		a.Release()
		b := limit.Acquire(t.Name(), 2, 1)
		a.Release() // not b's hold
		c := limit.Acquire(t.Name(), 2, 1)
		assert.NotSame(t, a.Bucket, b.Bucket)
		assert.Same(t, b.Bucket, c.Bucket)
		drain(t, b.Bucket, 1)
		b.Release()
		c.Release()
		group.Wait()
	})
}

func TestAcquireFromManyGoroutines(t *testing.T) {
	t.Parallel()
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			for j := range 200 {
				s := limit.Acquire(fmt.Sprintf("%s-%d", t.Name(), (i+j)%5), float64(1+j%3), 10_000)
				assert.NoError(t, s.Wait(t.Context()))
				s.Accepted()
				s.Release()
			}
		})
	}
	group.Wait()
}

func ExampleAcquire() {
	one := limit.Acquire("portal.example", 0, 0)
	defer one.Release()
	other := limit.Acquire("portal.example:443", limit.EnterpriseRate, limit.EnterpriseBurst)
	defer other.Release()

	fmt.Println(one.State().PerSecond, one.State().Burst, one.Bucket == other.Bucket)
	// Output: 5 250 true
}

// Clients that nobody closes cost nothing beyond themselves, and the wish of one that is
// closed twice is taken back once.
func TestWishesAreCounted(t *testing.T) {
	t.Parallel()
	const host = "wishes.example"
	keep := limit.Acquire(host, 5, 250)
	defer keep.Release()
	low, again := limit.Acquire(host, 2, 50), limit.Acquire(host, 2, 50)
	low.Release()
	low.Release()
	assert.InDelta(t, 2, keep.State().PerSecond, 0)
	again.Release()
	assert.InDelta(t, 5, keep.State().PerSecond, 0)
}

func TestCredentialsOfOnePortalShareAGuard(t *testing.T) {
	t.Parallel()
	a := limit.AcquireGuard("guard.example", "one", time.Minute)
	b := limit.AcquireGuard("GUARD.example:443", "one", time.Minute)
	assert.Same(t, a.Guard, b.Guard)
	for name, other := range map[string]*limit.SharedGuard{
		"credential": limit.AcquireGuard("guard.example", "two", time.Minute),
		"host":       limit.AcquireGuard("other.guard.example", "one", time.Minute),
		"limit":      limit.AcquireGuard("guard.example", "one", time.Hour),
	} {
		assert.NotSame(t, a.Guard, other.Guard, name)
		other.Release()
	}

	a.Release()
	a.Release() // does nothing
	c := limit.AcquireGuard("guard.example", "one", time.Minute)
	assert.Same(t, b.Guard, c.Guard)
	b.Release()
	c.Release()
	d := limit.AcquireGuard("guard.example", "one", time.Minute)
	assert.NotSame(t, b.Guard, d.Guard, "with the last one it is forgotten")
	d.Release()
}
