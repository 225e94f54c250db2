package limit

import "time"

// WithJitter sets the source of randomness: numbers from 0 up to 1.
func (b *Bucket) WithJitter(source func() float64) *Bucket {
	b.jitter = source
	return b
}

// WithJitter sets the source of randomness: numbers from 0 up to 1.
func (g *Guard) WithJitter(source func() float64) *Guard {
	g.jitter = source
	return g
}

// Methods is the number of methods known at present.
func (g *Guard) Methods() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.methods)
}

// Delay returns how long a call of the methods waits at least: the time of the
// slowest of them, without the jitter that Wait adds.
func (g *Guard) Delay(keys ...string) time.Duration {
	if g.limit <= 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	var most time.Duration
	for _, key := range keys {
		if u := g.methods[key]; u != nil && !u.old(now) {
			d, _ := g.delay(u, now)
			most = max(most, d)
		}
	}
	return most
}

// HoldOf returns a hold on a guard, as if it was that of a credential.
func HoldOf(g *Guard, credential string) *SharedGuard {
	return &SharedGuard{Guard: g, key: guardKey{credential: credential}}
}
